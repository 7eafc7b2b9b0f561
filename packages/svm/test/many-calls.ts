import fc from 'fast-check';
import { type Call, moveTokens, pay, revoke } from './calls.js';
import { SOL } from './helpers.js';
import { type RandomCalls, randomCalls } from './random-calls.js';

/** Many random transactions, or many of one kind, which take most of one limit. */
export function manyCalls(maxLength: number): fc.Arbitrary<RandomCalls[]> {
  const wallet = fc.constantFrom('a', 'b', 'c', 'd');
  const amount = fc.bigInt({ min: 1n, max: 1_000n });
  const payment = fc
    .tuple(
      wallet,
      fc.nat(5).map((i) => `new ${i}`),
      amount,
    )
    .map(([from, to, lamports]) => pay(from, to, SOL / 1_000n + lamports));
  const tokens = fc
    .tuple(wallet, wallet, amount)
    .map(([from, to, moved]) => moveTokens(`token ${from}`, `token ${to}`, from, moved));
  const only = (call: fc.Arbitrary<Call>): fc.Arbitrary<RandomCalls> =>
    fc.record({
      payer: wallet,
      calls: fc.array(call, { minLength: 1, maxLength: 2 }),
      version: fc.constant('legacy' as const),
    });
  const kinds = [randomCalls, only(payment), only(tokens), only(fc.constant(revoke('token a', 'a')))];
  const lengths = [maxLength, maxLength, 2];
  return fc.oneof(
    ...kinds.flatMap((kind) =>
      lengths.map((most) => fc.array(kind, { minLength: 1, maxLength: most, size: 'max' })),
    ),
  );
}
