import type { ProgramName } from '@polyproof/proofs';
import type { TaskKind } from '../database/schema.js';

/** One proof to make, as a node of the sequence's tree of proofs. */
export interface PlannedTask {
  id: string;
  kind: TaskKind;
  /** 0 for batches, then upwards to the final proof */
  level: number;
  position: number;
  firstBatch: bigint;
  lastBatch: bigint;
  /** the tasks whose proofs it verifies, left to right */
  parts: string[];
  program: ProgramName;
}

export const PROGRAM_OF: Readonly<Record<TaskKind, ProgramName>> = {
  batch: 'svm_batch',
  aggregation: 'aggregate',
  final: 'final',
  signatures: 'svm_signatures',
  signatureAggregation: 'aggregate',
};

/** Places of signatures' tasks begin here, so that no task of the other tree is a neighbour. */
const SIGNATURES_AT = 1_000_000;

/**
 * The proofs that a sequence needs: one for each batch, a binary tree of aggregations over them (neighbours are
 * joined, an odd one is carried up to the next level), and the final proof on top.
 * @param edition - ends the names of its tasks, where the sequence is another one than the last of its number
 * @param signed - whether signatures are proved: then there is another such tree, of a proof of signatures for each batch, and
 * the final proof joins both
 */
export function planTasks(
  sequence: { sequence: bigint; firstBatch: bigint; lastBatch: bigint },
  edition = '',
  signed = false,
): PlannedTask[] {
  const plan: PlannedTask[] = [];
  const add = (kind: TaskKind, level: number, position: number, parts: PlannedTask[], batch?: bigint) => {
    const task: PlannedTask = {
      id: `${sequence.sequence}-${level}-${position}${edition}`,
      kind,
      level,
      position,
      firstBatch: parts[0]?.firstBatch ?? batch!,
      lastBatch: parts.at(-1)?.lastBatch ?? batch!,
      parts: parts.map((part) => part.id),
      program: kind === 'final' && signed ? 'final_signed' : PROGRAM_OF[kind],
    };
    plan.push(task);
    return task;
  };

  const { firstBatch, lastBatch } = sequence;
  const tree = (leaf: TaskKind, inner: TaskKind, start: number) => {
    let row = Array.from({ length: Number(lastBatch - firstBatch) + 1 }, (_, i) =>
      add(leaf, 0, start + i, [], firstBatch + BigInt(i)),
    );
    let level = 1;
    for (; row.length > 1; level++) {
      const next: PlannedTask[] = [];
      for (let i = 0; i < row.length; i += 2) {
        const [left, right] = [row[i]!, row[i + 1]];
        next.push(right === undefined ? left : add(inner, level, start + i / 2, [left, right]));
      }
      row = next;
    }
    return { root: row[0]!, level };
  };
  const { root, level } = tree('batch', 'aggregation', 0);
  const roots = signed ? [root, tree('signatures', 'signatureAggregation', SIGNATURES_AT).root] : [root];
  add('final', level, 0, roots);
  return plan;
}

/** For people: "sequence 2, batch 3". */
export function taskLabel(task: {
  sequence: bigint;
  kind: TaskKind;
  firstBatch: bigint;
  lastBatch: bigint;
}): string {
  const { kind, firstBatch, lastBatch } = task;
  if (kind === 'final') return `sequence ${task.sequence}, final proof`;
  const what = kind === 'signatures' || kind === 'signatureAggregation' ? 'signatures of ' : '';
  const isLeaf = kind === 'batch' || kind === 'signatures';
  const batches = isLeaf ? `batch ${firstBatch}` : `batches ${firstBatch} to ${lastBatch}`;
  return `sequence ${task.sequence}, ${what}${batches}`;
}
