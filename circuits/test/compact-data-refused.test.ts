import '../../packages/svm/test/fixed-seed.js';
import { CIRCUIT_LIMITS, decodeCompactData, encodeCompactData } from '@polyproof/svm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompactLinks } from '../../packages/svm/src/compact-data/circuit-inputs.js';
import { writeTables } from '../../packages/svm/src/compact-data/encode.js';
import { readTables } from '../../packages/svm/src/compact-data/read-tables.js';
import type { CompactTables } from '../../packages/svm/src/compact-data/tables.js';
import { paddedData } from '../../packages/svm/src/padded-data.js';
import { systemTransfer, tokenTransfer, value } from '../../packages/svm/test/compact-data/messages.js';
import { CIRCUIT, hashesOf, inputsOf } from './compact-data.js';
import { testExecutor } from './sbpf-circuit.js';

type Inputs = ReturnType<typeof inputsOf>;

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  execute = await testExecutor(CIRCUIT);
}, 300_000);

const tables = () =>
  readTables(encodeCompactData([[systemTransfer(0, 1), tokenTransfer(0, 2, 3)], [systemTransfer(3, 1)]]));
/** By the parser, not by the comparison of the tables behind it. */
const BY_PARSER = /^(?!.*not the expected)/s;
const BY_COMPARISON = /not the expected/;
const refused = (inputs: unknown, reason = BY_PARSER) =>
  expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(reason);
/** Refused with other inputs than the right ones. */
const lie = async (change: (inputs: Inputs) => void, reason = BY_PARSER) => {
  const inputs = inputsOf(tables());
  change(inputs);
  await refused(inputs, reason);
};

describe('the circuit refuses other witnesses', () => {
  const links: Record<keyof CompactLinks, number[]> = {
    value_order: [0, 3, 6, 7, 39],
    reference_order: [0, 3, 4, 12, 13, 59],
    transaction_of_reference: [0, 3, 4, 12, 13, 59],
    transaction_of_instruction: [0, 1, 2, 3, 15],
    instruction_of_account: [0, 2, 6, 7, 47],
    instruction_of_word: [0, 1, 2, 5, 6, 39],
  };
  for (const [column, rows] of Object.entries(links) as [keyof CompactLinks, number[]][])
    it(`in ${column}`, async () => {
      for (const row of rows)
        for (const by of [1n, -1n])
          await lie((inputs) => {
            const changed = BigInt(inputs.links[column][row]!) + by;
            inputs.links[column][row] = String(changed < 0n ? 100n : changed);
          });
    });

  it('with two rows in the other order', async () => {
    for (const column of ['value_order', 'reference_order'] as const)
      for (const row of [0, 2, 20])
        await lie(({ links: { [column]: order } }) => {
          [order[row], order[row + 1]] = [order[row + 1]!, order[row]!];
        });
  });

  it('in the length of the data', async () => {
    for (const by of [1, -1])
      await lie(({ data }) => {
        data.length += by;
      }, /padding|last block/);
  });

  const columns = Object.keys(inputsOf(tables()).expected) as (keyof Inputs['expected'])[];
  for (const column of columns)
    it(`other tables: ${column}`, () =>
      lie(({ expected }) => {
        const more = (text: string) => String(BigInt(text) + 1n);
        const whole = expected[column];
        if (typeof whole === 'string') expected[column] = more(whole) as never;
        else {
          const rows = (Array.isArray(whole[0]) ? whole[2] : whole) as string[];
          rows[1] = more(rows[1]!);
        }
      }, BY_COMPARISON));
});

/** Refused with data that says something else, and everything else as that data would have it. */
const says = (change: (tables: CompactTables) => void, reason: RegExp) => {
  const changed = tables();
  change(changed);
  expect(() => decodeCompactData(writeTables(changed))).toThrow(/not compact batch data/);
  return refused(inputsOf(changed), reason);
};

describe('the circuit refuses data with', () => {
  const range = /assert_max_bit_size|bit_size/;
  for (const [what, reason, change] of [
    ['values without a transaction', /value is not used/, (t) => Object.assign(t, { transactions: [] })],
    ['a value twice', range, (t) => t.values.splice(1, 1, t.values[0]!)],
    ['a value that is not used', /value is not used/, (t) => t.values.push(value(50))],
    ['a value that is not there', /value is not used/, (t) => t.values.pop()],
    ['values out of order', range, (t) => t.references.splice(0, 2, 1, 0)],
    ['a block that does not end', /last block does not end/, (t) => (t.transactions[2]!.lastOfBlock = false)],
    ['a read-only fee payer', range, (t) => (t.transactions[1]!.readonlySigners = 1)],
    ['more read-only others than keys', range, (t) => (t.transactions[1]!.readonlyOthers = 4)],
    ['more signers than keys', range, (t) => (t.transactions[1]!.signers = 5)],
    ['a key twice', range, (t) => t.references.splice(5, 1, 0)],
    ['the fee payer as program', range, (t) => (t.instructions[1]!.program = 0)],
    ['a program that is not there', range, (t) => (t.instructions[1]!.program = 4)],
    ['an account that is not there', range, (t) => (t.accounts[2] = 4)],
    ['fewer bytes than an instruction says', BY_PARSER, (t) => (t.data = t.data.subarray(1))],
    ['more bytes than instructions say', /end with its last/, (t) => (t.data = Uint8Array.of(...t.data, 1))],
    ['fewer accounts than an instruction says', BY_PARSER, (t) => (t.accounts = t.accounts.subarray(1))],
    ['an instruction less than is said', BY_PARSER, (t) => t.instructions.pop()],
    ['an instruction more than is said', BY_PARSER, (t) => t.instructions.push(t.instructions[0]!)],
  ] as [string, RegExp, (tables: CompactTables) => unknown][])
    it(what, () => says(change, reason));

  it('other values or transactions than there is room for', async () => {
    for (const [at, room] of [
      [1, 41],
      [3, 9],
      [0, 0x80],
    ] as const)
      await lie((inputs) => {
        const bytes = writeTables(tables());
        bytes[at] = room;
        inputs.data = paddedData(bytes, CIRCUIT_LIMITS.dataBytes);
        Object.assign(inputs, hashesOf(bytes));
      }, /has not so many rows/);
  });

  it('what the decoder refuses, and nothing else', async () => {
    const pick = <T>(list: readonly T[], place: number) => list[place % list.length]!;
    let good = 0;
    let bad = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(11), fc.nat(), fc.nat(8), async (what, place, number) => {
        const changed = tables();
        const transaction = pick(changed.transactions, place);
        const instruction = pick(changed.instructions, place);
        if (what === 0) transaction.keys = number;
        if (what === 1) transaction.signers = number + 1;
        if (what === 2) transaction.readonlySigners = number;
        if (what === 3) transaction.readonlyOthers = number;
        if (what === 4) transaction.instructions = number;
        if (what === 5) instruction.program = number;
        if (what === 6) instruction.accounts = number;
        if (what === 7) instruction.dataLength = number + 6;
        if (what === 8) changed.accounts[place % changed.accounts.length] = number;
        if (what === 9) changed.values[number % changed.values.length] = pick(changed.values, place);
        if (what >= 10) changed.references[place % changed.references.length] = number;
        const decodes = (() => {
          try {
            decodeCompactData(writeTables(changed));
            return true;
          } catch {
            return false;
          }
        })();
        if (decodes) good++;
        else bad++;
        if (!decodes) await refused(inputsOf(changed));
        else await execute(inputsOf(changed));
      }),
      { numRuns: 150 },
    );
    expect(Math.min(good, bad)).toBeGreaterThan(20);
  }, 120_000);
});
