import '../../packages/svm/test/fixed-seed.js';
import { encodeMessage } from '@polyproof/svm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compactRows } from '../../packages/svm/src/compact-data/circuit-inputs.js';
import { tabulate } from '../../packages/svm/src/compact-data/tabulate.js';
import {
  callMessage,
  messageArbitrary,
  systemTransfer,
  tokenTransfer,
  value,
} from '../../packages/svm/test/compact-data/messages.js';
import { CIRCUIT, compactInputs, ROWS } from './compact-data.js';
import { testExecutor } from './sbpf-circuit.js';

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  execute = await testExecutor(CIRCUIT);
}, 300_000);

const accepted = (blocks: readonly (readonly Uint8Array[])[]) =>
  expect(execute(compactInputs(blocks)).then(() => 'accepted')).resolves.toBe('accepted');

describe('the circuit finds the tables that were encoded', () => {
  it('of transfers', () =>
    accepted([
      [systemTransfer(0, 1), tokenTransfer(0, 2, 3)],
      [tokenTransfer(0, 3, 2)],
      [systemTransfer(1, 1000)],
    ]));

  it('of one message without instructions', () => {
    const message = callMessage([value(1)], [], new Uint8Array(), value(1));
    message.header.numReadonlyUnsignedAccounts = 0;
    return accepted([[encodeMessage({ ...message, instructions: [] })]]);
  });

  it('of numbers of two bytes', () => {
    const data = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
    return accepted([[encodeMessage(callMessage([value(1), value(2)], [], data, value(3)))]]);
  });

  it('of full tables', async () => {
    const blocks = [Array.from({ length: ROWS.transactions }, (_, i) => tokenTransfer(i, 10 + i, 20 + i))];
    expect(compactRows(tabulate(blocks)).transactions).toBe(ROWS.transactions);
    await accepted(blocks);
    const keys = Array.from({ length: ROWS.values - 1 }, (_, i) => value(i));
    await accepted([[encodeMessage(callMessage(keys, [], new Uint8Array(), value(100)))]]);
    const accounts = Array.from({ length: ROWS.accounts }, (_, i) => i % 3);
    const bytes = new Uint8Array(8 * (ROWS.words - 1)).fill(9);
    await accepted([[encodeMessage(callMessage(keys.slice(0, 3), accounts, bytes, value(100)))]]);
  });

  it('of random messages', async () => {
    const message = messageArbitrary({ keys: 7, instructions: 2, accounts: 4, bytes: 20, values: 30 });
    const blocks = fc.array(fc.array(message.map(encodeMessage), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(blocks, async (batch) => void (await accepted(batch))),
      { numRuns: 25 },
    );
  }, 120_000);

  it('unless they do not fit', () =>
    expect(() =>
      compactInputs([Array.from({ length: ROWS.transactions + 1 }, () => systemTransfer(0, 1))]),
    ).toThrow(/9 transactions, at most 8/));
});
