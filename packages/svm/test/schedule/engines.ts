import { equalBytes, silentLogger } from '@polyproof/base';
import { ProcessRuntimeExecutor } from '../../src/runtime/engine/process-runtime-executor.js';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import { resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import { ParallelRuntime, type ParallelRuntimeOptions } from '../../src/runtime/schedule/parallel-runtime.js';
import type {
  AccountEntry,
  ExecutedBlock,
  GroupResult,
  GroupWork,
  RuntimeContext,
  RuntimeExecutor,
  SimulationResult,
  SimulationWork,
} from '../../src/runtime/types.js';
import type { Transaction } from '../../src/transaction.js';
import { BLOCKHASH, context } from '../support/engine-transactions.js';
import { FakeSource } from './fake-executor.js';

/** An engine in a process of its own that is killed when it was given the group of this number (from 0). */
export class MortalExecutor implements RuntimeExecutor {
  readonly #inner = new ProcessRuntimeExecutor({}, { logger: silentLogger });
  readonly #deaths: ReadonlySet<number>;
  #groups = 0;

  constructor(deaths: readonly number[] = []) {
    this.#deaths = new Set(deaths);
  }

  get generation(): number {
    return this.#inner.generation;
  }

  beginBlock(given: RuntimeContext): void {
    this.#inner.beginBlock(given);
  }

  execute(work: GroupWork): Promise<GroupResult> {
    const result = this.#inner.execute(work);
    if (this.#deaths.has(this.#groups++)) process.kill(this.#inner.processId!, 'SIGKILL');
    return result;
  }

  simulate(work: SimulationWork): Promise<SimulationResult> {
    return this.#inner.simulate(work);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** A runtime on engine processes, and the accounts that a bank would keep. */
export class RealRuntime {
  source = new FakeSource();
  slot = 100n;
  readonly runtime: ParallelRuntime;

  constructor(executors: readonly RuntimeExecutor[], options: ParallelRuntimeOptions = {}) {
    this.runtime = new ParallelRuntime(options, {
      executors,
      simulator: new MortalExecutor(),
      accounts: { get: (address) => this.source.get(address) },
      logger: silentLogger,
    });
  }

  /** Starts over with these accounts; the engines keep what they have. */
  reset(accounts: readonly AccountEntry[]): void {
    this.source = new FakeSource();
    this.source.adopt(accounts);
  }

  async block(transactions: readonly Transaction[]): Promise<ExecutedBlock> {
    this.slot++;
    const block = await this.runtime.execute(
      context({ slot: this.slot }),
      transactions.map((transaction) =>
        resolveTransaction(transaction, {
          accounts: this.source,
          slot: this.slot,
          slotHashes: context().slotHashes,
          isBlockhashRecent: (hash) => equalBytes(hash, BLOCKHASH),
        }),
      ),
    );
    this.source.adopt(block.accounts);
    return block;
  }
}

/** All that two runtimes have to agree about. */
export function summary({ executed, deferred, poisonous, accounts, cost }: ExecutedBlock) {
  return {
    outcomes: executed.map(({ outcome }) => ({
      ...outcome,
      meta: Buffer.from(outcome.meta).toString('hex'),
    })),
    signatures: executed.map(({ transaction }) => addressKey(transaction.transaction.signatures[0]!)),
    left: [deferred.length, poisonous.length],
    accounts: accounts
      .map(([address, bytes]) => `${hex(address)} ${bytes === null ? 'gone' : hex(bytes)}`)
      .sort(),
    cost,
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
