import type { SequenceReport } from '@polyproof/aggregator';
import { sleep } from '@polyproof/base';
import type { Devnet } from '../devnet.js';
import { NodeError } from '../errors.js';

/**
 * Waits until the base chain has verified that many sequences, and the aggregator knows what each cost.
 * @throws {NodeError} `DEMO_FAILED` when one cannot be proved, or not in time
 */
export async function verifiedSequences(
  devnet: Devnet,
  sequences: number,
  patienceMs: number,
): Promise<SequenceReport[]> {
  const failures: string[] = [];
  const forget = devnet.aggregator.events.on('sequenceFailed', ({ sequence, reason }) =>
    failures.push(`sequence ${sequence}: ${reason}`),
  );
  const deadline = Date.now() + patienceMs;
  try {
    for (;;) {
      const { verifiedSequence } = await devnet.settlement.getState();
      if (verifiedSequence >= BigInt(sequences)) {
        const numbers = Array.from({ length: sequences }, (_, i) => BigInt(i + 1));
        const reports = await Promise.all(numbers.map((number) => devnet.aggregator.sequenceReport(number)));
        if (reports.every(({ revealGas, rewardWei }) => revealGas !== null && rewardWei !== null))
          return reports;
      }
      if (failures.length > 0) throw new NodeError('DEMO_FAILED', `proving failed: ${failures.join('; ')}`);
      if (Date.now() > deadline)
        throw new NodeError(
          'DEMO_FAILED',
          verifiedSequence < BigInt(sequences)
            ? `${verifiedSequence} of ${sequences} sequences were verified within ${patienceMs / 1e3} s.`
            : `${sequences} sequences were verified, but what they cost and earned was not known within ${patienceMs / 1e3} s.`,
        );
      await sleep(250);
    }
  } finally {
    forget();
  }
}
