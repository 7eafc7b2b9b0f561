import { createHash } from 'node:crypto';
import { concatBytes, fromHex, type Hex, toHex } from '@polyproof/base';
import type { ProgramName, Proof, ProvingResult } from '@polyproof/proofs';
import { and, asc, eq, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { Connection, Database } from '../database/database.js';
import { faults, proofs, sequences, tasks } from '../database/schema.js';
import type { SequenceRow, TaskRow } from './check-statement.js';

export interface TaskStoreOptions {
  /** how long a lease lasts without a heartbeat */
  leaseMs: number;
  /** attempts without a proof after which the task, and with it the sequence, has failed */
  maxAttempts: number;
  /** wait before the second attempt; doubles with each further one */
  retryDelayMs: number;
}

export interface Delivery extends ProvingResult {
  peakMemoryBytes: bigint;
}

/** What became of an attempt. `sequenceFailed`: it was the last one. */
export interface FailedAttempt {
  task: TaskRow;
  sequenceFailed: boolean;
}

const NO_LEASE = { proverId: null, proverName: null, leasedAt: null, leaseExpiresAt: null };

/** The task queue: every method is one transaction, so that a task is always in exactly one state. */
export class TaskStore {
  readonly #options: TaskStoreOptions;
  readonly #database: Database;
  readonly #now: () => number;

  constructor(options: TaskStoreOptions, modules: { database: Database; now: () => number }) {
    this.#options = options;
    this.#database = modules.database;
    this.#now = modules.now;
  }

  /** Tasks that may be started, at most `most`: lowest sequence first, then from the leaves of its tree upwards. */
  async ready(most: number): Promise<{ id: string; program: string }[]> {
    return this.#database.connection
      .select({ id: tasks.id, program: tasks.program })
      .from(tasks)
      .where(this.#mayStart())
      .orderBy(asc(tasks.sequence), asc(tasks.level), asc(tasks.position))
      .limit(most);
  }

  /** Gives a ready task to a prover; `undefined` where it is not ready any more. */
  async lease(prover: { id: string; name: string }, taskId: string): Promise<TaskRow | undefined> {
    return this.#database.transaction(async (tx) => {
      const [task] = await tx
        .select({ id: tasks.id })
        .from(tasks)
        .where(and(eq(tasks.id, taskId), this.#mayStart()))
        .for('update', { skipLocked: true });
      return task === undefined ? undefined : this.#give(tx, taskId, prover);
    });
  }

  /**
   * Keeps a lease alive. A prover that lost its lease (the aggregator was restarted, a heartbeat came late) gets
   * it back if nobody else has the task.
   * @returns the task, or `undefined` when the prover does not have it any more
   */
  async renew(prover: { id: string; name: string }, taskId: string): Promise<TaskRow | undefined> {
    return this.#database.transaction(async (tx) => {
      const task = await this.#lock(tx, taskId);
      if (task?.status === 'ready') return this.#give(tx, taskId, prover);
      if (task?.status !== 'leased' || task.proverId !== prover.id) return undefined;
      const [renewed] = await tx
        .update(tasks)
        .set({ leaseExpiresAt: new Date(this.#now() + this.#options.leaseMs) })
        .where(eq(tasks.id, taskId))
        .returning();
      return renewed;
    });
  }

  /** Remembers what the proof of a leased task has to say. */
  async expect(taskId: string, program: ProgramName, expected: Hex[]): Promise<void> {
    await this.#database.connection.update(tasks).set({ program, expected }).where(eq(tasks.id, taskId));
  }

  /** Puts a task back whose inputs are not there yet; this is no attempt. */
  async postpone(taskId: string, error: string, delayMs: number): Promise<void> {
    await this.#database.connection
      .update(tasks)
      .set({ ...NO_LEASE, status: 'ready', error, notBefore: new Date(this.#now() + delayMs) })
      .where(and(eq(tasks.id, taskId), eq(tasks.status, 'leased')));
  }

  /** Puts a task back that its prover did not try to the end; this is no attempt. */
  async giveBack(proverId: string, taskId: string): Promise<TaskRow | undefined> {
    const [task] = await this.#database.connection
      .update(tasks)
      .set({ ...NO_LEASE, status: 'ready' })
      .where(and(eq(tasks.id, taskId), eq(tasks.status, 'leased'), eq(tasks.proverId, proverId)))
      .returning();
    return task;
  }

  /** Puts all leased tasks back: at start, when no prover is known yet. */
  async giveBackAll(): Promise<number> {
    const rows = await this.#database.connection
      .update(tasks)
      .set({ ...NO_LEASE, status: 'ready' })
      .where(eq(tasks.status, 'leased'))
      .returning({ id: tasks.id });
    return rows.length;
  }

  /** Ends the attempt of a prover. `undefined` when the prover does not have the task any more. */
  async fail(
    proverId: string,
    taskId: string,
    reason: { message: string; retryable: boolean },
  ): Promise<FailedAttempt | undefined> {
    return this.#database.transaction(async (tx) => {
      const task = await this.#lock(tx, taskId);
      if (task?.status !== 'leased' || task.proverId !== proverId) return undefined;
      return this.#endAttempt(tx, task, reason);
    });
  }

  /** Records that a prover sent something that is not the proof asked for, and ends its attempt. */
  async refuse(
    prover: { id: string; name: string },
    taskId: string,
    fault: { code: string; message: string },
  ): Promise<FailedAttempt | undefined> {
    return this.#database.transaction(async (tx) => {
      const createdAt = new Date(this.#now());
      await tx.insert(faults).values({ ...fault, prover: prover.name, task: taskId, createdAt });
      const task = await this.#lock(tx, taskId);
      if (task?.status !== 'leased' || task.proverId !== prover.id) return undefined;
      return this.#endAttempt(tx, task, { message: fault.message, retryable: true });
    });
  }

  /** Ends the attempts whose provers have not been heard of for a lease. */
  async expireLeases(): Promise<FailedAttempt[]> {
    const now = new Date(this.#now());
    return this.#database.transaction(async (tx) => {
      const expired = await tx
        .select()
        .from(tasks)
        .where(and(eq(tasks.status, 'leased'), lte(tasks.leaseExpiresAt, now)))
        .orderBy(asc(tasks.sequence), asc(tasks.level), asc(tasks.position))
        .for('update');
      const ended: FailedAttempt[] = [];
      for (const task of expired) {
        // The failure of one task may have cancelled the next.
        if ((await this.#lock(tx, task.id))?.status !== 'leased') continue;
        const message = `prover "${task.proverName}" was not heard of for ${this.#options.leaseMs} ms`;
        ended.push(await this.#endAttempt(tx, task, { message, retryable: true }));
      }
      return ended;
    });
  }

  /** Gives a sequence up: no attempt can help it. */
  async failSequence(sequence: bigint, taskId: string, message: string): Promise<void> {
    await this.#database.transaction((tx) => this.#failSequence(tx, sequence, taskId, message));
  }

  /**
   * Stores a verified proof and makes ready what waited for it. The final proof makes the sequence proved.
   * @returns the task, or why the proof is not needed
   */
  async complete(
    taskId: string,
    proverName: string,
    delivery: Delivery,
    onFinal: (tx: Connection, task: TaskRow) => Promise<void>,
  ): Promise<{ task: TaskRow; stored: boolean }> {
    const verifiedAt = new Date(this.#now());
    const hash = contentHash(delivery);
    return this.#database.transaction(async (tx) => {
      const before = (await this.#lock(tx, taskId))!;
      if (before.status === 'done') {
        const known = await tx.select().from(proofs).where(eq(proofs.task, taskId));
        return { task: before, stored: known[0]?.contentHash === hash };
      }
      if (before.status !== 'ready' && before.status !== 'leased') return { task: before, stored: false };
      await tx.insert(proofs).values({
        contentHash: hash,
        task: taskId,
        bytes: delivery.proof,
        publicInputs: delivery.publicInputs,
        gates: delivery.gates,
        witnessSeconds: delivery.witnessSeconds,
        proveSeconds: delivery.proveSeconds,
        peakMemoryBytes: delivery.peakMemoryBytes,
        prover: proverName,
        verifiedAt,
      });
      await tx
        .update(tasks)
        .set({ ...NO_LEASE, status: 'done', proverName, error: null })
        .where(eq(tasks.id, taskId));
      if (before.kind === 'final') {
        await tx
          .update(sequences)
          .set({ status: 'proved', provedAt: verifiedAt })
          .where(and(eq(sequences.number, before.sequence), ne(sequences.status, 'verified')));
        await onFinal(tx, before);
      } else await readyWaiting(tx, before.sequence);
      return { task: before, stored: true };
    });
  }

  async get(taskId: string): Promise<TaskRow | undefined> {
    const [task] = await this.#database.connection.select().from(tasks).where(eq(tasks.id, taskId));
    return task;
  }

  async leasedIds(): Promise<Set<string>> {
    const rows = await this.#database.connection
      .select({ id: tasks.id })
      .from(tasks)
      .where(eq(tasks.status, 'leased'));
    return new Set(rows.map(({ id }) => id));
  }

  /** A task that a prover has the lease of. */
  async leased(taskId: string): Promise<TaskRow | undefined> {
    const task = await this.get(taskId);
    return task?.status === 'leased' ? task : undefined;
  }

  async sequence(number: bigint): Promise<SequenceRow | undefined> {
    const [row] = await this.#database.connection
      .select()
      .from(sequences)
      .where(eq(sequences.number, number));
    return row;
  }

  /** Tasks of the same level right before and after a task. */
  async neighbours(task: TaskRow): Promise<{ left?: TaskRow | undefined; right?: TaskRow | undefined }> {
    const rows = await this.#database.connection
      .select()
      .from(tasks)
      .where(
        and(
          eq(tasks.sequence, task.sequence),
          eq(tasks.level, task.level),
          inArray(tasks.position, [task.position - 1, task.position + 1]),
        ),
      );
    return {
      left: rows.find((row) => row.position < task.position),
      right: rows.find((row) => row.position > task.position),
    };
  }

  /** The stored proofs of tasks, in the order asked for. */
  async proofsOf(taskIds: string[]): Promise<Proof[]> {
    if (taskIds.length === 0) return [];
    const rows = await this.#database.connection
      .select({ task: proofs.task, program: tasks.program, bytes: proofs.bytes, inputs: proofs.publicInputs })
      .from(proofs)
      .innerJoin(tasks, eq(tasks.id, proofs.task))
      .where(inArray(proofs.task, taskIds));
    return taskIds.map((id) => {
      const row = rows.find(({ task }) => task === id)!;
      return { program: row.program as ProgramName, proof: row.bytes, publicInputs: row.inputs };
    });
  }

  #mayStart() {
    const now = new Date(this.#now());
    return and(eq(tasks.status, 'ready'), or(isNull(tasks.notBefore), lte(tasks.notBefore, now)));
  }

  async #lock(tx: Connection, taskId: string): Promise<TaskRow | undefined> {
    const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for('update');
    return task;
  }

  async #give(tx: Connection, taskId: string, prover: { id: string; name: string }): Promise<TaskRow> {
    const now = this.#now();
    const [task] = await tx
      .update(tasks)
      .set({
        status: 'leased',
        proverId: prover.id,
        proverName: prover.name,
        leasedAt: new Date(now),
        leaseExpiresAt: new Date(now + this.#options.leaseMs),
        notBefore: null,
      })
      .where(eq(tasks.id, taskId))
      .returning();
    return task!;
  }

  async #endAttempt(
    tx: Connection,
    task: TaskRow,
    reason: { message: string; retryable: boolean },
  ): Promise<FailedAttempt> {
    const { maxAttempts, retryDelayMs } = this.#options;
    const attempts = task.attempts + 1;
    if (!reason.retryable || attempts >= maxAttempts) {
      await tx.update(tasks).set({ attempts }).where(eq(tasks.id, task.id));
      await this.#failSequence(tx, task.sequence, task.id, reason.message);
      return { task, sequenceFailed: true };
    }
    const notBefore = new Date(this.#now() + retryDelayMs * 2 ** (attempts - 1));
    await tx
      .update(tasks)
      .set({ ...NO_LEASE, status: 'ready', attempts, error: reason.message, notBefore })
      .where(eq(tasks.id, task.id));
    return { task, sequenceFailed: false };
  }

  async #failSequence(tx: Connection, sequence: bigint, taskId: string, message: string): Promise<void> {
    await tx
      .update(tasks)
      .set({ ...NO_LEASE, status: 'failed', error: message })
      .where(eq(tasks.id, taskId));
    await cancelOpenTasks(tx, sequence);
    await tx
      .update(sequences)
      .set({ status: 'failed', error: message })
      .where(and(eq(sequences.number, sequence), eq(sequences.status, 'proving')));
  }
}

/** Ends all tasks of a sequence that are neither done nor failed. */
export async function cancelOpenTasks(tx: Connection, sequence: bigint): Promise<void> {
  await tx
    .update(tasks)
    .set({ ...NO_LEASE, status: 'cancelled' })
    .where(and(eq(tasks.sequence, sequence), inArray(tasks.status, ['waiting', 'ready', 'leased'])));
}

/** Makes those waiting tasks of a sequence ready whose parts are all proved. */
export async function readyWaiting(tx: Connection, sequence: bigint): Promise<void> {
  const rows = await tx.select().from(tasks).where(eq(tasks.sequence, sequence));
  const done = new Set(rows.filter(({ status }) => status === 'done').map(({ id }) => id));
  const ready = rows
    .filter(({ status, parts }) => status === 'waiting' && parts.every((part) => done.has(part)))
    .map(({ id }) => id);
  if (ready.length > 0) await tx.update(tasks).set({ status: 'ready' }).where(inArray(tasks.id, ready));
}

/** Opens the tasks of a failed sequence again, for another try. */
export async function reopenTasks(tx: Connection, sequence: bigint): Promise<void> {
  await tx
    .update(tasks)
    .set({ status: 'waiting', attempts: 0, error: null, notBefore: sql`null` })
    .where(and(eq(tasks.sequence, sequence), inArray(tasks.status, ['failed', 'cancelled'])));
  await readyWaiting(tx, sequence);
}

function contentHash(proof: Proof): Hex {
  const content = concatBytes(
    new TextEncoder().encode(proof.program),
    proof.proof,
    ...proof.publicInputs.map((input) => fromHex(input)),
  );
  return toHex(createHash('sha256').update(content).digest());
}
