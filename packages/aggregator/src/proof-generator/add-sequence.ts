import { randomUUID } from 'node:crypto';
import { fieldToHex, type Hex } from '@polyproof/base';
import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Connection } from '../database/database.js';
import { faults, leases, proofs, sequences, submissions, tasks } from '../database/schema.js';
import type { SequenceInfo } from '../ports.js';
import { planTasks } from './plan-tasks.js';
import { readyWaiting, reopenTasks } from './task-graph.js';

type SequenceRow = typeof sequences.$inferSelect;
/** What is proved of a sequence: with the same content all work for it keeps its worth. */
const CONTENT = [
  'firstBatch',
  'lastBatch',
  'prevDataHash',
  'newDataHash',
  'prevStateRoot',
  'claimedRoot',
] as const;

/**
 * Stores a sequence and the tasks that its proof needs; the first of them are ready. One that is known already, as the
 * chain was reorganised, keeps its tasks and proofs if it says the same, and else gives way with all of them.
 * @param more - `signed`: whether signatures are proved, default not
 * @returns whether there is something to prove: it was not known like this, and is not `verified` already
 */
export async function addSequence(
  tx: Connection,
  info: SequenceInfo,
  more: { prevStateRoot: Hex; verified: boolean; createdAt: Date; signed?: boolean },
): Promise<boolean> {
  const { sequence, firstBatch, lastBatch, blockNumber } = info;
  const { prevStateRoot, verified, createdAt, signed = false } = more;
  const row = {
    number: sequence,
    ...{ firstBatch, lastBatch, prevStateRoot, blockNumber, createdAt },
    prevDataHash: fieldToHex(info.prevDataHash),
    newDataHash: fieldToHex(info.newDataHash),
    claimedRoot: fieldToHex(info.claimedRoot),
    status: verified ? ('verified' as const) : ('proving' as const),
  };
  const is = eq(sequences.number, sequence);
  const [known] = await tx.select().from(sequences).where(is).for('update');
  if (known !== undefined) {
    if (CONTENT.every((key) => known[key] === row[key])) {
      await tx.update(sequences).set({ blockNumber }).where(is);
      return false;
    }
    await removeSequence(tx, sequence);
  }
  await tx.insert(sequences).values(row);
  // Other names than those of the tasks that went: a prover that still works at one of those must not be taken for a liar.
  const edition = known === undefined ? '' : `-${randomUUID()}`;
  if (!verified) await plan(tx, row, { edition, signed });
  return !verified;
}

/**
 * Makes sequences open again that count as verified but are not, as a reorganisation took the proof out of the chain,
 * and the operator's submissions that were given up for them.
 * @param signed - whether signatures are proved
 * @returns how many
 */
export async function reopenUnverified(
  tx: Connection,
  verifiedSequence: bigint,
  signed = false,
): Promise<number> {
  const reopened = await tx
    .update(sequences)
    .set({
      status: sql`case when ${sequences.provedAt} is null then 'proving' else 'proved' end`,
      verifiedBy: null,
      verifiedAt: null,
    })
    .where(and(gt(sequences.number, verifiedSequence), eq(sequences.status, 'verified')))
    .returning();
  for (const row of reopened) {
    const [task] = await tx
      .select({ id: tasks.id })
      .from(tasks)
      .where(eq(tasks.sequence, row.number))
      .limit(1);
    // Those that were verified when they were seen first have no tasks.
    if (task === undefined) await plan(tx, row, { edition: '', signed });
    else await reopenTasks(tx, row.number);
  }
  await tx
    .update(submissions)
    .set({ state: 'none', round: null })
    .where(and(gt(submissions.sequence, verifiedSequence), eq(submissions.state, 'lost')));
  return reopened.length;
}

async function plan(
  tx: Connection,
  { number: sequence, firstBatch, lastBatch }: Pick<SequenceRow, 'number' | 'firstBatch' | 'lastBatch'>,
  { edition, signed }: { edition: string; signed: boolean },
): Promise<void> {
  const planned = planTasks({ sequence, firstBatch, lastBatch }, edition, signed);
  await tx.insert(tasks).values(planned.map((task) => ({ ...task, sequence, status: 'waiting' as const })));
  await readyWaiting(tx, sequence);
}

async function removeSequence(tx: Connection, sequence: bigint): Promise<void> {
  const ofIt = tx.select({ id: tasks.id }).from(tasks).where(eq(tasks.sequence, sequence));
  for (const table of [leases, faults, proofs]) await tx.delete(table).where(inArray(table.task, ofIt));
  await tx.delete(submissions).where(eq(submissions.sequence, sequence));
  await tx.delete(tasks).where(eq(tasks.sequence, sequence));
  await tx.delete(sequences).where(eq(sequences.number, sequence));
}
