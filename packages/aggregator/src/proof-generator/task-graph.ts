import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Connection } from '../database/database.js';
import { leases, sequences, tasks } from '../database/schema.js';
import type { TaskRow } from './check-statement.js';

/**
 * Locks a task for a change of its state. Its sequence is locked first, as by everybody who locks more than one task: so
 * two parts of a proof that are stored at once see each other, and nobody waits in a circle.
 */
export async function lockTask(tx: Connection, taskId: string): Promise<TaskRow | undefined> {
  const sequence = tx.select({ number: tasks.sequence }).from(tasks).where(eq(tasks.id, taskId));
  await tx
    .select({ number: sequences.number })
    .from(sequences)
    .where(inArray(sequences.number, sequence))
    .for('no key update');
  const [task] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for('no key update');
  return task;
}

/** Ends all tasks of a sequence, which the caller has locked, that are neither done nor failed. */
export async function cancelOpenTasks(tx: Connection, sequence: bigint): Promise<void> {
  const cancelled = await tx
    .update(tasks)
    .set({ status: 'cancelled' })
    .where(and(eq(tasks.sequence, sequence), inArray(tasks.status, ['waiting', 'ready', 'leased'])))
    .returning({ id: tasks.id });
  const ids = cancelled.map(({ id }) => id);
  if (ids.length > 0) await tx.delete(leases).where(inArray(leases.task, ids));
}

/** Makes those waiting tasks of a sequence, which the caller has locked, ready whose parts are all proved. */
export async function readyWaiting(tx: Connection, sequence: bigint): Promise<void> {
  const rows = await tx.select().from(tasks).where(eq(tasks.sequence, sequence));
  const done = new Set(rows.filter(({ status }) => status === 'done').map(({ id }) => id));
  const ready = rows
    .filter(({ status, parts }) => status === 'waiting' && parts.every((part) => done.has(part)))
    .map(({ id }) => id);
  if (ready.length > 0) await tx.update(tasks).set({ status: 'ready' }).where(inArray(tasks.id, ready));
}

/** Gives a sequence up, which the caller has locked, because of one of its tasks. */
export async function failSequence(tx: Connection, task: TaskRow, message: string): Promise<void> {
  await tx.update(tasks).set({ status: 'failed', error: message }).where(eq(tasks.id, task.id));
  await tx.delete(leases).where(eq(leases.task, task.id));
  await cancelOpenTasks(tx, task.sequence);
  await tx
    .update(sequences)
    .set({ status: 'failed', error: message })
    .where(and(eq(sequences.number, task.sequence), eq(sequences.status, 'proving')));
}

/** Opens the tasks of a failed sequence, which the caller has locked, for another try. */
export async function reopenTasks(tx: Connection, sequence: bigint): Promise<void> {
  await tx
    .update(tasks)
    .set({ status: 'waiting', attempts: 0, error: null, notBefore: sql`null` })
    .where(and(eq(tasks.sequence, sequence), inArray(tasks.status, ['failed', 'cancelled'])));
  await readyWaiting(tx, sequence);
}
