import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatch, expectedEnd, isLate, ProverRecord, type ProverView, type Snapshot } from '../src/index.js';

const NOW = 1_000;

function prover(id: string, ms: number | undefined, freeAt = NOW): ProverView {
  return { id, idle: freeAt === NOW, freeAt, expectedMs: () => ms, gaveUp: () => id === 'failed' };
}

function snapshot(parts: Partial<Snapshot>): Snapshot {
  return { now: NOW, ready: [], running: [], provers: [], mostCopies: 2, ...parts };
}

const ready = (...ids: string[]) => ids.map((id) => ({ id, program: 'svm_batch' }));

describe('the policy', () => {
  it('gives the first task to the prover that finishes it first', () => {
    const provers = [prover('slow', 90), prover('fast', 10)];
    expect(dispatch(snapshot({ provers, ready: ready('a') }))).toEqual([
      { prover: 'fast', task: 'a', copy: false },
    ]);
  });

  it('leaves a task to a busy prover that will be done with it first, and the next one to whom waits', () => {
    const provers = [prover('slow', 90), prover('fast', 10, NOW + 75)];
    expect(dispatch(snapshot({ provers, ready: ready('a') }))).toEqual([]);
    expect(dispatch(snapshot({ provers, ready: ready('a', 'b') }))).toEqual([
      { prover: 'slow', task: 'b', copy: false },
    ]);
  });

  it('offers nobody a program that he cannot prove', () => {
    const provers = [prover('none', undefined), prover('one', 10, NOW + 5)];
    expect(dispatch(snapshot({ provers, ready: ready('a', 'b') }))).toEqual([]);
  });

  describe('a running task', () => {
    const running = (expectedEnd: number, late: boolean, ...provers: string[]) => ({
      ...{ id: 'a', program: 'svm_batch', expectedEnd, late, provers },
    });
    const provers = [prover('owner', 10, NOW + 500), prover('idle', 100)];

    it('is started once more where nothing else is to do and that ends it sooner', () => {
      expect(dispatch(snapshot({ provers, running: [running(NOW + 500, false, 'owner')] }))).toEqual([
        { prover: 'idle', task: 'a', copy: true },
      ]);
      expect(dispatch(snapshot({ provers, running: [running(NOW + 120, false, 'owner')] }))).toEqual([]);
    });

    it('is not started by a prover that gave it up', () => {
      const failed = [prover('owner', 10, NOW + 500), prover('failed', 100)];
      expect(dispatch(snapshot({ provers: failed, running: [running(NOW + 500, true, 'owner')] }))).toEqual(
        [],
      );
    });

    it('goes before others when it is late', () => {
      const late = { provers, ready: ready('b'), running: [running(NOW + 500, true, 'owner')] };
      expect(dispatch(snapshot(late))).toEqual([{ prover: 'idle', task: 'a', copy: true }]);
    });

    it('has no more copies than allowed', () => {
      const twice = { provers, running: [running(NOW + 500, true, 'owner', 'other')] };
      expect(dispatch(snapshot(twice))).toEqual([]);
      expect(dispatch(snapshot({ ...twice, mostCopies: 3 }))).toHaveLength(1);
    });
  });

  const anyProver = fc.record({
    id: fc.uuid(),
    ms: fc.record({ a: fc.option(fc.integer({ min: 1, max: 500 })), b: fc.integer({ min: 1, max: 500 }) }),
    busy: fc.option(fc.integer({ min: 1, max: 1_000 })),
  });
  const anySnapshot = fc
    .record({
      provers: fc.uniqueArray(anyProver, { selector: ({ id }) => id, maxLength: 12 }),
      programs: fc.array(fc.constantFrom('a' as const, 'b' as const), { maxLength: 20 }),
    })
    .map(({ provers, programs }) =>
      snapshot({
        provers: provers.map(({ id, ms, busy }) => ({
          id,
          idle: busy === null,
          freeAt: NOW + (busy ?? 0),
          expectedMs: (program) => ms[program as 'a' | 'b'] ?? undefined,
          gaveUp: () => false,
        })),
        ready: programs.map((program, i) => ({ id: `task-${i}`, program })),
      }),
    );

  it('starts each task once, on an idle prover that can prove it, and no prover twice', () => {
    fc.assert(
      fc.property(anySnapshot, (given) => {
        const assignments = dispatch(given);
        expect(new Set(assignments.map(({ task }) => task)).size).toBe(assignments.length);
        expect(new Set(assignments.map((one) => one.prover)).size).toBe(assignments.length);
        for (const { prover, task } of assignments) {
          const chosen = given.provers.find(({ id }) => id === prover)!;
          const { program } = given.ready.find(({ id }) => id === task)!;
          expect(chosen.idle && chosen.expectedMs(program) !== undefined).toBe(true);
        }
      }),
    );
  });

  it('starts the first task that anybody can prove, unless a busy prover ends it before all idle ones', () => {
    fc.assert(
      fc.property(anySnapshot, (given) => {
        const first = given.ready.find(({ program }) =>
          given.provers.some((p) => p.expectedMs(program) !== undefined),
        );
        if (first === undefined) return;
        const ends = given.provers.flatMap(({ idle, freeAt, expectedMs }) => {
          const ms = expectedMs(first.program);
          return ms === undefined ? [] : [{ idle, end: freeAt + ms }];
        });
        const soonest = (idle: boolean) =>
          Math.min(...ends.filter((one) => one.idle === idle).map(({ end }) => end));
        const started = dispatch(given).some(({ task }) => task === first.id);
        if (soonest(true) < soonest(false)) expect(started).toBe(true);
        if (soonest(false) < soonest(true)) expect(started).toBe(false);
      }),
    );
  });

  it('lets nobody idle for ever: without busy provers the first tasks are started', () => {
    fc.assert(
      fc.property(anySnapshot, (given) => {
        const provers = given.provers.filter(({ idle }) => idle);
        const possible = given.ready.some(({ program }) =>
          provers.some((p) => p.expectedMs(program) !== undefined),
        );
        expect(dispatch({ ...given, provers }).length > 0).toBe(possible && provers.length > 0);
      }),
    );
  });
});

describe('what is known of a prover', () => {
  it('begins with its cores, follows what it does, and counts failures', () => {
    const record = new ProverRecord(4);
    const guess = record.attemptMs('final', 800_000);
    expect(new ProverRecord(8).attemptMs('final', 800_000)).toBe(guess / 2);
    record.succeeded('final', 800_000, 4_000);
    expect(record.attemptMs('final', 800_000)).toBe(4_000);
    expect(record.attemptMs('svm_batch', 1_600_000)).toBe(8_000);
    for (let i = 0; i < 40; i++) record.succeeded('final', 800_000, 2_000);
    expect(record.attemptMs('final', 800_000)).toBeCloseTo(2_000, 0);
    record.failed();
    expect(record.expectedMs('final', 800_000)).toBeGreaterThan(record.attemptMs('final', 800_000));
    for (let i = 0; i < 100; i++) record.failed();
    expect(record.expectedMs('final', 800_000)).toBeLessThan(30_000);
  });

  it('expects a task that is over its time later and later, and calls it late', () => {
    expect(expectedEnd(NOW, 100, NOW + 40)).toBe(NOW + 100);
    expect(expectedEnd(NOW, 100, NOW + 300)).toBeGreaterThanOrEqual(NOW + 500);
    expect(expectedEnd(NOW, 100, NOW + 100)).toBeGreaterThan(NOW + 100);
    expect([120, 151].map((elapsed) => isLate(NOW, 100, NOW + elapsed))).toEqual([false, true]);
  });
});
