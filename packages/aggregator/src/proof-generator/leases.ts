import { and, eq, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { type Connection, databaseNow } from '../database/database.js';
import { leases, type TaskKind, tasks } from '../database/schema.js';
import type { TaskRow } from './check-statement.js';

export interface LeaseOptions {
  /** how long a lease lasts without a heartbeat */
  leaseMs: number;
  /** how long a prover may take for a task of a kind, however often it is heard of */
  timeoutMs: Readonly<Record<TaskKind, number>>;
}

/** As provers are named in leases. */
export interface LeaseHolder {
  id: string;
  name: string;
}

export type LeaseRow = typeof leases.$inferSelect;

/** An ended lease. */
export interface EndedLease {
  prover: LeaseHolder;
  /** since the prover was given the task */
  elapsedMs: number;
}

/**
 * Who works at which task: single steps, inside transactions that have locked the task. A task is leased as long as it has a
 * lease. Time is the database's, which all replicas share.
 */
export class Leases {
  readonly #options: LeaseOptions;
  readonly #time: () => SQL<Date>;

  constructor(options: LeaseOptions, modules: { time?: (() => SQL<Date>) | undefined }) {
    this.#options = options;
    this.#time = modules.time ?? (() => databaseNow);
  }

  async give(tx: Connection, task: TaskRow, prover: LeaseHolder, expectedMs: number): Promise<TaskRow> {
    const { leaseMs, timeoutMs } = this.#options;
    const timeout = timeoutMs[task.kind];
    await tx.insert(leases).values({
      task: task.id,
      proverId: prover.id,
      proverName: prover.name,
      startedAt: this.now,
      expiresAt: this.in(Math.min(leaseMs, timeout)),
      endsAt: this.in(timeout),
      expectedMs,
    });
    const [given] = await tx
      .update(tasks)
      .set({ status: 'leased', notBefore: null })
      .where(eq(tasks.id, task.id))
      .returning();
    return given!;
  }

  of(tx: Connection, taskId: string): Promise<LeaseRow[]> {
    return tx.select().from(leases).where(eq(leases.task, taskId));
  }

  /** Prolongs a lease, for a prover that may have registered anew. */
  async renew(tx: Connection, lease: LeaseRow, proverId: string): Promise<number> {
    const expiresAt = sql`least(${leases.endsAt}, ${this.in(this.#options.leaseMs)})`;
    const [renewed] = await tx
      .update(leases)
      .set({ proverId, expiresAt })
      .where(this.is(lease.proverId, lease.task))
      .returning({ elapsedMs: this.elapsedMs });
    return renewed!.elapsedMs;
  }

  /** Ends a lease; `undefined` where there is none. */
  async end(tx: Connection, proverId: string, taskId: string): Promise<EndedLease | undefined> {
    const [ended] = await tx
      .delete(leases)
      .where(this.is(proverId, taskId))
      .returning({ name: leases.proverName, elapsedMs: this.elapsedMs });
    return ended && { prover: { id: proverId, name: ended.name }, elapsedMs: ended.elapsedMs };
  }

  /** Makes a task ready again, unless another prover works at it. */
  async free(
    tx: Connection,
    task: TaskRow,
    change: { error?: string; notBefore?: SQL<Date> },
  ): Promise<boolean> {
    if ((await this.of(tx, task.id)).length > 0) return false;
    await tx
      .update(tasks)
      .set({ ...change, status: 'ready' })
      .where(eq(tasks.id, task.id));
    return true;
  }

  get now(): SQL<Date> {
    return this.#time();
  }

  in(ms: number): SQL<Date> {
    return sql`${this.#time()} + ${ms}::double precision * interval '1 millisecond'`;
  }

  /** of a lease, since it was given */
  get elapsedMs(): SQL<number> {
    return sql`extract(epoch from ${this.#time()} - ${leases.startedAt}) * 1000`.mapWith(Number);
  }

  /** Whether a task may be given out. */
  mayStart() {
    return and(eq(tasks.status, 'ready'), or(isNull(tasks.notBefore), lte(tasks.notBefore, this.#time())));
  }

  /** Whether a lease has run out. */
  due() {
    return lte(leases.expiresAt, this.#time());
  }

  is(proverId: string, taskId: string) {
    return and(eq(leases.task, taskId), eq(leases.proverId, proverId));
  }
}
