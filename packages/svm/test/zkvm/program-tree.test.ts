import type { Field } from '@polyproof/base';
import { compressFields, initHashing } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  CHILDREN,
  CommittedProgram,
  DATA_PAGE_BYTES,
  PAGE_ENTRIES,
  packData,
} from '../../src/zkvm/commitment.js';
import type { Entry } from '../../src/zkvm/entry.js';
import { OpenedNodes } from '../../src/zkvm/opened-nodes.js';
import { OP, PROGRAM_ENTRIES } from '../../src/zkvm/operations.js';

beforeAll(initHashing);

const ENTRY: Omit<Entry, 'immediate'> = {
  op: OP.MOV,
  a: 16,
  b: 27,
  window: 0,
  memory: false,
  meter: false,
  units: 1,
  jump: 0,
};

/** A program of the table, of so many entries and full pages of data. */
function program(number: number, entries: number, dataPages: number): CommittedProgram {
  const lines = Array.from({ length: entries }, (_, i) => ({ ...ENTRY, immediate: BigInt(i) }));
  const readOnly = Uint8Array.from({ length: dataPages * DATA_PAGE_BYTES + 5 }, (_, i) => i * 7 + number);
  return new CommittedProgram(number, lines, readOnly);
}

const ROOTS = 3;

/** What `open` in circuits/lib/src/sbpf/program_tree.nr makes of the rows. */
function knownHashes(programs: readonly CommittedProgram[], { rows }: OpenedNodes): Field[] {
  const known = Array.from({ length: ROOTS }, (_, i) => programs[i]?.root ?? 0n);
  for (const { children } of rows) known.push(...children);
  for (const row of rows)
    expect(compressFields(row.children as [Field, Field, Field, Field])).toBe(known[row.known]);
  return known;
}

it('every page that is opened has a known hash, under nodes that are opened once, the upper ones first', () => {
  const size = fc.record({
    entries: fc.integer({ min: 1, max: 400 }),
    dataPages: fc.integer({ min: 0, max: 12 }),
    opened: fc.array(fc.nat({ max: 1000 }), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 2 }), (sizes) => {
      const programs = sizes.map(({ entries, dataPages }, i) => program(i + 1, entries, dataPages));
      const nodes = new OpenedNodes(programs, ROOTS);
      const expected: [place: number, hash: Field][] = [];
      sizes.forEach(({ entries, opened }, i) => {
        for (const choice of opened) {
          const code = choice % Math.ceil(entries / PAGE_ENTRIES);
          const hash = compressFields(programs[i]!.page(code)) + 7n;
          expected.push([nodes.openCode(i + 1, code), hash]);
          const dataPages = programs[i]!.lastDataPage + 1;
          if (dataPages === 0) continue;
          const data = choice % dataPages;
          const packed = packData(i + 1, programs[i]!.firstOfData(data), programs[i]!.dataPage(data)!);
          expected.push([nodes.openData(i + 1, data), compressFields(packed) + 10n]);
        }
      });
      const known = knownHashes(programs, nodes);
      for (const [place, hash] of expected) expect(known[place]).toBe(hash);
      const { rows } = nodes;
      rows.forEach(({ known: place }, i) => {
        expect(place).toBeLessThan(ROOTS + CHILDREN * i);
      });
      expect(new Set(rows.map((row) => row.known)).size).toBe(rows.length);
      expect(nodes.names.size).toBe(rows.length);
    }),
    { numRuns: 60 },
  );
});

it('the last page of data ends with the data, and none is longer', () => {
  const of = program(1, 1, 2);
  expect([0, 1, 2].map((page) => of.firstOfData(page))).toEqual([0, DATA_PAGE_BYTES, DATA_PAGE_BYTES + 5]);
  expect(of.lastDataPage).toBe(2);
  expect(of.dataPage(2)!.at(-1)! >> 56n).toBe(BigInt((7 * (2 * DATA_PAGE_BYTES + 4) + 1) % 256));
  expect(program(1, 1, 0).lastDataPage).toBe(-1);
});

it('a program has another root at another number in the table', () => {
  expect(program(1, 20, 1).root).not.toBe(program(2, 20, 1).root);
  const places = program(2, 20, 0).page(1);
  expect(places.map((entry) => Number(entry & 0xffffffn))).toEqual(
    [4, 5, 6, 7].map((i) => 2 * PROGRAM_ENTRIES + i),
  );
});
