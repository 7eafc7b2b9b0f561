import { fieldToHex, type Hex } from '@polyproof/base';
import type { Connection } from '../database/database.js';
import { sequences, tasks } from '../database/schema.js';
import type { SequenceInfo } from '../ports.js';
import { planTasks } from './plan-tasks.js';
import { readyWaiting } from './task-graph.js';

/**
 * Stores a sequence and the tasks that its proof needs; the first of them are ready.
 * @param more - `signed`: whether signatures are proved
 * @returns whether there is something to prove: it was not known, and is not `verified` already
 */
export async function addSequence(
  tx: Connection,
  info: SequenceInfo,
  more: { prevStateRoot: Hex; verified: boolean; createdAt: Date; signed?: boolean },
): Promise<boolean> {
  const { sequence, firstBatch, lastBatch, blockNumber } = info;
  const { prevStateRoot, verified, createdAt, signed = false } = more;
  const inserted = await tx
    .insert(sequences)
    .values({
      number: sequence,
      firstBatch,
      lastBatch,
      prevDataHash: fieldToHex(info.prevDataHash),
      newDataHash: fieldToHex(info.newDataHash),
      prevStateRoot,
      claimedRoot: fieldToHex(info.claimedRoot),
      blockNumber,
      status: verified ? 'verified' : 'proving',
      createdAt,
    })
    .onConflictDoNothing()
    .returning();
  if (inserted.length === 0 || verified) return false;
  await tx
    .insert(tasks)
    .values(planTasks(info, { signed }).map((task) => ({ ...task, sequence, status: 'waiting' as const })));
  await readyWaiting(tx, sequence);
  return true;
}
