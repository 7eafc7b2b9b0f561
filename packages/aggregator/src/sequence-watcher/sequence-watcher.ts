import { type EventHub, fieldToHex, type Hex, type Logger, loop, type Service } from '@polyproof/base';
import { eq, ne } from 'drizzle-orm';
import type { Connection, Database } from '../database/database.js';
import { checkpoints, sequences } from '../database/schema.js';
import { AggregatorError } from '../errors.js';
import type { AggregatorEvents } from '../events.js';
import type { SettlementEvent, SettlementPort } from '../ports.js';
import { addSequence, reopenUnverified } from '../proof-generator/add-sequence.js';
import { cancelOpenTasks } from '../proof-generator/task-graph.js';
import type { SubmissionStore } from '../proof-sender/submission-store.js';
import { type Checkpoint, lastCommonBlock, withBlock } from './common-block.js';
import { type Announce, ofOurs } from './own-events.js';

export interface SequenceWatcherOptions {
  /** names the contract, `chainId:address`: the database is bound to it */
  settlementId: string;
  /** block of the contract's deployment: nothing of interest is before it */
  startBlock: bigint;
  operator: Hex;
  /** blocks on top of a block before it is read; default 0 */
  confirmations?: number;
  /** whether signatures are proved */
  signed: boolean;
  /** default 1,000 */
  intervalMs?: number;
  /** blocks in one query; default 2,000 */
  range?: bigint;
}

export interface SequenceWatcherModules {
  database: Database;
  settlement: SettlementPort;
  submissions: SubmissionStore;
  events: EventHub<AggregatorEvents>;
  /** called after new tasks were stored */
  onChange: () => void;
  logger: Logger;
  now: () => number;
}

/**
 * Reads the settlement contract's events into the database. Events and the block up to which they were read are
 * stored in one transaction, so that after a crash nothing is missed, and nothing counts twice, however many replicas read.
 * Blocks are known by their hashes: when the chain was reorganised, it is read again from the last common block.
 */
export class SequenceWatcher implements Service {
  readonly #options: SequenceWatcherOptions;
  readonly #modules: SequenceWatcherModules;
  readonly #abort = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  private constructor(options: SequenceWatcherOptions, modules: SequenceWatcherModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** @throws {AggregatorError} `WRONG_SETTLEMENT` when the database belongs to another contract */
  static async open(
    options: SequenceWatcherOptions,
    modules: SequenceWatcherModules,
  ): Promise<SequenceWatcher> {
    const { connection } = modules.database;
    const { settlementId: name, startBlock } = options;
    const [other] = await connection.select().from(checkpoints).where(ne(checkpoints.name, name));
    if (other !== undefined)
      throw new AggregatorError(
        'WRONG_SETTLEMENT',
        `the database belongs to settlement ${other.name}, not ${name}: choose another directory.`,
        { expected: name, found: other.name },
      );
    await connection
      .insert(checkpoints)
      .values({ name, block: startBlock - 1n })
      .onConflictDoNothing();
    return new SequenceWatcher(options, modules);
  }

  start(): void {
    this.#loop = loop({
      step: () => this.poll(),
      intervalMs: this.#options.intervalMs ?? 1_000,
      signal: this.#abort.signal,
      onError: (error) => this.#modules.logger.warn('the base chain could not be read', {}, error),
    });
  }

  /** Last block that was read. */
  async checkpoint(): Promise<bigint> {
    return (await this.#checkpoint()).block;
  }

  /** Reads everything up to the newest confirmed block, and again what a reorganisation changed. */
  async poll(): Promise<void> {
    const { settlement } = this.#modules;
    const head = await settlement.blockNumber();
    const last = head - BigInt(this.#options.confirmations ?? 0);
    const range = this.#options.range ?? 2_000n;
    while (!this.#abort.signal.aborted) {
      const read = await this.#checkpoint();
      const from = read.block + 1n;
      const to = from + range - 1n < last ? from + range - 1n : last;
      // Asked before all else: whatever is read below is of the chain that ends here, if it still does afterwards.
      const hash = from > to ? undefined : await settlement.blockHash(to);
      const common = await lastCommonBlock(read, { head, startBlock: this.#options.startBlock }, settlement);
      if (common < read.block) await this.#rewind(read, common);
      else if (hash === undefined || !(await this.#read(read, { from, to, hash }))) return;
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  /** @returns whether the blocks are read now, by whom ever */
  async #read(
    read: Checkpoint,
    { from, to, hash }: { from: bigint; to: bigint; hash: Hex },
  ): Promise<boolean> {
    const { settlement, onChange } = this.#modules;
    const events = await settlement.getEvents(from, to);
    const { verifiedSequence } = await settlement.getState();
    const roots = new Map<bigint, Hex>();
    for (const event of events)
      if (event.type === 'SequenceSubmitted')
        roots.set(event.sequence, fieldToHex(await settlement.getClaimedRoot(event.sequence - 1n)));
    if ((await settlement.blockHash(to)) !== hash) return false;
    const announcements: Announce[] = [];
    await this.#advance(read, { block: to, recent: withBlock(read.recent, to, hash) }, async (tx) => {
      for (const event of events)
        announcements.push(await this.#apply(tx, event, roots.get(event.sequence), verifiedSequence));
    });
    for (const announce of announcements) announce();
    if (announcements.length > 0) onChange();
    return true;
  }

  /** Goes back to the last block that is still as it was read. */
  async #rewind(read: Checkpoint, common: bigint): Promise<void> {
    const { settlement, onChange, logger } = this.#modules;
    const { verifiedSequence } = await settlement.getState();
    const recent = read.recent.filter(({ block }) => BigInt(block) <= common);
    let reopened = 0;
    await this.#advance(read, { block: common, recent }, async (tx) => {
      reopened = await reopenUnverified(tx, verifiedSequence, this.#options.signed);
    });
    logger.warn('the base chain was reorganised: reading it again', {
      from: common + 1n,
      to: read.block,
      reopened,
    });
    onChange();
  }

  async #checkpoint(): Promise<Checkpoint> {
    const [row] = await this.#modules.database.connection
      .select()
      .from(checkpoints)
      .where(eq(checkpoints.name, this.#options.settlementId));
    return row!;
  }

  /** Moves the checkpoint, together with what `work` stores; not when another replica was faster. */
  async #advance(from: Checkpoint, to: Checkpoint, work: (tx: Connection) => Promise<void>): Promise<void> {
    const is = eq(checkpoints.name, this.#options.settlementId);
    await this.#modules.database.transaction(async (tx) => {
      const [checkpoint] = await tx.select().from(checkpoints).where(is).for('update');
      if (checkpoint?.block !== from.block) return;
      await work(tx);
      await tx.update(checkpoints).set(to).where(is);
    });
  }

  #apply(
    tx: Connection,
    event: SettlementEvent,
    prevStateRoot: Hex | undefined,
    verifiedSequence: bigint,
  ): Promise<Announce> {
    if (event.type === 'SequenceSubmitted')
      return this.#submitted(tx, event, prevStateRoot!, event.sequence <= verifiedSequence);
    if (event.type === 'SequenceVerified') return this.#verified(tx, event);
    return this.#isOurs(event.operator) ? ofOurs(tx, event, this.#modules) : Promise.resolve(() => undefined);
  }

  async #submitted(
    tx: Connection,
    event: Extract<SettlementEvent, { type: 'SequenceSubmitted' }>,
    prevStateRoot: Hex,
    verified: boolean,
  ): Promise<Announce> {
    const { sequence, firstBatch, lastBatch } = event;
    const createdAt = new Date(this.#modules.now());
    const more = { prevStateRoot, verified, createdAt, signed: this.#options.signed };
    if (!(await addSequence(tx, event, more))) return () => undefined;
    return () => {
      this.#modules.logger.info('sequence to prove', { sequence, firstBatch, lastBatch });
      this.#modules.events.emit('sequenceSeen', { sequence, firstBatch, lastBatch });
    };
  }

  async #verified(
    tx: Connection,
    event: Extract<SettlementEvent, { type: 'SequenceVerified' }>,
  ): Promise<Announce> {
    const { sequence, operator } = event;
    const mine = this.#isOurs(operator);
    await tx
      .update(sequences)
      .set({
        status: 'verified',
        error: null,
        verifiedBy: operator,
        verifiedAt: new Date(this.#modules.now()),
      })
      .where(eq(sequences.number, sequence));
    await cancelOpenTasks(tx, sequence);
    return () => {
      this.#modules.logger.info('sequence verified', { sequence, operator, mine });
      this.#modules.events.emit('sequenceVerified', { sequence, operator, mine });
    };
  }

  #isOurs(operator: Hex): boolean {
    return operator.toLowerCase() === this.#options.operator.toLowerCase();
  }
}
