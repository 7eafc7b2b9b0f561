import { beforeAll, describe, expect, it } from 'vitest';
import { FIRST } from '../../packages/svm/src/zkvm/rows.js';
import { changedWitness, more } from './changed-witness.js';
import { circuitVariant, sizeEdits } from './circuit-variant.js';
import { CREATE, deriveAddress, seedsOf } from './derived-address.js';
import { mixedRun, type SbpfInputs } from './sbpf-runs.js';
import { solver } from './solver.js';

/** Lies that each break one rule of the machine, and no other one in front of it. */

const CIRCUIT = 'sbpf_run';

describe('of accesses', () => {
  const { refused } = changedWitness<SbpfInputs>(CIRCUIT, () => mixedRun(1).inputs);
  const alter =
    (chip: string, column: string) =>
    ({ accesses }: SbpfInputs): void => {
      const row = accesses[chip]![0]!;
      row[column] = more(row[column]);
    };
  /** The memory rows of the first access to two words. */
  const halves = ({ accesses }: SbpfInputs) => {
    const second = accesses.words!.findIndex((row) => row.second);
    return [accesses.words![second - 1]!, accesses.words![second]!] as const;
  };

  it('another answer of a load', () => refused(alter('part_loads', 'answer'), /a load's answer/));
  it('another answer of a store', () => refused(alter('part_stores', 'answer'), /a store's answer/));
  it('another value of a store', () => refused(alter('part_stores', 'value'), /a store changes other bytes/));

  it('the same of two words', async () => {
    await refused(alter('crossing_loads', 'answer'), /answer of a load from two words/);
    await refused(alter('crossing_stores', 'answer'), /answer of a store to two words/);
    await refused(alter('crossing_stores', 'value'), /a store to two words changes other bytes/);
  });

  it('a whole load as half of one', () =>
    refused(({ accesses }) => {
      accesses.crossing_loads![0]!.row = String(FIRST.IDLE_LOAD);
    }, /the first half does not reach the end of its word/));

  it('halves that are not next to each other', () =>
    refused((inputs) => {
      const [, second] = halves(inputs);
      second.offset = more(BigInt(second.offset as string) - 2n);
    }, /halves of an access are not next to each other/));

  it('halves of which one is another invocation’s', () =>
    refused((inputs) => {
      const [, second] = halves(inputs);
      const own = inputs.segments[Number(second.segment)]!;
      const spare = inputs.segments.length - 1;
      inputs.segments[spare] = { ...own, invocation: more(own.invocation) };
      second.segment = String(spare);
    }, /halves of an access are of different accesses/));

  it('a second half in front of all', () =>
    refused(({ accesses }) => {
      accesses.words![0]!.second = true;
    }, /the first access is no second half/));

  it('an access in the turn of another one that is the same', () =>
    refused(({ accesses, schedule, step_rows: rows }) => {
      const first = FIRST.INVOCATIONS + 4 * (schedule.invocations.length + 1);
      const words = accesses.words!.map((row) => JSON.stringify(row));
      const step = rows.findIndex((row) => {
        const access = Number(row) - first;
        return access >= 0 && words[access] !== undefined && words.lastIndexOf(words[access]) > access;
      });
      rows[step] = String(first + words.lastIndexOf(words[Number(rows[step]) - first]!));
    }, /a memory access out of turn/));
});

describe('of the schedule', () => {
  const { refused } = changedWitness<SbpfInputs>(CIRCUIT, () => mixedRun(1).inputs);

  it('another number of compute units', () =>
    refused(({ schedule }) => {
      schedule.units = more(schedule.units);
    }, /compute units/));

  it('steps that are not enough', async () => {
    const { inputs, rows } = mixedRun(1);
    const steps = rows.steps! - 1;
    const short = solver(await circuitVariant(CIRCUIT, sizeEdits(CIRCUIT, { STEPS: steps })));
    const { step_entries: entries, step_rows: asked, ...of } = inputs;
    const cut = { ...of, step_entries: entries.slice(0, steps), step_rows: asked.slice(0, steps) };
    await expect(short(cut)).rejects.toThrow(/the steps do not end in the halt/);
  }, 120_000);
});

describe('of derived addresses', () => {
  type Inputs = ReturnType<typeof deriveAddress>['inputs'];
  /** Seeds whose address is a point, so that another try might follow. */
  const seeds = () =>
    Array.from({ length: 64 }, (_, number) => seedsOf(number)).find(
      (of) => deriveAddress(CREATE, of).result === 1n,
    )!;
  const points = changedWitness<Inputs>(CIRCUIT, () => deriveAddress(CREATE, seeds()).inputs);
  let nobody: Inputs['derivations']['tries'][number];
  beforeAll(() => {
    nobody = (mixedRun(1).inputs as unknown as Inputs).derivations.tries[0]!;
  });

  it('a second try where no bump is sought', () =>
    points.refused(({ derivations: { tries } }) => {
      tries[1] = { ...tries[0]!, first: false };
    }, /a second try without a bump/));

  it('a try behind one that was no point', async () => {
    const none = [1, 2, 3, 4, 5, 6]
      .map((number) => deriveAddress(CREATE, seedsOf(number)))
      .find(({ result }) => result === 0n)!;
    const changed = structuredClone(none.inputs);
    changed.derivations.tries[1]!.first = false;
    await points.refuses(changed, /a try behind an address that is no point/);
  });

  it('a try that goes on with another derivation', () =>
    points.refused(({ derivations: { tries } }) => {
      tries[1] = { ...nobody, derivation: '1', first: false };
    }, /a try of another derivation/));

  it('the address of another derivation', () =>
    points.refused(({ derivations: { derivations, tries } }) => {
      tries[3] = { ...nobody, derivation: '1' };
      derivations[0]!.last = '3';
    }, /an address of another derivation/));

  it('another last block', () =>
    points.refused(({ derivations: { tries } }) => {
      tries[0]!.ends = [false, false, false];
    }, /the last block/));

  it('numbers of a point that are no product', () =>
    points.refused(({ derivations: { tries } }) => {
      tries[0]!.point.square[0] = more(tries[0]!.point.square[0]);
    }, /a product modulo 2\^255 - 19|assert_max_bit_size/));
});
