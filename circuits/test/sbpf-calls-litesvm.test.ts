import { initHashing } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ZkvmError } from '../../packages/svm/src/zkvm/errors.js';
import { CASES } from './sbpf-call-cases.js';
import { CALLER, type CallCase, PLACE, runCalls, use } from './sbpf-calls.js';
import { expectAsInLitesvm } from './sbpf-calls-litesvm.js';
import { AT, allocate, assign, create, moveTokens, pay, RESERVE } from './sbpf-transactions.js';

beforeAll(() => initHashing());

describe('the machine leaves the accounts as litesvm does', () => {
  for (const [name, of, fails] of CASES)
    it(name, () => {
      expect(expectAsInLitesvm(of(), runCalls(of()))).toBe(fails);
    });
});

const ACCOUNTS = new Map<number, string>([
  [AT.FROM, 'w'],
  [AT.TO, 'w'],
  [AT.PAYER, 'sw'],
  [AT.OTHER, 'sw'],
  [AT.NEW, 'sw'],
  [PLACE.OWN, 'w'],
]);
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const INSTRUCTIONS = fc.oneof(
  fc.bigInt(0n, 10n ** 11n).map((amount) => moveTokens(AT.FROM, AT.TO, amount)),
  fc
    .tuple(fc.constantFrom(AT.OTHER, AT.PAYER), fc.bigInt(1n, 10n ** 9n))
    .map(([from, lamports]) => pay(from, from === AT.OTHER ? AT.PAYER : AT.OTHER, lamports)),
  fc.bigInt(RESERVE - 1n, RESERVE).map((lamports) => create(AT.NEW, lamports, 24, { owner: CALLER })),
  fc.integer({ min: 1, max: 300 }).map((bytes) => allocate(AT.OTHER, bytes)),
  fc.constant(assign(AT.OTHER, CALLER)),
);

/** Calls whose accounts, flags and descriptions are right more often than not. */
const RANDOM: fc.Arbitrary<CallCase> = fc
  .record({
    order: fc.shuffledSubarray([...ACCOUNTS.keys()], { minLength: 5 }),
    flags: sometimes(fc.tuple(fc.nat(5), fc.constantFrom('', 'w', 's', 'sw'))),
    instructions: fc.array(INSTRUCTIONS, { minLength: 1, maxLength: 2 }),
    more: sometimes(fc.array(fc.nat(7), { minLength: 1, maxLength: 3 })),
    less: sometimes(fc.nat(5)),
    pointer: sometimes(fc.tuple(fc.nat(3), fc.nat(4), fc.constantFrom(8n, -8n, 1n))),
    again: sometimes(fc.nat(5)),
  })
  .map(({ order, flags, instructions, more = [], less, pointer, again }) => {
    const flagsOf = (account: number) =>
      account !== AT.PAYER && account === order[flags?.[0] ?? -1] ? flags![1] : ACCOUNTS.get(account)!;
    const named = again === undefined ? order : [...order, order[again % order.length]!];
    const uses = named.map((account) => use(account, flagsOf(account)));
    const infos = [...order.keys(), ...more.map((info) => info % named.length)].filter((i) => i !== less);
    const changed = pointer === undefined ? {} : { changed: { pointer } };
    return {
      uses: [...uses, use(PLACE.TOKEN), use(PLACE.SYSTEM)],
      calls: instructions.map((instruction) => ({ instruction, infos, ...changed })),
      // Nobody gets the fees where the account may be created.
      collector: null,
    };
  });

it('random calls are refused, or end as in litesvm', () => {
  let followed = 0;
  fc.assert(
    fc.property(RANDOM, (of) => {
      let ran: ReturnType<typeof runCalls>;
      try {
        ran = runCalls(of);
      } catch (error) {
        if (error instanceof ZkvmError) return;
        throw error;
      }
      expectAsInLitesvm(of, ran);
      followed++;
    }),
    { numRuns: 150 },
  );
  expect(followed).toBeGreaterThan(30);
}, 300_000);
