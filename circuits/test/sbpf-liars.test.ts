import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHILDREN, PAGE_ENTRIES } from '../../packages/svm/src/zkvm/commitment.js';
import { PROGRAM_ENTRIES } from '../../packages/svm/src/zkvm/operations.js';
import { testExecutor } from './sbpf-circuit.js';
import { mixedRun, type SbpfInputs } from './sbpf-runs.js';

let execute: (inputs: unknown) => Promise<unknown>;
let valid: SbpfInputs;
let used: Record<string, number>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor('sbpf_run');
  ({ inputs: valid, rows: used } = mixedRun(1));
}, 300_000);

const more = (value: string) => `0x${(BigInt(value) + 1n).toString(16)}`;

async function refused(change: (inputs: SbpfInputs) => void, reason = /./): Promise<void> {
  const inputs = structuredClone(valid);
  change(inputs);
  await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(reason);
}

it('the run that is changed below uses rows of every chip, and is accepted', async () => {
  for (const [chip, count] of Object.entries(used)) expect(count, chip).toBeGreaterThan(0);
  await expect(execute(valid)).resolves.toBeDefined();
});

const COLUMNS: Record<'rows' | 'accesses', Record<string, string[]>> = {
  rows: {
    moves: ['x', 'y'],
    jumps: ['x', 'y'],
    narrows: ['x', 'y', 'signed'],
    sums: ['a', 'b', 'subtracts'],
    products: ['x', 'y'],
    quotients: ['x', 'y', 'remainder'],
    equalities: ['x', 'y', 'negated'],
    orders: ['p', 'q', 'negated', 'exchanged'],
    bitwise: ['x', 'y', 'joins', 'excludes'],
    shifts: ['x', 'y', 'right'],
    swaps: ['x', 'y'],
  },
  accesses: {
    words: ['segment', 'offset', 'end', 'stores', 'whole', 'second', 'used', 'word'],
    part_loads: ['answer', 'row', 'size'],
    part_stores: ['answer', 'row', 'size', 'value'],
    crossing_loads: ['answer', 'row', 'size'],
    crossing_stores: ['answer', 'row', 'size', 'value'],
  },
};

describe('refuses another value in a row', () => {
  for (const group of ['rows', 'accesses'] as const)
    for (const [chip, columns] of Object.entries(COLUMNS[group]))
      for (const column of columns)
        it(`${chip}: ${column}`, async () => {
          const count = used[chip]!;
          for (const index of new Set([0, count >> 1, count - 1]))
            await refused((inputs) => {
              const row = inputs[group][chip]![index]!;
              const value = row[column]!;
              row[column] = typeof value === 'boolean' ? !value : more(value);
            });
        });
});

describe('refuses another page or node of a program', () => {
  const NO_PAGE = /a page is of no program/;
  const NO_NODE = /not the hash of its children/;

  it('another root', () =>
    refused((inputs) => {
      inputs.roots[0] = more(inputs.roots[0]!);
    }, NO_NODE));

  it('the roots of two programs exchanged', () =>
    refused((inputs) => {
      inputs.roots.reverse();
    }, NO_NODE));

  it('each entry of a page', async () => {
    for (let entry = 0; entry < PAGE_ENTRIES; entry++)
      await refused(({ code }) => {
        code.pages[1]![entry] = more(code.pages[1]![entry]!);
      }, NO_PAGE);
  });

  it('a page at the places of another program', () =>
    refused(({ code }) => {
      code.pages[0] = code.pages[0]!.map(
        (entry) => `0x${(BigInt(entry) + BigInt(PROGRAM_ENTRIES)).toString(16)}`,
      );
    }, NO_PAGE));

  it('a page as what another one is', () =>
    refused(({ code }) => {
      code.known[0] = code.known[1]!;
    }, NO_PAGE));

  it('each child of a node', async () => {
    for (let child = 0; child < CHILDREN; child++)
      await refused(({ nodes }) => {
        nodes[2]!.children[child] = more(nodes[2]!.children[child]!);
      }, NO_NODE);
  });

  it('a node in the place of another one', () =>
    refused(({ nodes }) => {
      nodes[2]!.known = nodes[3]!.known;
    }, NO_NODE));

  it('a node that nothing is known of', () =>
    refused(({ nodes }) => {
      const own = String(valid.roots.length + CHILDREN * (nodes.length - 1));
      nodes[nodes.length - 1] = { known: own, children: nodes[2]!.children };
    }, NO_NODE));

  it('a node as a page', () =>
    refused(({ code, nodes }) => {
      code.pages[0] = nodes[2]!.children;
      code.known[0] = nodes[2]!.known;
    }, NO_PAGE));

  it('a page as a node', () =>
    refused(({ code, nodes }) => {
      nodes[nodes.length - 1] = { known: code.known[0]!, children: code.pages[0]! };
    }, NO_NODE));
});

describe('refuses', () => {
  it('another entry in a step', () =>
    refused((inputs) => {
      inputs.step_entries[40] = more(inputs.step_entries[40]!);
    }, /entry is not the one at its place/));

  it('another row in a step', () =>
    refused((inputs) => {
      inputs.step_rows[40] = more(inputs.step_rows[40]!);
    }, /does not answer/));

  it('fewer steps', () =>
    refused((inputs) => {
      // The last step is one of the halt's, and the first is gone.
      inputs.step_entries.push(inputs.step_entries.shift()!);
      inputs.step_rows.push(inputs.step_rows.shift()!);
    }));

  // Nothing was executed before the first invocation, and its meter says so.
  for (const field of ['program', 'data', 'words', 'before', 'result', 'units'])
    for (const number of [0, 1])
      it(`another ${field} of invocation ${number}`, () =>
        refused((inputs) => {
          const invocation = inputs.schedule.invocations[number]!;
          invocation[field] = more(invocation[field]!);
        }));

  it('another number of compute units', () =>
    refused((inputs) => {
      inputs.schedule.units = more(inputs.schedule.units);
    }));

  for (const count of ['1', '3'])
    it(`${count} invocations instead of 2`, () =>
      refused((inputs) => {
        inputs.schedule.count = count;
      }));

  it('another cell after the run', () =>
    refused((inputs) => {
      inputs.cells_after[20] = more(inputs.cells_after[20]!);
    }, /cells after the run/));

  it('another cell before the run, where it is read', () =>
    refused((inputs) => {
      // of the last access, which is a load of the token program
      const { segment, offset } = inputs.accesses.words![used.words! - 1]!;
      const cell = Number(inputs.segments[Number(segment)]!.cell) + Number(offset);
      inputs.cells[cell] = more(inputs.cells[cell]!);
    }));

  it('a cell of more than 64 bits', () =>
    refused((inputs) => {
      inputs.cells[255] = `0x${(1n << 64n).toString(16)}`;
      inputs.cells_after[255] = inputs.cells[255]!;
    }));

  for (const field of ['invocation', 'start', 'cell', 'writable'])
    it(`a segment with another ${field}`, () =>
      refused((inputs) => {
        const segment = inputs.segments[0]!;
        segment[field] = field === 'writable' ? String(1 - Number(segment[field])) : more(segment[field]!);
      }));

  it('a segment that ends before what is accessed', () =>
    refused((inputs) => {
      inputs.segments[0]!.length = '0';
    }));

  it('a store that no step made', () =>
    refused((inputs) => {
      const words = inputs.accesses.words!;
      const store = words.find(({ stores }) => stores)!;
      words[used.words!] = { ...store, whole: true, second: false, word: '1234' };
    }, /no step made/));

  it('a store that no step made, among the rows that are not used', () =>
    refused((inputs) => {
      const words = inputs.accesses.words!;
      const store = words.find(({ stores }) => stores)!;
      words[used.words!] = { ...store, used: false };
    }, /unused access is used/));

  it('a store as the second half of an access that has none', () =>
    refused((inputs) => {
      const words = inputs.accesses.words!;
      const store = words.find(({ stores }) => stores)!;
      words[used.words!] = { ...store, whole: false, second: true };
    }));

  it('accesses in another order', () =>
    refused((inputs) => {
      const words = inputs.accesses.words!;
      [words[0], words[1]] = [words[1]!, words[0]!];
    }));
});
