import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedTask, planTasks, taskLabel } from '../src/proof-generator/plan-tasks.js';

const plan = (batches: number, first = 1n) =>
  planTasks({ sequence: 2n, firstBatch: first, lastBatch: first + BigInt(batches) - 1n });

describe('planTasks', () => {
  it('proves a sequence of one batch with a batch and a final proof', () => {
    expect(plan(1, 7n)).toEqual([
      {
        id: '2-0-0',
        kind: 'batch',
        level: 0,
        position: 0,
        firstBatch: 7n,
        lastBatch: 7n,
        parts: [],
        program: 'svm_batch',
      },
      {
        id: '2-1-0',
        kind: 'final',
        level: 1,
        position: 0,
        firstBatch: 7n,
        lastBatch: 7n,
        parts: ['2-0-0'],
        program: 'final',
      },
    ]);
  });

  it('joins neighbours and carries the odd one up', () => {
    const shape = plan(5)
      .filter(({ kind }) => kind !== 'batch')
      .map(({ kind, level, firstBatch, lastBatch }) => `${kind} ${level}: ${firstBatch}-${lastBatch}`);
    expect(shape).toEqual([
      'aggregation 1: 1-2',
      'aggregation 1: 3-4',
      'aggregation 2: 1-4',
      'aggregation 3: 1-5',
      'final 4: 1-5',
    ]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('is a tree over all of %i batches', (batches) =>
    checkTree(batches, 1n),
  );

  it('is a tree over any batches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.bigInt({ min: 1n, max: 10n ** 9n }), checkTree),
      { numRuns: 50 },
    );
  });
});

describe('planTasks where signatures are proved', () => {
  const signed = (batches: number) =>
    planTasks({ sequence: 2n, firstBatch: 1n, lastBatch: BigInt(batches) }, '', true);

  it('proves them in a tree of their own, which the final proof joins', () => {
    expect(
      signed(3).map(({ program, firstBatch, lastBatch }) => `${program} ${firstBatch}-${lastBatch}`),
    ).toEqual([
      ...['svm_batch 1-1', 'svm_batch 2-2', 'svm_batch 3-3', 'aggregate 1-2', 'aggregate 1-3'],
      ...['svm_signatures 1-1', 'svm_signatures 2-2', 'svm_signatures 3-3', 'aggregate 1-2', 'aggregate 1-3'],
      'final_signed 1-3',
    ]);
    expect(signed(1).at(-1)).toMatchObject({ level: 1, parts: ['2-0-0', '2-0-1000000'] });
  });

  it('has no parts that both trees use, and no neighbours of the other tree', () => {
    const tasks = signed(9);
    const ofSignatures = new Set(
      tasks.filter(({ kind }) => kind.startsWith('signature')).map(({ id }) => id),
    );
    expect(ofSignatures.size).toBe(17);
    for (const { id, kind, parts } of tasks)
      if (kind !== 'final')
        expect(parts.every((part) => ofSignatures.has(part) === ofSignatures.has(id))).toBe(true);
    const places = tasks.map(({ level, position, id }) => ({
      level,
      position,
      signed: ofSignatures.has(id),
    }));
    for (const a of places)
      for (const b of places)
        if (a.level === b.level && a.signed !== b.signed)
          expect(Math.abs(a.position - b.position)).toBeGreaterThan(1);
  });
});

describe('taskLabel', () => {
  it('tells people what a task is', () => {
    const task = { sequence: 2n, firstBatch: 3n, lastBatch: 4n };
    expect(taskLabel({ ...task, kind: 'batch' })).toBe('sequence 2, batch 3');
    expect(taskLabel({ ...task, kind: 'aggregation' })).toBe('sequence 2, batches 3 to 4');
    expect(taskLabel({ ...task, kind: 'final' })).toBe('sequence 2, final proof');
    expect(taskLabel({ ...task, kind: 'signatures' })).toBe('sequence 2, signatures of batch 3');
    expect(taskLabel({ ...task, kind: 'signatureAggregation' })).toBe(
      'sequence 2, signatures of batches 3 to 4',
    );
  });
});

/** Every batch is used exactly once, ranges join without gaps, and everything ends in one final proof. */
function checkTree(batches: number, first: bigint): void {
  const tasks = plan(batches, first);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  expect(byId.size).toBe(tasks.length);
  const uses = new Map<string, number>();
  const leaves = (task: PlannedTask): bigint[] => {
    const parts = task.parts.map((id) => byId.get(id)!);
    for (const part of parts) {
      uses.set(part.id, (uses.get(part.id) ?? 0) + 1);
      expect(part.level).toBeLessThan(task.level);
    }
    expect(parts.length).toBe({ batch: 0, aggregation: 2, final: 1 }[task.kind as 'batch']);
    const below = task.kind === 'batch' ? [task.firstBatch] : parts.flatMap(leaves);
    expect(below).toEqual(
      Array.from(
        { length: Number(task.lastBatch - task.firstBatch) + 1 },
        (_, i) => task.firstBatch + BigInt(i),
      ),
    );
    return below;
  };
  const finals = tasks.filter(({ kind }) => kind === 'final');
  expect(finals).toHaveLength(1);
  expect(leaves(finals[0]!)).toHaveLength(batches);
  for (const { id, kind } of tasks) expect(uses.get(id) ?? 0).toBe(kind === 'final' ? 0 : 1);
  expect(tasks.filter(({ kind }) => kind === 'aggregation')).toHaveLength(batches - 1);
}
