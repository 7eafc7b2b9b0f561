import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SequenceReport } from '@polyproof/aggregator';
import { createLogger, fieldToHex, type Hex } from '@polyproof/base';
import { DEVNET_CONFIG } from '../config.js';
import { Devnet } from '../devnet.js';
import { NodeError } from '../errors.js';
import { MemoryMeter } from '../terminal/memory.js';
import { onStop } from '../terminal/on-stop.js';
import { Progress } from '../terminal/progress.js';
import { formatTable } from '../terminal/table.js';
import { DemoTraffic } from './demo-traffic.js';
import { reportProgress } from './report-progress.js';
import { sendTransactions } from './send-transactions.js';
import { verifiedSequences } from './verified-sequences.js';

/** wallets that send each other tokens */
const WALLETS = 4;
/** transfers of the batches of the second sequence; the first one has a batch that makes the token */
const TRANSFERS = [4, 24];
const SEQUENCES = 2;
/** no verified sequence for this long means that something is broken */
const PATIENCE_MS = 600_000;

/** What `polyproof demo --json` prints. */
export interface DemoResult {
  ok: boolean;
  rollupRoot: Hex;
  verifiedRoot: Hex;
  /** since the command was started, set-up included */
  totalSeconds: number;
  /** all processes together */
  peakMemoryBytes: number;
  sequences: {
    batches: number;
    transactions: number;
    proofs: { kind: string; gates: number; seconds: number; prover: string }[];
    commitGas: number;
    revealGas: number;
    /** wei, as a decimal string */
    reward: string;
  }[];
}

/** Runs the whole way once, from Solana transfers to a verified root, and reports it. */
export async function demo(options: {
  json: boolean;
  cacheDirectory?: string;
  /** milliseconds since 1970 at which the command was started */
  startedAt: number;
}): Promise<DemoResult> {
  const progress = new Progress(options.json ? process.stderr : process.stdout);
  const memory = new MemoryMeter();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'polyproof-demo-'));
  const config = DEVNET_CONFIG.parse({
    dataDirectory,
    ...(options.cacheDirectory === undefined ? {} : { cacheDirectory: options.cacheDirectory }),
    rpcPort: 0,
    baseChainPort: 0,
    aggregatorPort: 0,
    // Batches and sequences are cut by hand here, so that there is one of each kind.
    batchTimeoutMs: PATIENCE_MS,
    sequenceTimeoutMs: PATIENCE_MS,
    commitWindow: 1,
  });
  const logger = createLogger({ level: 'info', file: join(dataDirectory, 'logs', 'devnet.log') });
  let devnet: Devnet | undefined;
  const run = async () => {
    devnet = await Devnet.start(config, { logger, onProgress: (step) => progress.line(step) });
    announce(progress, devnet);
    reportProgress(devnet, progress);
    const transactions = await sendSequences(devnet, progress);
    await devnet.provers.ready;
    const reports = await verifiedSequences(devnet, SEQUENCES, PATIENCE_MS);
    return { devnet, transactions, reports };
  };
  const interrupted = new Promise<never>((_resolve, reject) =>
    onStop(() => reject(new NodeError('INTERRUPTED', 'interrupted.'))),
  );
  try {
    const { devnet, transactions, reports } = await Promise.race([run(), interrupted]);
    const { verifiedStateRoot } = await devnet.settlement.getState();
    const rollupRoot = fieldToHex(devnet.bank.stateRoot);
    const verifiedRoot = fieldToHex(verifiedStateRoot);
    const result: DemoResult = {
      ok: rollupRoot === verifiedRoot,
      rollupRoot,
      verifiedRoot,
      totalSeconds: seconds(Date.now() - options.startedAt),
      peakMemoryBytes: memory.peakBytes,
      sequences: reports.map((report, i) => describe(report, transactions[i]!)),
    };
    progress.close();
    if (!options.json) printResult(result);
    return result;
  } finally {
    progress.close();
    memory.close();
    await devnet?.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

function announce(progress: Progress, devnet: Devnet): void {
  const { artifacts, anvil, rpc, deployment } = devnet;
  if (artifacts.srs.kind === 'development')
    progress.line('using the development SRS: fine on this local chain, worthless anywhere else');
  progress.line(`base chain ${anvil.url}, settlement contract ${deployment.settlement}`);
  progress.line(`rollup ${rpc.url} (Solana JSON-RPC)`);
}

/** Sends every batch's transactions and submits the sequences. Returns the transactions of each sequence. */
async function sendSequences(devnet: Devnet, progress: Progress): Promise<number[]> {
  const { url } = devnet.rpc;
  const traffic = new DemoTraffic({ wallets: devnet.accounts.slice(0, WALLETS) });
  const made = await sendTransactions(url, (blockhash) => traffic.makeToken(blockhash));
  const opened = await sendTransactions(url, (blockhash) => traffic.openAccounts(blockhash));
  await closeBatch(devnet, progress, `${made + opened} transactions that make a token`);
  await submit(devnet, progress);

  let transfers = 0;
  for (const count of TRANSFERS) {
    transfers += await sendTransactions(url, (blockhash) => traffic.transfers(count, blockhash));
    await closeBatch(devnet, progress, `${count} transfers of tokens and lamports`);
  }
  await submit(devnet, progress);
  return [made + opened, transfers];
}

/** A batch closes by itself when it is full; this closes one that is not. */
async function closeBatch(devnet: Devnet, progress: Progress, what: string): Promise<void> {
  await devnet.sequencer.closeBatch();
  progress.line(`${what} confirmed, batch ${devnet.bank.lastBatch} closed`);
}

async function submit(devnet: Devnet, progress: Progress): Promise<void> {
  const submitted = await devnet.sequencer.submitSequence();
  if (submitted === undefined) throw new NodeError('DEMO_FAILED', 'no batch was there to submit.');
  const { sequence, firstBatch, lastBatch } = submitted;
  progress.line(`sequence ${sequence} submitted: batches ${firstBatch} to ${lastBatch}`);
}

function describe(report: SequenceReport, transactions: number): DemoResult['sequences'][number] {
  return {
    batches: report.batches,
    transactions,
    proofs: report.proofs.map(({ kind, gates, witnessSeconds, proveSeconds, prover }) => ({
      kind,
      gates,
      seconds: Number((witnessSeconds + proveSeconds).toFixed(2)),
      prover,
    })),
    commitGas: Number(report.commitGas),
    revealGas: Number(report.revealGas),
    reward: String(report.rewardWei),
  };
}

function printResult(result: DemoResult): void {
  const rows = result.sequences.flatMap((sequence, i) =>
    sequence.proofs.map((proof, j) => [
      ...(j === 0 ? [String(i + 1), String(sequence.batches), String(sequence.transactions)] : ['', '', '']),
      proof.kind,
      proof.gates.toLocaleString('en'),
      proof.seconds.toFixed(1),
      proof.prover,
      ...(j === 0
        ? [gas(sequence.commitGas), gas(sequence.revealGas), ether(sequence.reward)]
        : ['', '', '']),
    ]),
  );
  console.log(`\n${formatTable(HEAD, rows)}\n`);
  console.log(`rollup root               ${result.rollupRoot}`);
  console.log(`verified on base chain    ${result.verifiedRoot}  ${result.ok ? 'equal' : 'NOT EQUAL'}`);
  const gibibytes = (result.peakMemoryBytes / 2 ** 30).toFixed(1);
  console.log(`${result.totalSeconds.toFixed(0)} s in all, at most ${gibibytes} GiB of memory`);
}

const HEAD = [
  'sequence',
  'batches',
  'transactions',
  'proof',
  'gates',
  'seconds',
  'prover',
  'commit gas',
  'reveal gas',
  'reward (ETH)',
];

function gas(amount: number): string {
  return amount.toLocaleString('en');
}

function ether(wei: string): string {
  return `${Number(BigInt(wei)) / 1e18}`;
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
