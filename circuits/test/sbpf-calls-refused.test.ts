import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Call, PLACE, runCalls, use } from './sbpf-calls.js';
import { AT, moveTokens, pay } from './sbpf-transactions.js';

const USES = [use(AT.FROM, 'w'), use(AT.TO, 'w'), use(AT.PAYER, 'sw'), use(PLACE.TOKEN)];
const TRANSFER = { instruction: moveTokens(AT.FROM, AT.TO, 5n), infos: [0, 1, 2] };

const refused = (call: Call, uses = USES) =>
  expect(() => runCalls({ uses, calls: [call] })).toThrow(/call|access|proved/);

beforeAll(() => initHashing());

describe('the machine does not follow a call', () => {
  for (const field of [0, 1, 2, 3, 4])
    it(`with another pointer or length in field ${field} of a description`, () => {
      for (const by of [8n, -8n, 1n, 1n << 32n])
        refused({ ...TRANSFER, changed: { pointer: [1, field, by] } });
    });

  it('without the description of an account', () => refused({ ...TRANSFER, infos: [0, 2] }));

  it('of a program that the caller does not name', () => refused(TRANSFER, USES.slice(0, 3)));

  it('with an account that the caller does not have', () => refused({ ...TRANSFER, changed: { meta: 1 } }));

  it('with rights that the caller does not have', () => {
    refused(TRANSFER, [use(AT.FROM), ...USES.slice(1)]);
    refused({ instruction: pay(AT.OTHER, AT.PAYER, 5n), infos: [0, 1] }, [
      use(AT.PAYER, 'sw'),
      use(AT.OTHER, 'w'),
      use(PLACE.SYSTEM),
    ]);
  });
});
