import { u64le } from '@polyproof/base';
import fc from 'fast-check';
import {
  allocate,
  approve,
  assign,
  burnTokens,
  type Call,
  closeAccount,
  createAccount,
  initializeAccount,
  memo,
  mintTokens,
  moveChecked,
  moveTokens,
  pay,
  revoke,
  setLimit,
  setPrice,
  TOKEN,
} from './calls.js';
import { SOL } from './helpers.js';
import { EDGES } from './workload.js';

/** Transactions of wallets `a` to `d` with their accounts of a mint: many of them at the edges of the rules. */
export interface RandomCalls {
  payer: string;
  calls: Call[];
  version: 'legacy' | 0;
}

const wallet = fc.constantFrom('a', 'b', 'c', 'd');
const stranger = fc.constantFrom('a', 'b', 'c', 'd', 'new 1', 'new 2', 'token a', 'mint', 'exit 1');
const token = wallet.map((name) => `token ${name}`);
const amount = fc.oneof(
  fc.constantFrom(0n, 1n, 999_999n, 1_000_000n, 1_000_001n, (1n << 64n) - 1n),
  fc.bigInt({ min: 0n, max: 2_000n }),
);
/** The owner in most cases, somebody else in some. */
const owned = fc.tuple(wallet, token, fc.nat(7)).map(([of, other, lie]) => ({
  owner: of,
  account: lie === 0 ? other : `token ${of}`,
}));

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 24 }).map((characters) => Uint8Array.from(Buffer.from(characters))),
  fc.uint8Array({ maxLength: 4 }),
);
/** Of wallets that sign, and in some cases of one that does not. */
const remark = fc
  .tuple(text, fc.array(fc.tuple(wallet, fc.constantFrom('s', 's', '')), { maxLength: 2 }))
  .map(([data, accounts]) => memo(data, ...accounts));

const call: fc.Arbitrary<Call> = fc.oneof(
  remark,
  {
    weight: 3,
    arbitrary: fc
      .tuple(wallet, stranger, fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: SOL / 50n })))
      .map(([from, to, lamports]) => pay(from, to, lamports)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(owned, token, amount)
      .filter(([{ account }, to]) => account !== to)
      .map(([{ owner, account }, to, tokens]) => moveTokens(account, to, owner, tokens)),
  },
  fc
    .tuple(owned, token, amount, fc.constantFrom(6, 6, 6, 5))
    .filter(([{ account }, to]) => account !== to)
    .map(([{ owner, account }, to, tokens, decimals]) =>
      moveChecked(account, 'mint', to, owner, tokens, decimals),
    ),
  fc.tuple(token, wallet, amount).map(([to, authority, tokens]) => mintTokens('mint', to, authority, tokens)),
  fc.tuple(owned, amount).map(([{ owner, account }, tokens]) => burnTokens(account, 'mint', owner, tokens)),
  fc
    .tuple(owned, stranger, amount)
    .map(([{ owner, account }, to, tokens]) => approve(account, to, owner, tokens)),
  owned.map(({ owner, account }) => revoke(account, owner)),
  // Transfers with too little data.
  fc.tuple(owned, fc.constantFrom([3], [3, ...u64le(1n).subarray(0, 7)])).map(
    ([{ owner, account }, data]): Call => ({
      program: TOKEN,
      accounts: [
        [account, 'w'],
        [owner, 's'],
      ],
      data: Uint8Array.from(data),
    }),
  ),
);

/** Accounts that come and go. */
const extra = fc.constantFrom('extra 1', 'extra 2', 'extra 3');
const created: fc.Arbitrary<Call[]> = fc.oneof(
  fc
    .tuple(wallet, extra, fc.constantFrom(2_039_280n, 2_039_280n, 2_039_279n, 0n), wallet)
    .map(([payer, name, lamports, owner]) => [
      createAccount(payer, name, lamports, 165, TOKEN),
      initializeAccount(name, 'mint', owner),
    ]),
  fc.tuple(extra, wallet, wallet).map(([name, to, owner]) => [closeAccount(name, to, owner)]),
  fc.tuple(wallet, extra, amount).map(([of, name, tokens]) => [moveTokens(`token ${of}`, name, of, tokens)]),
  fc
    .tuple(wallet, fc.constantFrom('new 1', 'new 2'))
    .map(([payer, name]) => [pay(payer, name, SOL / 100n), allocate(name, 8)]),
  fc.constantFrom('new 1', 'new 2').map((name) => [assign(name, TOKEN)]),
);

const settings = fc
  .tuple(
    fc.option(fc.constantFrom(260, 20_000, 200_000, 2_000_000)),
    fc.option(fc.bigInt({ min: 0n, max: 1_000_000n })),
  )
  .map(([limit, price]) => [
    ...(limit === null ? [] : [setLimit(limit)]),
    ...(price === null ? [] : [setPrice(price)]),
  ]);

export const randomCalls: fc.Arbitrary<RandomCalls> = fc
  .tuple(
    wallet,
    fc.oneof({ weight: 3, arbitrary: fc.array(call, { minLength: 1, maxLength: 2 }) }, created),
    settings,
    fc.nat(3),
    fc.constantFrom('legacy' as const, 0 as const),
  )
  .map(([payer, calls, budget, kind, version]) => ({
    payer,
    // At most five instructions in two transactions.
    calls: kind === 0 && calls.length === 1 ? [...budget.slice(0, 1), ...calls] : calls,
    version,
  }));
