import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvariantError, silentLogger } from '@polyproof/base';
import { DEVNET_CONFIG, DemoTraffic, Devnet, sendTransactions, verifiedSequences } from '@polyproof/node';
import { figure, type Report } from '../report.js';

const TRANSFERS = 64;
const WALLETS = 8;
const PROVERS = 2;
/** more than the transfers can need: one sequence holds all of them */
const MOST_BATCHES = TRANSFERS;
const PATIENCE_MS = 600_000;

/** Token transfers on a whole local network, from the submission of their sequence until the base chain has verified it. */
export async function settledSequence(): Promise<Report['figures']> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const config = DEVNET_CONFIG.parse({
    dataDirectory,
    rpcPort: 0,
    baseChainPort: 0,
    aggregatorPort: 0,
    provers: PROVERS,
    // Batches are closed when they are full, and the last ones here; sequences are submitted here.
    batchTimeoutMs: PATIENCE_MS,
    sequenceTimeoutMs: PATIENCE_MS,
    maxBatchesPerSequence: MOST_BATCHES,
    commitWindow: 1,
  });
  const devnet = await Devnet.start(config, { logger: silentLogger });
  try {
    const traffic = new DemoTraffic({ wallets: devnet.accounts.slice(0, WALLETS) });
    await sendTransactions(devnet.rpc.url, (blockhash) => traffic.makeToken(blockhash));
    await sendTransactions(devnet.rpc.url, (blockhash) => traffic.openAccounts(blockhash));
    await submit(devnet);
    await devnet.provers.ready;
    await verifiedSequences(devnet, 1, PATIENCE_MS);
    await sendTransactions(devnet.rpc.url, (blockhash) => traffic.tokenTransfers(TRANSFERS, blockhash));
    const verified = new Promise<number>((resolve) =>
      devnet.aggregator.events.on('sequenceVerified', () => resolve(performance.now())),
    );
    const start = await submit(devnet);
    const report = (await verifiedSequences(devnet, 2, PATIENCE_MS))[1]!;
    const name = `${TRANSFERS} transfers, ${PROVERS} provers`;
    return [
      figure(`${name}: batches`, report.batches, 'batches'),
      figure(`${name}: submitted to verified`, ((await verified) - start) / 1e3, 's'),
      figure(`${name}: proofs of batches`, provingSeconds(report.proofs, 'batch'), 's'),
      figure(`${name}: aggregation proofs`, provingSeconds(report.proofs, 'aggregation'), 's'),
      figure(`${name}: final proof`, provingSeconds(report.proofs, 'final'), 's'),
      figure(`${name}: commitment`, Number(report.commitGas), 'gas'),
      figure(`${name}: reveal and verification`, Number(report.revealGas), 'gas'),
    ];
  } finally {
    await devnet.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

function provingSeconds(
  proofs: Awaited<ReturnType<typeof verifiedSequences>>[number]['proofs'],
  kind: string,
): number {
  const made = proofs.filter((proof) => proof.kind === kind);
  return made.reduce((sum, { witnessSeconds, proveSeconds }) => sum + witnessSeconds + proveSeconds, 0);
}

/** Submits everything as one sequence; when it began to. */
async function submit(devnet: Devnet): Promise<number> {
  await devnet.sequencer.closeBatch();
  const start = performance.now();
  const submitted = await devnet.sequencer.submitSequence();
  if (submitted?.lastBatch !== devnet.bank.lastBatch)
    throw new InvariantError('a sequence does not hold all closed batches');
  return start;
}
