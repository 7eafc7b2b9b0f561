import fc from 'fast-check';
import { WALLETS } from './bank/token-bank.js';
import {
  approve,
  burnTokens,
  type Call,
  mintTokens,
  moveChecked,
  moveTokens,
  pay,
  revoke,
  setLimit,
  setPrice,
} from './calls.js';
import { SOL } from './helpers.js';

/** Who pays, and what he has done. */
export interface Request {
  payer: string;
  calls: Call[];
}

const wallet = fc.constantFrom(...WALLETS);
const holder = wallet.map((name) => `token ${name}`);
const target = fc.oneof(
  { weight: 3, arbitrary: wallet },
  { weight: 1, arbitrary: fc.nat(5).map((i) => `new ${i}`) },
);
/** Also more than anybody has, so that calls fail. */
const amount = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt({ min: 0n, max: 1_000n }) },
  { weight: 1, arbitrary: fc.constant(1n << 60n) },
);

const payment = fc
  .tuple(wallet, target, fc.oneof(amount, fc.constant(SOL / 1_000n)))
  .filter(([from, to]) => from !== to)
  .map(([from, to, lamports]) => pay(from, to, lamports));

const tokenCall: fc.Arbitrary<Call> = fc
  .tuple(fc.nat(9), holder, holder, wallet, wallet, amount)
  .map(([kind, from, to, owner, other, tokens]) => {
    if (kind < 3) return moveTokens(from, to, from.slice(6), tokens);
    if (kind < 5) return moveChecked(from, 'mint', to, from.slice(6), tokens, kind === 3 ? 6 : 7);
    if (kind === 5) return mintTokens('mint', to, 'a', tokens);
    if (kind === 6) return burnTokens(from, 'mint', owner, tokens);
    if (kind === 7) return approve(from, other, from.slice(6), tokens);
    if (kind === 8) return revoke(from, from.slice(6));
    return moveTokens(from, to, owner, tokens); // perhaps as a delegate
  });

const budget = fc.oneof(
  fc.constant<Call[]>([]),
  fc.constant<Call[]>([]),
  fc.integer({ min: 2_000, max: 300_000 }).map((units) => [setLimit(units)]),
  fc.bigInt({ min: 0n, max: 1_000_000n }).map((price) => [setPrice(price)]),
  fc.integer({ min: 2_000, max: 300_000 }).map((units) => [setPrice(9_999n), setLimit(units)]),
);

/** Transfers of lamports and tokens, several in a transaction, among them ones that fail, and budgets. */
export const requestArbitrary: fc.Arbitrary<Request> = fc
  .record({
    payer: wallet,
    budget,
    calls: fc.array(fc.oneof(payment, tokenCall), { minLength: 1, maxLength: 3 }),
  })
  .map(({ payer, budget, calls }) => ({ payer, calls: [...budget, ...calls] }));

/** Many of them, or many of one kind, which take most of one limit. */
export function requestsArbitrary(maxLength: number): fc.Arbitrary<Request[]> {
  const only = (call: fc.Arbitrary<Call>) =>
    fc.record({ payer: wallet, calls: fc.array(call, { minLength: 1, maxLength: 2 }) });
  const tokens = fc
    .tuple(holder, holder, amount)
    .map(([from, to, tokens]) => moveTokens(from, to, from.slice(6), tokens));
  const kinds = [requestArbitrary, only(payment), only(tokens), only(fc.constant(revoke('token a', 'a')))];
  const lengths = [maxLength, maxLength, 3];
  return fc.oneof(
    ...kinds.flatMap((kind) =>
      lengths.map((most) => fc.array(kind, { minLength: 1, maxLength: most, size: 'max' })),
    ),
  );
}
