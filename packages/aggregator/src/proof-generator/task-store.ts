import type { Hex } from '@polyproof/base';
import type { ProgramName, ProvingResult } from '@polyproof/proofs';
import { and, asc, eq, ne } from 'drizzle-orm';
import type { Connection, Database } from '../database/database.js';
import { faults, leases, proofs, sequences, tasks } from '../database/schema.js';
import type { TaskRow } from './check-statement.js';
import { contentHash } from './content-hash.js';
import type { EndedLease, LeaseHolder, LeaseRow, Leases } from './leases.js';
import { failSequence, lockTask, readyWaiting } from './task-graph.js';

export interface TaskStoreOptions {
  /** how long a lease lasts without a heartbeat */
  leaseMs: number;
  /** attempts without a proof after which the task, and with it the sequence, has failed */
  maxAttempts: number;
  /** wait before the second attempt; doubles with each further one */
  retryDelayMs: number;
  /** provers that may work at one task at once */
  mostCopies: number;
}

export interface Delivery extends ProvingResult {
  peakMemoryBytes: bigint;
}

/** A task that a prover works at. */
export interface Lease extends EndedLease {
  task: TaskRow;
}

/** What became of an attempt. `sequenceFailed`: it was the last one. */
export interface FailedAttempt extends Lease {
  sequenceFailed: boolean;
}

export interface ExpiryReason {
  code: 'LEASE_EXPIRED' | 'TIMEOUT';
  message: string;
}

/**
 * The task queue. Every method that changes something is one transaction, so that a task is always in exactly one state,
 * and any number of replicas may call them at once.
 */
export class TaskStore {
  readonly #options: TaskStoreOptions;
  readonly #database: Database;
  readonly #leases: Leases;

  constructor(options: TaskStoreOptions, modules: { database: Database; leases: Leases }) {
    this.#options = options;
    this.#database = modules.database;
    this.#leases = modules.leases;
  }

  /**
   * Gives a task to a prover, or a copy of one that others work at. `undefined` where another replica was faster: it is not
   * ready any more, or there are enough copies.
   */
  async lease(
    prover: LeaseHolder,
    taskId: string,
    { copy, expectedMs }: { copy: boolean; expectedMs: (program: string) => number },
  ): Promise<TaskRow | undefined> {
    return this.#database.transaction(async (tx) => {
      const [task] = await tx
        .select()
        .from(tasks)
        .where(and(eq(tasks.id, taskId), copy ? eq(tasks.status, 'leased') : this.#leases.mayStart()))
        .for('no key update', { skipLocked: true });
      if (task === undefined) return undefined;
      if (copy) {
        const others = await this.#leases.of(tx, taskId);
        if (others.length >= this.#options.mostCopies || others.some((held) => held.proverId === prover.id))
          return undefined;
      }
      return this.#leases.give(tx, task, prover, expectedMs(task.program));
    });
  }

  /**
   * Keeps a lease alive. A prover that lost its lease gets it back if nobody else has the task; one that registered anew, here
   * or at another replica, takes its lease with it.
   * @returns the lease, or `undefined` when the prover does not have the task any more
   */
  async renew(
    prover: LeaseHolder,
    taskId: string,
    expectedMs: (program: string) => number,
  ): Promise<Lease | undefined> {
    return this.#database.transaction(async (tx) => {
      const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for('no key update');
      if (task?.status === 'ready') {
        const given = await this.#leases.give(tx, task, prover, expectedMs(task.program));
        return { task: given, prover, elapsedMs: 0 };
      }
      if (task?.status !== 'leased') return undefined;
      const held = await this.#leases.of(tx, taskId);
      const mine =
        held.find(({ proverId }) => proverId === prover.id) ??
        held.find(({ proverName }) => proverName === prover.name);
      if (mine === undefined) return undefined;
      return { task, prover, elapsedMs: await this.#leases.renew(tx, mine, prover.id) };
    });
  }

  /** Remembers what the proof of a leased task has to say, and what its prover is expected to take for the circuit it is in. */
  async expect(
    prover: LeaseHolder,
    taskId: string,
    { program, publicInputs, expectedMs }: { program: ProgramName; publicInputs: Hex[]; expectedMs: number },
  ): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.update(tasks).set({ program, expected: publicInputs }).where(eq(tasks.id, taskId));
      await tx.update(leases).set({ expectedMs }).where(this.#leases.is(prover.id, taskId));
    });
  }

  /** Puts a task back whose inputs are not there yet; this is no attempt. */
  async postpone(prover: LeaseHolder, taskId: string, error: string, delayMs: number): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task === undefined || (await this.#leases.end(tx, prover.id, taskId)) === undefined) return;
      await this.#leases.free(tx, task, { error, notBefore: this.#leases.in(delayMs) });
    });
  }

  /** Puts a task back that its prover did not try to the end; this is no attempt. */
  async giveBack(proverId: string, taskId: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task === undefined || (await this.#leases.end(tx, proverId, taskId)) === undefined) return;
      await this.#leases.free(tx, task, {});
    });
  }

  /** Puts all leased tasks back: at start, where nobody but this process could know a prover. */
  async giveBackAll(): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const rows = await tx
        .update(tasks)
        .set({ status: 'ready' })
        .where(eq(tasks.status, 'leased'))
        .returning({ id: tasks.id });
      await tx.delete(leases);
      return rows.length;
    });
  }

  /** Ends the attempt of a prover. `undefined` when the prover does not have the task any more. */
  async fail(
    proverId: string,
    taskId: string,
    reason: { message: string; retryable: boolean },
  ): Promise<FailedAttempt | undefined> {
    return this.#database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      return task && this.#endAttempt(tx, task, proverId, reason);
    });
  }

  /**
   * Records that a prover sent something that is not the proof asked for, and ends its attempt.
   * @param onFault - what becomes of the prover, in the same transaction
   */
  async refuse(
    prover: LeaseHolder,
    taskId: string,
    fault: { code: string; message: string },
    onFault: (tx: Connection) => Promise<void>,
  ): Promise<FailedAttempt | undefined> {
    return this.#database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      // Its sequence was replaced meanwhile: what the prover was asked for is not known any more.
      if (task === undefined) return undefined;
      const createdAt = this.#leases.now;
      await tx.insert(faults).values({ ...fault, prover: prover.name, task: taskId, createdAt });
      await onFault(tx);
      return this.#endAttempt(tx, task, prover.id, { message: fault.message, retryable: true });
    });
  }

  /** Ends the attempts whose provers have not been heard of for a lease, or have taken too long. */
  async expireLeases(): Promise<(FailedAttempt & ExpiryReason)[]> {
    const expired = await this.#database.connection
      .select({ lease: leases })
      .from(leases)
      .innerJoin(tasks, eq(tasks.id, leases.task))
      .where(this.#leases.due())
      .orderBy(asc(tasks.sequence), asc(tasks.level), asc(tasks.position));
    const ended: (FailedAttempt & ExpiryReason)[] = [];
    for (const { lease } of expired) {
      const reason = this.#whyExpired(lease);
      const failed = await this.#database.transaction(async (tx) => {
        const task = await lockTask(tx, lease.task);
        // It may have been heard of, or another replica may have ended it.
        const still = await tx
          .select()
          .from(leases)
          .where(and(this.#leases.is(lease.proverId, lease.task), this.#leases.due()));
        if (task === undefined || still.length === 0) return undefined;
        return this.#endAttempt(tx, task, lease.proverId, { message: reason.message, retryable: true });
      });
      if (failed !== undefined) ended.push({ ...failed, ...reason });
    }
    return ended;
  }

  /** Gives a sequence up: no attempt can help it. */
  async failSequence(task: TaskRow, message: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const locked = await lockTask(tx, task.id);
      if (locked !== undefined) await failSequence(tx, locked, message);
    });
  }

  /**
   * Stores a verified proof and makes ready what waited for it. The final proof makes the sequence proved.
   * @returns whether the proof is stored, and how long its prover had the task
   */
  async complete(
    taskId: string,
    prover: LeaseHolder,
    delivery: Delivery,
    onFinal: (tx: Connection, task: TaskRow) => Promise<void>,
  ): Promise<{ stored: boolean; elapsedMs: number }> {
    const hash = contentHash(delivery);
    return this.#database.transaction(async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task?.status === 'done') {
        const known = await tx.select().from(proofs).where(eq(proofs.task, taskId));
        return { stored: known[0]?.contentHash === hash, elapsedMs: 0 };
      }
      if (task?.status !== 'ready' && task?.status !== 'leased') return { stored: false, elapsedMs: 0 };
      await tx.insert(proofs).values({
        contentHash: hash,
        task: taskId,
        bytes: delivery.proof,
        publicInputs: delivery.publicInputs,
        gates: delivery.gates,
        witnessSeconds: delivery.witnessSeconds,
        proveSeconds: delivery.proveSeconds,
        peakMemoryBytes: delivery.peakMemoryBytes,
        prover: prover.name,
        verifiedAt: this.#leases.now,
      });
      const held = await tx
        .delete(leases)
        .where(eq(leases.task, taskId))
        .returning({ proverId: leases.proverId, elapsedMs: this.#leases.elapsedMs });
      await tx.update(tasks).set({ status: 'done', error: null }).where(eq(tasks.id, taskId));
      if (task.kind === 'final') {
        await tx
          .update(sequences)
          .set({ status: 'proved', provedAt: this.#leases.now })
          .where(and(eq(sequences.number, task.sequence), ne(sequences.status, 'verified')));
        await onFinal(tx, task);
      } else await readyWaiting(tx, task.sequence);
      const elapsedMs = held.find(({ proverId }) => proverId === prover.id)?.elapsedMs ?? 0;
      return { stored: true, elapsedMs };
    });
  }

  #whyExpired({ proverName, expiresAt, endsAt }: LeaseRow): ExpiryReason {
    return expiresAt < endsAt
      ? {
          code: 'LEASE_EXPIRED',
          message: `prover "${proverName}" was not heard of for ${this.#options.leaseMs} ms`,
        }
      : { code: 'TIMEOUT', message: `prover "${proverName}" took too long` };
  }

  async #endAttempt(
    tx: Connection,
    task: TaskRow,
    proverId: string,
    reason: { message: string; retryable: boolean },
  ): Promise<FailedAttempt | undefined> {
    const { maxAttempts, retryDelayMs } = this.#options;
    const lease = await this.#leases.end(tx, proverId, task.id);
    if (lease === undefined) return undefined;
    const attempts = task.attempts + 1;
    const notBefore = this.#leases.in(retryDelayMs * 2 ** (attempts - 1));
    await tx.update(tasks).set({ attempts, error: reason.message }).where(eq(tasks.id, task.id));
    // As long as others work at it, whatever went wrong may be this prover's fault.
    const free = await this.#leases.free(tx, task, { notBefore });
    const sequenceFailed = free && (!reason.retryable || attempts >= maxAttempts);
    if (sequenceFailed) await failSequence(tx, task, reason.message);
    return { task, ...lease, sequenceFailed };
  }
}
