import { initHashing } from '@polyproof/state';
import { beforeAll, expect, it } from 'vitest';
import { callsMessage, moveTokens, setLimit, setPrice } from '../../packages/svm/test/calls.js';
import { executeVariant } from './circuit-variant.js';
import { CIRCUIT, inputsOf } from './messages.js';

beforeAll(() => initHashing());

/** A price whose fee is no whole number of lamports, under a limit that is above the largest. */
const BLOCKS = [
  [
    callsMessage(
      'a',
      [setLimit(1_400_007), setPrice(123_457n), moveTokens('token a', 'token b', 'b', 5n)],
      new Uint8Array(32),
    ).message,
    callsMessage('b', [setPrice(1_000_001n), setLimit(3)], new Uint8Array(32)).message,
  ],
];

const execute = (file: string, from: string, to: string) =>
  executeVariant(CIRCUIT, { file: `lib/src/messages/${file}.nr`, from, to }, inputsOf(BLOCKS));

it('a hint that is right is accepted', async () => {
  expect(await execute('budget', 'most.lt(value)', '!value.lt(most) & (value != most)')).toBe('accepted');
}, 60_000);

for (const [file, hint, lie] of [
  ['budget', 'most.lt(value)', 'value.lt(most)'],
  ['budget', 'most.lt(value)', '!most.lt(value)'],
  ['budget', '+ 999999) / 1000000', ') / 1000000'],
  ['budget', '+ 999999) / 1000000', '+ 1999999) / 1000000'],
  ['budget', 'divide(sum, 64)', 'divide(sum, 60)'],
  ['budget', 'divide(rest, 32)', 'divide(rest, 40)'],
  ['named', 'place.lt(bound)', '!place.lt(bound)'],
  ['named', 'place.lt(bound)', 'place.lt(bound + 1)'],
  ['named', 'divide(packed, 8)', 'divide(packed, 7)'],
  ['named', 'divide(rest, 8)', 'divide(rest, 9)'],
] as const)
  it(`a lie is refused: ${lie} in ${file}`, async () => {
    await expect(execute(file, hint, lie)).rejects.toThrow(/^(?!.*does not say)/s);
  }, 60_000);
