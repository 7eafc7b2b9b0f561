import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZkvmError } from '../../packages/svm/src/zkvm/errors.js';
import { CASES } from './sbpf-call-cases.js';
import { CALLER, type CallCase, PLACE, runCalls, use } from './sbpf-calls.js';
import { expectAsInLitesvm } from './sbpf-calls-litesvm.js';
import { AT, allocate, assign, create, moveTokens, pay, RESERVE } from './sbpf-transactions.js';

describe('the machine leaves the accounts as litesvm does', () => {
  for (const [name, of, fails] of CASES)
    it(name, () => {
      expect(expectAsInLitesvm(of(), runCalls(of()))).toBe(fails);
    });
});

const FLAGS = fc.constantFrom('', 'w', 's', 'sw', 'w', 'sw');
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
    order: fc.shuffledSubarray([AT.FROM, AT.TO, AT.PAYER, AT.OTHER, AT.NEW, PLACE.OWN], { minLength: 4 }),
    flags: fc.array(FLAGS, { minLength: 6, maxLength: 6 }),
    instructions: fc.array(INSTRUCTIONS, { minLength: 1, maxLength: 2 }),
    infos: fc.array(fc.nat(), { maxLength: 3 }),
    field: fc.option(fc.tuple(fc.nat(3), fc.nat(4), fc.constantFrom(8n, -8n, 1n)), { freq: 8 }),
    again: fc.boolean(),
  })
  .map(({ order, flags, instructions, infos, field, again }) => {
    const uses = [...order, ...(again ? [order[0]!] : [])].map((account, i) =>
      use(account, account === AT.PAYER ? 'sw' : account === order[0] ? flags[0] : flags[i]),
    );
    uses.push(use(PLACE.TOKEN), use(PLACE.SYSTEM));
    const described = [...order.keys(), ...infos.map((info) => info % uses.length)];
    return {
      uses,
      calls: instructions.map((instruction) => ({
        instruction,
        infos: described,
        ...(field === null ? {} : { changed: { pointer: field } }),
      })),
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
