import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Field, ServiceStack, silentLogger } from '@polyproof/base';
import {
  Sequencer,
  type SequencerOptions,
  SettlementMonitor,
  type SettlementPort,
} from '@polyproof/sequencer';
import {
  Bank,
  chainDataHash,
  ParallelRuntime,
  ProcessRuntimeExecutor,
  type RollupConfig,
  SignaturePool,
} from '@polyproof/svm';
import { RpcServer, type RpcServerOptions } from '../src/index.js';
import { rawClient } from './fakes.js';
import { FAUCET_SEED, faucetAddress } from './wire.js';

export const SOL = 1_000_000_000n;

export const CONFIG: RollupConfig = {
  rollupId: 7n,
  collector: new Uint8Array(32).fill(0xc0),
  lamportsPerSignature: 5_000n,
  genesis: [{ address: faucetAddress, lamports: 1_000n * SOL }],
};

/** A settlement contract in memory; `verify` says that a proof was accepted. */
export class MemorySettlement implements SettlementPort {
  readonly sequences: { firstBatch: bigint; lastBatch: bigint; claimedRoot: Field }[] = [];
  verified = 0n;
  #dataHash: Field = 0n;

  async getState() {
    const last = this.sequences.at(-1);
    return {
      verifiedStateRoot: this.sequences[Number(this.verified) - 1]?.claimedRoot ?? 0n,
      verifiedSequence: this.verified,
      verifiedBatch: this.sequences[Number(this.verified) - 1]?.lastBatch ?? 0n,
      lastSequence: BigInt(this.sequences.length),
      lastBatch: last?.lastBatch ?? 0n,
      lastDataHash: this.#dataHash,
    };
  }
  async getSequence(sequence: bigint) {
    return this.sequences[Number(sequence) - 1]!;
  }
  async getSequenceTransactions(sequence: bigint) {
    const isVerified = sequence <= this.verified;
    return {
      submitted: `0x${sequence}` as const,
      committed: isVerified ? (['0xc0'] as const).slice() : [],
      verified: isVerified ? ('0xf0' as const) : undefined,
    };
  }
  async sequence(firstBatch: bigint, batches: Uint8Array[], claimedRoot: Field) {
    this.sequences.push({ firstBatch, lastBatch: firstBatch + BigInt(batches.length) - 1n, claimedRoot });
    for (const data of batches) this.#dataHash = chainDataHash(this.#dataHash, data);
    return { sequence: BigInt(this.sequences.length), transactionHash: `0x${this.sequences.length}` };
  }
}

/** A whole node but for the base chain: engine, bank, sequencer, server. */
export async function openNode(
  options: Partial<SequencerOptions & RpcServerOptions> & {
    directory?: string;
    settlement?: MemorySettlement;
  } = {},
) {
  const logger = silentLogger;
  const services = new ServiceStack();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'polyproof-rpc-'));
  const settlement = options.settlement ?? new MemorySettlement();
  const engine = () => new ProcessRuntimeExecutor({}, { logger });
  const bank = services.add(
    await Bank.open(
      { directory, config: CONFIG },
      {
        runtime: (accounts) =>
          new ParallelRuntime({}, { executors: [engine()], simulator: engine(), accounts, logger }),
        logger,
      },
    ),
  );
  const signatures = services.add(new SignaturePool({}, { logger }));
  const sequencer = services.add(
    await Sequencer.open({ blockTimeMs: 20, ...options }, { bank, settlement, signatures, logger }),
  );
  const monitor = services.add(await SettlementMonitor.open({ intervalMs: 60_000 }, { settlement, logger }));
  const server = services.add(
    await RpcServer.open(
      { port: 0, faucet: { secretKey: FAUCET_SEED }, ...options },
      { bank, sequencer, settlement: monitor, logger },
    ),
  );
  return {
    bank,
    sequencer,
    settlement,
    monitor,
    directory,
    url: server.url,
    raw: rawClient(server.url),
    close: () => services.close(),
    destroy: async () => {
      await services.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
