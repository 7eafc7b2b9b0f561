import { equalBytes, InvariantError, type Logger } from '@polyproof/base';
import { ExecutorCrashedError } from '../../errors.js';
import type {
  AccountEntry,
  AccountSource,
  BlockLimits,
  BlockRuntime,
  ExecutedBlock,
  RuntimeContext,
  RuntimeExecutor,
  RuntimeTransaction,
  SimulationResult,
} from '../types.js';
import { AccountCache } from './account-cache.js';
import { prepare } from './admission.js';
import { BlockExecution } from './block-execution.js';
import { DEFAULT_BLOCK_LIMITS } from './cost-model.js';
import { RuntimeError } from './errors.js';
import { Scheduled } from './scheduled.js';

export interface ParallelRuntimeOptions {
  /** Default {@link DEFAULT_BLOCK_LIMITS}: 60 million compute units a block, 40 % of them an account. */
  limits?: Partial<BlockLimits>;
  /** Transactions that an executor is given at once. Default 64. */
  groupSize?: number;
  /** Accounts that are remembered, and so held by executors. Default 200,000. */
  maxAccounts?: number;
  /** Engine crashes in one block that no single transaction is to blame for, before the block is given up. Default 10. */
  maxCrashes?: number;
}

export interface ParallelRuntimeModules {
  /** at least one; closed together with the runtime */
  executors: readonly RuntimeExecutor[];
  /** for simulations; closed together with the runtime */
  simulator: RuntimeExecutor;
  accounts: AccountSource;
  logger: Logger;
}

/**
 * Executes blocks on several engines.
 *
 * The result is that of executing the candidates one after the other: transactions whose declared locks conflict are
 * executed in the order of the block, as Agave's scheduler does it. The accounts are kept here; engines are caches of
 * them and may die at any time.
 */
export class ParallelRuntime implements BlockRuntime {
  readonly #options: Required<Omit<ParallelRuntimeOptions, 'limits'>> & { limits: BlockLimits };
  readonly #modules: ParallelRuntimeModules;
  readonly #cache: AccountCache;
  readonly #simulatorCache: AccountCache;
  #simulatorContext: RuntimeContext | undefined;
  #running: Promise<unknown> | undefined;
  #closed = false;

  constructor(options: ParallelRuntimeOptions, modules: ParallelRuntimeModules) {
    const { limits, groupSize = 64, maxAccounts = 200_000, maxCrashes = 10 } = options;
    this.#options = { limits: { ...DEFAULT_BLOCK_LIMITS, ...limits }, groupSize, maxAccounts, maxCrashes };
    this.#modules = modules;
    const { executors, accounts: source } = modules;
    this.#cache = new AccountCache({ executors: executors.length, maxAccounts }, { source });
    this.#simulatorCache = new AccountCache({ executors: 1, maxAccounts }, { source });
  }

  /**
   * One block at a time.
   * @throws {RuntimeError} when engines die and no transaction is to blame; nothing happened then
   */
  async execute(
    context: RuntimeContext,
    candidates: readonly RuntimeTransaction[],
    { deadlineMs = Number.POSITIVE_INFINITY }: { deadlineMs?: number } = {},
  ): Promise<ExecutedBlock> {
    this.#assertOpen();
    if (this.#running !== undefined) throw new InvariantError('two blocks are executed at the same time');
    this.#cache.open();
    const execution = new BlockExecution(
      { ...this.#options, deadline: performance.now() + deadlineMs },
      { ...this.#modules, context, cache: this.#cache },
      candidates,
    );
    this.#running = execution.run();
    try {
      return (await this.#running) as ExecutedBlock;
    } finally {
      this.#running = undefined;
    }
  }

  /** @throws {ExecutorCrashedError} when the transaction crashes the engine: twice, so that it is to blame */
  async simulate(
    context: RuntimeContext,
    transaction: RuntimeTransaction,
    { verifySignatures }: { verifySignatures: boolean },
  ): Promise<SimulationResult> {
    this.#assertOpen();
    const run = () => {
      const accounts = this.#accountsForSimulation(transaction);
      const { simulator } = this.#modules;
      if (!isSameBlock(this.#simulatorContext, context)) simulator.beginBlock(context);
      this.#simulatorContext = context;
      return simulator.simulate({ accounts, transaction, verifySignatures });
    };
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ExecutorCrashedError)) throw error;
      this.#simulatorCache.forget(0);
      return await run();
    }
  }

  /** Nothing to do: whatever executors hold is compared with the account source before it is used. */
  discard(): void {}

  /** Waits for the block at hand. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running?.catch(() => undefined);
    const { executors, simulator } = this.#modules;
    await Promise.all([...executors, simulator].map((executor) => executor.close()));
  }

  #accountsForSimulation(transaction: RuntimeTransaction): AccountEntry[] {
    const cache = this.#simulatorCache;
    cache.open();
    cache.checkGeneration(0, this.#modules.simulator.generation);
    const candidate = new Scheduled(0, transaction, 1, new Uint32Array(1));
    prepare(candidate, cache);
    const accounts = cache.takeRemovals(0);
    for (const record of candidate.locks) cache.ship(record, 0, accounts);
    return accounts;
  }

  #assertOpen(): void {
    if (this.#closed) throw new RuntimeError('CLOSED', 'the runtime is closed: open the bank again.');
  }
}

/** To begin a block costs the engine much more than to simulate in it. */
function isSameBlock(a: RuntimeContext | undefined, b: RuntimeContext): boolean {
  return (
    a !== undefined &&
    a.slot === b.slot &&
    a.unixTimestamp === b.unixTimestamp &&
    equalBytes(a.blockhashes.at(-1)!, b.blockhashes.at(-1)!)
  );
}
