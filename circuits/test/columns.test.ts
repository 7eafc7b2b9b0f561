import type { CompiledCircuit } from '@noir-lang/noir_js';
import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { circuitVariant } from './circuit-variant.js';
import { columnBatches } from './column-batches.js';
import { derivedRun } from './derived-address.js';
import { HARMLESS } from './harmless-columns.js';
import { HEAVY } from './heavy.js';
import { CASES } from './sbpf-call-cases.js';
import { runCalls } from './sbpf-calls.js';
import { mixedRun } from './sbpf-runs.js';
import { CIRCUIT } from './sbpf-transactions.js';
import { Refusal, type Solve, solver } from './solver.js';
import { batchCircuit, TINY } from './svm-batch-sizes.js';
import {
  type Column,
  columnsOf,
  otherValues,
  type Place,
  rowOf,
  usedPlaces,
  withValue,
} from './witness-columns.js';

/**
 * Every column of a batch's witness, read from the compiled circuit, is changed where real batches use it: nothing is
 * accepted but what is listed, with its reason. All of them take many minutes: `npm run test:heavy`. The usual run
 * changes some.
 */
const ALL = HEAVY;
const SAMPLE = 12;
/** Each column is changed in so many of the witnesses that use it, in all of them where that may be harmless. */
const WITNESSES = 2;

/** What Associated Token needs to call others, with whose run no circuit of the tests has room: see `sbpf-call-rules`. */
const IN_NO_RUN = /^calls\.(epochs|own)\[\]/;

interface Witness {
  inputs: unknown;
  /** of each account of a batch: whether it exists before and after */
  stays?: readonly boolean[];
}

interface Subject {
  solve: Solve;
  columns: Column[];
  witnesses: Witness[];
}

const subject = (circuit: CompiledCircuit, witnesses: Witness[]): Subject => ({
  solve: solver(circuit),
  columns: columnsOf(circuit.abi),
  witnesses,
});
const uses = (column: Column) => (witness: Witness) => usedPlaces(witness.inputs, column).length > 0;
const isUsed = ({ witnesses }: Subject, column: Column) => witnesses.some(uses(column));

let batch: Subject;
/** Circuits of the machine alone. */
let others: Subject[];

beforeAll(async () => {
  await initHashing();
  batch = subject(await batchCircuit(TINY), await columnBatches(TINY));
  const calls = CASES.map(([, of]) => ({ inputs: runCalls(of()).inputs() }));
  const runs = [mixedRun(1), derivedRun()];
  others = [subject(await circuitVariant(CIRCUIT), calls), subject(await circuitVariant('sbpf_run'), runs)];
  // They are changed in what today's programs do not do in a batch: calls, derived addresses, some operations.
  const missing = new Set(batch.columns.filter((column) => !isUsed(batch, column)).map(nameElsewhere));
  for (const other of others)
    other.columns = other.columns.filter((column) => missing.has(column.name) && isUsed(other, column));
}, 300_000);

/** A column's name in the circuits of the machine. */
const nameElsewhere = ({ name }: Column) => name.replace(/^batch\.(transactions|machine)\./, '');

/** Numbers below others, the same ones in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

const countOf = ({ name }: Column) => (HARMLESS[name] === undefined ? WITNESSES : Number.POSITIVE_INFINITY);

function some<T>(list: readonly T[], count: number, below: (of: number) => number): T[] {
  const rest = [...list];
  return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(below(rest.length), 1)[0]!);
}

interface Change {
  solve: Solve;
  column: Column;
  inputs: unknown;
  place: Place;
  value: string | number | boolean;
  harmless: boolean;
}

/** Changes of a column in a witness: at a place where they are not harmless, and where they are, if there are such. */
function changesIn(solve: Solve, column: Column, witness: Witness, below: (of: number) => number): Change[] {
  const { inputs, stays = [] } = witness;
  const places = usedPlaces(inputs, column);
  const listed = HARMLESS[column.name];
  const missing = new Set(listed === undefined ? [false] : [false, true]);
  const found: Change[] = [];
  for (let tries = 0; tries < 50 && places.length > 0 && missing.size > 0; tries++) {
    const place = places[below(places.length)]!;
    const { row, index, inner } = rowOf(inputs, place);
    const changes = otherValues(inputs, column, place).map((value) => {
      const harmless = listed?.where(row, { value: BigInt(value), index, inner, inputs, stays }) ?? false;
      return { solve, column, inputs, place, value, harmless };
    });
    const wanted = changes.filter(({ harmless }) => missing.has(harmless));
    for (const { harmless } of wanted) missing.delete(harmless);
    found.push(...wanted);
  }
  return found;
}

/** Whether the circuit accepts a change. A hint that cannot be computed would be no refusal. */
async function accepts({ solve, inputs, place, value }: Change): Promise<boolean> {
  try {
    await solve(withValue(inputs, place, value));
    return true;
  } catch (error) {
    if (!(error instanceof Refusal) || error.byHint)
      throw new TypeError(`no constraint refuses ${place.join('.')} as ${value}`, { cause: error });
    return false;
  }
}

describe('the columns of svm_batch', () => {
  it('are all in use in some witness', () => {
    const elsewhere = new Set(others.flatMap(({ columns }) => columns.map(({ name }) => name)));
    const unused = batch.columns.filter((column) => !isUsed(batch, column)).map(nameElsewhere);
    expect(unused.filter((name) => !elsewhere.has(name))).toEqual(
      unused.filter((name) => IN_NO_RUN.test(name)),
    );
  });

  it('are those of batches that are accepted', async () => {
    for (const { inputs } of batch.witnesses) await batch.solve(inputs);
  }, 120_000);

  it('cannot be changed, but where it is harmless', async () => {
    const below = numbers(1);
    const all = [batch, ...others].flatMap(({ solve, columns, witnesses }) =>
      columns.flatMap((column) =>
        some(witnesses.filter(uses(column)), countOf(column), below).flatMap((witness) =>
          changesIn(solve, column, witness, below),
        ),
      ),
    );
    const changes = ALL ? all : Array.from({ length: SAMPLE }, () => all[below(all.length)]!);
    const wrong: string[] = [];
    const needed = new Set<string>();
    for (const change of changes) {
      if (!(await accepts(change))) continue;
      if (change.harmless) needed.add(change.column.name);
      else wrong.push(`${change.place.join('.')} as ${change.value}`);
    }
    expect(wrong).toEqual([]);
    if (ALL) expect(Object.keys(HARMLESS).sort()).toEqual([...needed].sort());
  }, 3_600_000);
});
