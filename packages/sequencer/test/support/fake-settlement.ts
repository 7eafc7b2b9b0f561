import { PolyproofError } from '@polyproof/base';
import { SettlementError, type SettlementState } from '@polyproof/chain';
import { chainDataHash } from '@polyproof/svm';
import type { SettlementPort } from '../../src/index.js';

interface FakeSequence {
  firstBatch: bigint;
  lastBatch: bigint;
  batches: Uint8Array[];
  claimedRoot: bigint;
}

/**
 * A settlement contract in memory; `fail` makes the next submissions go wrong: before they are sent, after they are
 * in a block, or while they wait for one, which they get with {@link land}.
 */
export class FakeSettlement implements SettlementPort {
  readonly sequences: FakeSequence[] = [];
  readonly fail: ('before' | 'after' | 'waiting')[] = [];
  /** Refusals of batches that were not the expected ones. */
  refusals = 0;
  onRefusal: () => void = () => undefined;
  readonly #waiting: FakeSequence[] = [];
  attempts: Uint8Array[][] = [];
  verifiedSequence = 0n;
  calls = 0;
  #dataHash = 0n;

  async getState(): Promise<SettlementState> {
    this.calls++;
    return {
      verifiedStateRoot: 0n,
      verifiedSequence: this.verifiedSequence,
      verifiedBatch: this.sequences[Number(this.verifiedSequence) - 1]?.lastBatch ?? 0n,
      lastSequence: BigInt(this.sequences.length),
      lastBatch: this.sequences.at(-1)?.lastBatch ?? 0n,
      lastDataHash: this.#dataHash,
    };
  }

  async getSequence(sequence: bigint) {
    this.calls++;
    return this.sequences[Number(sequence) - 1]!;
  }

  async getSequenceTransactions(sequence: bigint) {
    const verified = sequence <= this.verifiedSequence;
    const hash = (step: number) => `0x${step}${sequence}` as const;
    return {
      submitted: hash(1),
      committed: verified ? [hash(2)] : [],
      verified: verified ? hash(3) : undefined,
    };
  }

  async sequence(
    firstBatch: bigint,
    batches: Uint8Array[],
    claimedRoot: bigint,
  ): Promise<{ sequence: bigint; transactionHash: string }> {
    this.attempts.push(batches);
    const failure = this.fail.shift();
    if (failure === 'before') throw new PolyproofError('UNREACHABLE', 'not sent');
    // As the real client, which simulates against the block to come, with what waits for it.
    const expected = ([...this.sequences, ...this.#waiting].at(-1)?.lastBatch ?? 0n) + 1n;
    if (firstBatch !== expected) {
      this.refusals++;
      this.onRefusal();
      throw new SettlementError('UnexpectedBatch', 'not the next batch', { expected, given: firstBatch });
    }
    const lastBatch = firstBatch + BigInt(batches.length) - 1n;
    this.#waiting.push({ firstBatch, lastBatch, batches, claimedRoot });
    if (failure === 'waiting') throw new PolyproofError('TRANSACTION_PENDING', 'sent, and not in a block');
    this.land();
    if (failure === 'after') throw new PolyproofError('TIMEOUT', 'sent, but the answer was lost');
    return { sequence: BigInt(this.sequences.length), transactionHash: `0x${this.sequences.length}` };
  }

  /** A block with everything that waits for one. */
  land(): void {
    for (const sequence of this.#waiting.splice(0)) {
      this.sequences.push(sequence);
      for (const data of sequence.batches) this.#dataHash = chainDataHash(this.#dataHash, data);
    }
  }
}
