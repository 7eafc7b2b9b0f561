import { encodeCompactData, encodeMessage } from '@polyproof/svm';
import { expect, it } from 'vitest';
import { readTables } from '../../packages/svm/src/compact-data/read-tables.js';
import {
  callMessage,
  systemTransfer,
  tokenTransfer,
  value,
} from '../../packages/svm/test/compact-data/messages.js';
import { executeVariant } from './circuit-variant.js';
import { CIRCUIT, compactInputs, inputsOf } from './compact-data.js';

/** The first message's blockhash is a value that the second one has as a key, and its data have a length of two bytes, and room in their last word. */
const BLOCKS = [
  [
    encodeMessage(callMessage([value(0), value(1)], [], new Uint8Array(230), value(2))),
    tokenTransfer(0, 2, 3),
    systemTransfer(3, 1),
  ],
];

const execute = (file: string, from: string, to: string) =>
  executeVariant(CIRCUIT, { file: `lib/src/compact/${file}.nr`, from, to }, compactInputs(BLOCKS));

it('a hint that is right is accepted', async () => {
  expect(await execute('values', 'a == b', 'b == a')).toBe('accepted');
}, 60_000);

for (const [file, hint, lie] of [
  ['rows', '!first.lt(SHORT_NUMBERS)', '!first.lt(SHORT_NUMBERS) | (first == 3)'],
  ['rows', '!first.lt(SHORT_NUMBERS)', '!first.lt(SHORT_NUMBERS + 32)'],
  ['rows', 'used[i] = (i as Field).lt(count)', 'used[i] = !count.lt(i as Field)'],
  [
    'rows',
    'used[i] = (i as Field).lt(count)',
    'used[i] = ((i as Field).lt(count) & (i != 1)) | (i as Field == count)',
  ],
  ['references', 'new_hint(used, value, seen)', 'new_hint(used, value, seen + 1)'],
  ['references', 'new_hint(used, value, seen)', 'new_hint(used, seen, seen)'],
  ['references', 'equal_hint(owner.behind, 0)', 'equal_hint(0, 0)'],
  ['instructions', '(length as u32 + 7) / 8', '(length as u32 + 15) / 8'],
  ['instructions', '(length as u32 + 7) / 8', '(length as u32) / 8'],
  ['words', 'divide(bytes, 64 - 8 * empty as u32)', 'divide(bytes, 64)'],
  ['words', 'divide(bytes, 64 - 8 * empty as u32)', 'divide(bytes, 8)'],
  ['transactions', 'last_of_block: (a / 128) as Field', 'last_of_block: 1 - (a / 128) as Field'],
  ['transactions', 'keys: (a % 64) as Field', 'keys: (a % 128) as Field'],
  ['transactions', 'version: (a / 64 % 2) as Field', 'version: 0'],
  ['transactions', 'more_signers: (b / 16) as Field', 'more_signers: (b / 16) as Field + 1'],
  ['values', 'a == b', 'a == a'],
] as const)
  it(`a lie is refused: ${lie} in ${file}`, async () => {
    await expect(execute(file, hint, lie)).rejects.toThrow(/^(?!.*(not the expected|does not say))/s);
  }, 60_000);

it('a lie is refused: a value that no transaction names', async () => {
  const tables = readTables(encodeCompactData([]));
  tables.values.push(value(0));
  const edit = {
    file: 'lib/src/compact/references.nr',
    from: '(used != 0) & (value == seen)',
    to: 'value == seen',
  };
  await expect(executeVariant(CIRCUIT, edit, inputsOf(tables))).rejects.toThrow(/a value of no transaction/);
}, 60_000);
