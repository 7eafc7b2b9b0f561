import { InvariantError, type Logger } from '@polyproof/base';
import { encodeBase58 } from '../../base58.js';
import { ExecutorCrashedError } from '../../errors.js';
import type {
  AccountEntry,
  BlockLimits,
  ExecutedBlock,
  GroupResult,
  RuntimeContext,
  RuntimeExecutor,
  RuntimeTransaction,
} from '../types.js';
import type { AccountCache } from './account-cache.js';
import { AccountCompactor } from './account-compactor.js';
import type { AccountRecord } from './account-record.js';
import { prepare, takeLocks, usedCost, usesTableOfThisBlock } from './admission.js';
import { BlockBudget } from './block-budget.js';
import { executedBlock, rejectedOutcome } from './block-result.js';
import { costExceedsLimits } from './cost-model.js';
import { CrashTally } from './crash-tally.js';
import { Lane } from './lane.js';
import { Scheduled } from './scheduled.js';

export interface BlockExecutionOptions {
  limits: BlockLimits;
  /** transactions that an executor is given at once */
  groupSize: number;
  /** engine crashes in one block, beyond those that a single transaction is to blame for */
  maxCrashes: number;
  /** by `performance.now()`: from then on nothing new is started */
  deadline: number;
}

/** so that an executor has work while its last results are on their way */
const GROUPS_IN_FLIGHT = 2;
/** Shipping an account to another executor is worth waiting for so many transactions. */
const SHIPPING_WEIGHT = 4;

/** The execution of one block: an event loop of its own, driven by the results of groups. */
export class BlockExecution {
  readonly #options: BlockExecutionOptions;
  readonly #context: RuntimeContext;
  readonly #lanes: readonly Lane[];
  readonly #cache: AccountCache;
  readonly #logger: Logger;
  readonly #candidates: Scheduled[];
  readonly #budget: BlockBudget;
  readonly #crashes: CrashTally;
  readonly #compactor = new AccountCompactor();
  readonly #changed: AccountRecord[] = [];
  #end: { resolve: (block: ExecutedBlock) => void; reject: (error: unknown) => void } | undefined;
  /** index of the next candidate to be admitted */
  #cursor = 0;
  #late = false;
  /** The next part of the candidates is going to be admitted. */
  #continues = false;
  #inFlight = 0;
  #failure: unknown;

  constructor(
    options: BlockExecutionOptions,
    modules: {
      context: RuntimeContext;
      executors: readonly RuntimeExecutor[];
      cache: AccountCache;
      logger: Logger;
    },
    candidates: readonly RuntimeTransaction[],
  ) {
    this.#options = options;
    this.#context = modules.context;
    this.#lanes = modules.executors.map((executor, index) => new Lane(index, executor));
    this.#cache = modules.cache;
    this.#logger = modules.logger;
    this.#budget = new BlockBudget(options.limits);
    this.#crashes = new CrashTally(options.maxCrashes);
    const executors = this.#lanes.length;
    const unfinished = new Uint32Array(candidates.length * executors);
    this.#candidates = candidates.map(
      (transaction, index) => new Scheduled(index, transaction, executors, unfinished),
    );
  }

  run(): Promise<ExecutedBlock> {
    return new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
      this.#advance();
    });
  }

  /** Does what can be done now; if that is much, part of it after what is sent so far is on its way. */
  #advance(): void {
    let isMore = false;
    try {
      if (this.#failure === undefined) {
        isMore = !this.#isLate && this.#admit(this.#options.groupSize * this.#lanes.length);
        for (const lane of this.#lanes) this.#fill(lane);
      }
    } catch (error) {
      this.#failure ??= error;
    }
    if (isMore && this.#failure === undefined) this.#continue();
    else if (this.#inFlight === 0 && !this.#continues) this.#finishBlock();
  }

  #continue(): void {
    if (this.#continues) return;
    this.#continues = true;
    setImmediate(() => {
      this.#continues = false;
      this.#advance();
    });
  }

  get #isLate(): boolean {
    this.#late ||= performance.now() >= this.#options.deadline;
    return this.#late;
  }

  // Admission: in the block's order, as far as the limits allow.

  /** @returns whether there is more than these, and nothing to wait for */
  #admit(count: number): boolean {
    const end = Math.min(this.#cursor + count, this.#candidates.length);
    for (; this.#cursor < end; this.#cursor++) {
      const candidate = this.#candidates[this.#cursor]!;
      if (candidate.locks.length === 0) prepare(candidate, this.#cache);
      const verdict = this.#judge(candidate);
      if (verdict === 'wait') return false;
      for (let i = 0; i < candidate.writes; i++) candidate.locks[i]!.writeRequested = true;
      if (verdict === 'full') continue;
      candidate.stage = 'admitted';
      takeLocks(candidate);
      this.#place(candidate);
    }
    return end < this.#candidates.length;
  }

  #judge(candidate: Scheduled): 'admitted' | 'wait' | 'full' {
    const error = costExceedsLimits(candidate.requestedCost, this.#options.limits);
    if (error !== undefined) {
      candidate.outcome = rejectedOutcome(error);
      return 'full';
    }
    const { locks, writes } = candidate;
    for (let i = 0; i < writes; i++) if (locks[i]!.full) return 'full';
    if (usesTableOfThisBlock(candidate, this.#cache)) return 'full';
    return this.#budget.admit(candidate);
  }

  /** Queues the candidate where nothing that is still to be sent comes before it. */
  #place(candidate: Scheduled): void {
    if (candidate.stage !== 'admitted' || candidate.lane !== -1) return;
    const { destination } = candidate;
    if (destination === undefined) return;
    const lane = destination === 'any' ? this.#bestLane(candidate) : this.#lanes[destination]!;
    candidate.lane = lane.index;
    lane.load++;
    (destination === 'any' ? lane.free : lane.bound).push(candidate);
  }

  /** Where most of its accounts are and least is to be done. */
  #bestLane({ locks }: Scheduled): Lane {
    let best = this.#lanes[0]!;
    if (this.#lanes.length === 1) return best;
    let bestScore = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) {
      let score = lane.load;
      for (const record of locks) if (record.held[lane.index] !== record.current) score += SHIPPING_WEIGHT;
      if (score >= bestScore) continue;
      best = lane;
      bestScore = score;
    }
    return best;
  }

  // Dispatch: groups to executors that have less than enough to do.

  #fill(lane: Lane): void {
    lane.retried ??= lane.suspects.shift();
    if (lane.retried !== undefined) {
      // Nothing beside it, so that it is known who is to blame. Also when it is late: the next block would crash again.
      if (lane.groupsInFlight === 0) this.#send(lane, [lane.retried]);
      return;
    }
    while (lane.groupsInFlight < GROUPS_IN_FLIGHT && !this.#isLate) {
      const group = this.#takeGroup(lane);
      if (group.length === 0) return;
      this.#send(lane, group);
    }
  }

  #takeGroup(lane: Lane): Scheduled[] {
    const group: Scheduled[] = [];
    if (lane.queued === 0 && lane.groupsInFlight === 0) this.#steal(lane);
    while (group.length < this.#options.groupSize) {
      const next = lane.next();
      if (next === undefined) break;
      this.#dispatch(next, lane);
      group.push(next);
    }
    return group;
  }

  /** An idle executor takes half of what may be executed anywhere from the busiest one. */
  #steal(lane: Lane): void {
    const victim = this.#lanes.reduce((a, b) => (b.free.length > a.free.length ? b : a));
    for (let count = Math.ceil(victim.free.length / 2); count > 0; count--) {
      const stolen = victim.free.shift()!;
      stolen.lane = lane.index;
      victim.load--;
      lane.load++;
      lane.free.push(stolen);
    }
  }

  /** From here on the candidate is executed in this lane, before all that is dispatched to it later. */
  #dispatch(candidate: Scheduled, lane: Lane): void {
    candidate.stage = 'sent';
    for (const successor of candidate.successors) {
      successor.sent(lane.index);
      this.#place(successor);
    }
  }

  #send(lane: Lane, group: Scheduled[]): void {
    const { executor, index } = lane;
    if (!lane.begun) {
      lane.begun = true;
      executor.beginBlock(this.#context);
    }
    const { generation } = executor;
    this.#cache.checkGeneration(index, generation);
    const accounts = this.#cache.takeRemovals(index);
    for (const { locks, writes } of group)
      for (let i = 0; i < locks.length; i++) {
        const record = locks[i]!;
        this.#cache.ship(record, index, accounts);
        if (i < writes) record.writtenBy = index;
      }
    lane.groupsInFlight++;
    this.#inFlight++;
    executor.execute({ accounts, transactions: group.map(({ transaction }) => transaction) }).then(
      (result) => this.#receive(lane, group, result, generation),
      (error: unknown) => this.#lose(lane, group, error),
    );
  }

  // Results.

  #receive(lane: Lane, group: Scheduled[], result: GroupResult, generation: number): void {
    if (lane.executor.generation !== generation) {
      // It was executed by an engine that lacked the accounts.
      this.#lose(lane, group, new ExecutorCrashedError('EXECUTOR_CRASHED', 'the engine started anew.'));
      return;
    }
    this.#land(lane);
    if (group[0] === lane.retried) lane.retried = undefined;
    try {
      this.#adopt(lane, result.accounts);
      if (result.outcomes.length !== group.length)
        throw new InvariantError(`${result.outcomes.length} outcomes of ${group.length} transactions`);
      for (let i = 0; i < group.length; i++) {
        const candidate = group[i]!;
        candidate.outcome = result.outcomes[i]!;
        this.#finish(candidate, usedCost(candidate, candidate.outcome));
      }
    } catch (error) {
      this.#failure ??= error;
    }
    this.#advance();
  }

  #land(lane: Lane): void {
    lane.groupsInFlight--;
    this.#inFlight--;
  }

  #adopt({ index }: Lane, accounts: readonly AccountEntry[]): void {
    for (const [address, bytes] of accounts) {
      const record = this.#cache.get(address);
      if (record.writtenBy !== index)
        throw new InvariantError('an engine changed an account that no transaction of its locks', {
          address,
        });
      record.current = this.#compactor.compact(bytes);
      record.held[index] = record.current;
      if (record.changed) continue;
      record.changed = true;
      this.#changed.push(record);
    }
  }

  #finish(candidate: Scheduled, cost: number): void {
    candidate.stage = 'done';
    this.#lanes[candidate.lane]!.load--;
    this.#budget.settle(candidate, cost);
    for (const successor of candidate.successors) {
      successor.finished(candidate.lane);
      this.#place(successor);
    }
  }

  /** The engine died: what it was executing did not happen, and is tried again one by one. */
  #lose(lane: Lane, group: Scheduled[], error: unknown): void {
    this.#land(lane);
    this.#cache.forget(lane.index);
    if (!(error instanceof ExecutorCrashedError)) this.#failure ??= error;
    else if (lane.retried !== undefined && group[0] === lane.retried) this.#blame(lane, lane.retried);
    else for (const candidate of group) lane.suspects.push(candidate);
    this.#failure ??= this.#crashes.count(error);
    this.#advance();
  }

  #blame(lane: Lane, candidate: Scheduled): void {
    if (!this.#crashes.blames(candidate)) return;
    lane.retried = undefined;
    candidate.poisonous = true;
    this.#logger.warn('a transaction crashes the engine: it is left out', {
      signature: encodeBase58(candidate.transaction.transaction.signatures[0]!),
    });
    this.#finish(candidate, 0);
  }

  #finishBlock(): void {
    const { resolve, reject } = this.#end!;
    try {
      if (this.#failure !== undefined) reject(this.#failure);
      else
        resolve(
          executedBlock(this.#candidates, {
            changed: this.#changed,
            cost: this.#budget.used,
            late: this.#late,
          }),
        );
    } catch (error) {
      reject(error);
    }
  }
}
