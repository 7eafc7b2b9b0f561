import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvariantError, silentLogger } from '@polyproof/base';
import {
  DemoTraffic,
  developmentKeypair,
  openProcessBank,
  processStatelessExecutor,
  WitnessBatchSource,
} from '@polyproof/node';
import type { Artifacts, CircuitInputs } from '@polyproof/proofs';
import {
  BATCH_CIRCUITS,
  type Bank,
  type BatchCircuit,
  decodeTransaction,
  encodeBase58,
  LAMPORTS_PER_SIGNATURE,
  type StatelessExecutor,
} from '@polyproof/svm';

const LAMPORTS = 1_000_000_000_000n;

export interface TransferBatch {
  transfers: number;
  circuit: BatchCircuit;
  inputs: CircuitInputs;
}

/** Batches of p-token transfers that follow each other, made as a rollup makes them. */
export class TransferBatches {
  readonly #directory: string;
  readonly #bank: Bank;
  readonly #stateless: StatelessExecutor;
  readonly #source: WitnessBatchSource;
  readonly #traffic: DemoTraffic;

  private constructor(parts: {
    directory: string;
    bank: Bank;
    artifacts: Artifacts;
    traffic: DemoTraffic;
  }) {
    this.#directory = parts.directory;
    this.#bank = parts.bank;
    this.#traffic = parts.traffic;
    this.#stateless = processStatelessExecutor({ logger: silentLogger });
    this.#source = new WitnessBatchSource(parts, { bank: parts.bank, stateless: this.#stateless });
  }

  /** @param options - `wallets`: how many send each other tokens, each to the next one */
  static async open(options: { artifacts: Artifacts; wallets: number }): Promise<TransferBatches> {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
    const wallets = Array.from({ length: options.wallets }, (_, i) => developmentKeypair(`bench ${i}`));
    const collector = developmentKeypair('bench collector');
    const bank = await openProcessBank(
      {
        directory,
        executors: 1,
        config: {
          rollupId: 1n,
          collector: collector.address,
          lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
          genesis: [...wallets, collector].map(({ address }) => ({ address, lamports: LAMPORTS })),
        },
      },
      { logger: silentLogger },
    );
    const traffic = new DemoTraffic({ wallets });
    const batches = new TransferBatches({ directory, bank, artifacts: options.artifacts, traffic });
    const blockhash = encodeBase58(bank.latestBlockhash);
    const setUp = [...(await traffic.makeToken(blockhash)), ...(await traffic.openAccounts(blockhash))];
    for (let done = 0; done < setUp.length; ) done += await batches.#fill(setUp.slice(done));
    return batches;
  }

  /** The next batch: as many transfers as a circuit has room for. */
  async filling(circuit: BatchCircuit): Promise<TransferBatch> {
    for (let offered = BATCH_CIRCUITS[circuit].transactions; offered > 0; offered--) {
      const batch = await this.#next(offered);
      if (batch.circuit === circuit) return batch;
    }
    throw new InvariantError(`no batch of transfers is proved in ${circuit}`);
  }

  async close(): Promise<void> {
    await this.#bank.close();
    await this.#stateless.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #next(offered: number): Promise<TransferBatch> {
    const blockhash = encodeBase58(this.#bank.latestBlockhash);
    const transfers = await this.#fill(await this.#traffic.tokenTransfers(offered, blockhash));
    const { program, inputs } = await this.#source.getBatchInputs(this.#bank.lastBatch);
    return { transfers, circuit: program as BatchCircuit, inputs };
  }

  /** Closes a batch of as many of these as fit, and says how many. */
  async #fill(wire: readonly Uint8Array[]): Promise<number> {
    const candidates = wire.map((bytes) => this.#bank.resolve(decodeTransaction(bytes)));
    const fitting = this.#bank.fitting(candidates.map(({ transaction }) => transaction));
    const { block, included } = await this.#bank.produceBlock(candidates.slice(0, fitting));
    const failed = [...this.#bank.getBlockTransactions(block.slot)].some(({ error }) => error !== undefined);
    if (fitting === 0 || failed || included.length < fitting)
      throw new InvariantError('transactions of a bench were not executed');
    await this.#bank.closeBatch();
    return fitting;
  }
}
