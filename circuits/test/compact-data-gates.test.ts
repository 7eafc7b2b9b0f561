import { expect, it } from 'vitest';
import { compactRows } from '../../packages/svm/src/compact-data/circuit-inputs.js';
import { compactSize } from '../../packages/svm/src/compact-data/encode.js';
import { tabulate } from '../../packages/svm/src/compact-data/tabulate.js';
import { systemTransfer, tokenTransfer } from '../../packages/svm/test/compact-data/messages.js';
import { circuitVariant, type Edit, sizeEdits } from './circuit-variant.js';
import { CIRCUIT, inputsOf, ROWS } from './compact-data.js';
import { gatesOf } from './gates.js';
import { solver } from './solver.js';

const DATA_BYTES = 1279;
const MORE_BYTES = 640;
const SMALL = {
  VALUES: 16,
  TRANSACTIONS: 8,
  REFERENCES: 32,
  INSTRUCTIONS: 8,
  ACCOUNTS: 16,
  WORDS: 16,
};

const room = (bytes: number): Edit => ({
  file: 'lib/src/parameters.nr',
  from: /DATA_BYTES: u32 = \d+/,
  to: `DATA_BYTES: u32 = ${bytes}`,
});

const gates = async (sizes: Readonly<Record<string, number>>, bytes = DATA_BYTES): Promise<number> =>
  gatesOf(await circuitVariant(CIRCUIT, [...sizeEdits(CIRCUIT, sizes), room(bytes)]));

it('a transfer of known accounts takes fewer than 2,300 gates, its SHA-256 included', async () => {
  const base = await gates(SMALL);
  const row: Record<string, number> = {};
  for (const [size, rows] of Object.entries(SMALL))
    row[size.toLowerCase()] = ((await gates({ ...SMALL, [size]: 2 * rows })) - base) / rows;
  const byte = ((await gates(SMALL, DATA_BYTES + MORE_BYTES)) - base) / MORE_BYTES;
  for (const message of [systemTransfer(0, 1), tokenTransfer(0, 1, 2)]) {
    const tables = tabulate([[message]]);
    let sum = byte * compactSize(tables).rest;
    for (const [table, rows] of Object.entries({ ...compactRows(tables), values: 0 }))
      sum += rows * row[table]!;
    expect(sum).toBeGreaterThan(1_500);
    expect(sum).toBeLessThan(2_300);
  }
  // a new value
  expect(32 * byte + row.values!).toBeLessThan(2_250);
}, 120_000);

it('a circuit of another size finds the same tables', async () => {
  const sizes = Object.fromEntries(Object.entries(ROWS).map(([table, rows]) => [table, rows + 5]));
  const capacity = sizes as unknown as typeof ROWS;
  const edits = Object.entries(sizes).map(([table, rows]) => [table.toUpperCase(), rows]);
  const solve = solver(await circuitVariant(CIRCUIT, sizeEdits(CIRCUIT, Object.fromEntries(edits))));
  const blocks = [Array.from({ length: 10 }, (_, i) => tokenTransfer(i % 4, (i % 5) + 4, (i % 7) + 9))];
  await solve(inputsOf(tabulate(blocks), capacity));
}, 60_000);
