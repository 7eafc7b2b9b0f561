import { toHex } from '@polyproof/base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StatelessExecutor } from '../../src/bank/stateless-executor.js';
import { batchCircuitInputs, type Transaction } from '../../src/index.js';
import {
  approve,
  burnTokens,
  type Call,
  callsTransaction,
  closeAccount,
  createAccount,
  initializeAccount,
  mintTokens,
  moveChecked,
  moveTokens,
  pay,
  revoke,
  setLimit,
  setPrice,
  TOKEN,
} from '../calls.js';
import { COLLECTOR, SOL } from '../helpers.js';
import { address } from '../wire.js';
import { realRuntime } from './real-runtime.js';
import type { TestBank } from './test-bank.js';
import { openTokenBank, TOKENS, tokenAccount, tokenRollup, tokensOf, WALLETS } from './token-bank.js';

const FEE = 5_000n;
const UNPROVABLE = 'CommitCancelled';

let test: TestBank;
afterEach(() => test?.close());

const make = (payer: string, ...calls: Call[]): Transaction =>
  callsTransaction(payer, calls, test.bank.latestBlockhash);
const move = (from: string, to: string, amount: bigint) =>
  moveTokens(`token ${from}`, `token ${to}`, from, amount);
const id = (transaction: Transaction) => toHex(transaction.signatures[0]!);
const errorOf = (transaction: Transaction) => test.bank.getTransaction(transaction.signatures[0]!)?.error;
const included = ({ included: list }: { included: { transaction: Transaction }[] }) =>
  list.map(({ transaction }) => id(transaction));
const rejected = ({
  rejected: list,
}: {
  rejected: { transaction: { transaction: Transaction }; error: unknown }[];
}) => list.map(({ transaction, error }) => [id(transaction.transaction), error]);

describe('blocks of a provable rollup', () => {
  it('move, mint, burn and delegate tokens of a mint that is there from the start', async () => {
    test = await openTokenBank();
    const first = [
      make('a', move('a', 'b', 100n)),
      make('b', setLimit(90_000), setPrice(2_000_000n), moveChecked('token b', 'mint', 'token c', 'b', 50n)),
      make('a', mintTokens('mint', 'token d', 'a', 7n), move('a', 'd', 1n)),
    ];
    expect(included(await test.produce(...first))).toEqual(first.map(id));
    const second = [
      make('d', burnTokens('token d', 'mint', 'd', 8n), pay('d', 'new', SOL / 10n)),
      make('c', approve('token c', 'd', 'c', 20n)),
      make('d', moveTokens('token c', 'token d', 'd', 20n)),
      make('c', revoke('token c', 'c')),
      make('a', move('a', 'b', 10n * TOKENS)), // fails
    ];
    for (const transaction of second)
      expect(included(await test.produce(transaction))).toEqual([id(transaction)]);
    // Instructions of many kinds have room in one batch, though each brings code of its own.
    expect((await test.bank.closeBatch())!.transactions).toBe(8);
    expect([...first, ...second].map(errorOf)).toEqual([
      ...new Array(7).fill(undefined),
      { InstructionError: [0, { Custom: 1 }] },
    ]);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`))).toEqual([
      TOKENS - 101n,
      TOKENS + 50n,
      TOKENS + 30n,
      TOKENS + 20n,
    ]);
    expect(test.balance('new')).toBe(SOL / 10n);
    expect(test.balance(COLLECTOR)).toBe(SOL + 8n * FEE + 180_000n);
  });

  it('leave out what cannot be proved, alone, with the rest as if it had not been there', async () => {
    test = await openTokenBank();
    const good = [make('a', move('a', 'b', TOKENS - 10n)), make('b', move('b', 'c', 2n * TOKENS - 10n))];
    // Fails after its first instruction has created an account: that is not proved.
    const bad = make('a', createAccount('a', 'fresh', 2_039_280n, 165, TOKEN), move('a', 'b', 10n * TOKENS));
    const last = make('d', move('d', 'a', 1n));
    const outcome = await test.produce(good[0]!, bad, good[1]!, last);
    expect(included(outcome)).toEqual([...good, last].map(id));
    expect(rejected(outcome)).toEqual([[id(bad), UNPROVABLE]]);
    expect([...good, last].map(errorOf)).toEqual([undefined, undefined, undefined]);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`))).toEqual([
      11n,
      0n,
      3n * TOKENS - 10n,
      TOKENS - 1n,
    ]);
    expect(test.balance('a')).toBe(SOL - FEE);
    expect(test.bank.hasProcessed(bad)).toBe(false);
    // It may come again, once it can be proved.
    await test.produce(make('c', move('c', 'a', 3n * TOKENS - 10n)));
    await test.produce(make('a', mintTokens('mint', 'token a', 'a', 8n * TOKENS)));
    expect(included(await test.produce(bad))).toEqual([bad].map(id));
    expect(errorOf(bad)).toBeUndefined();
  });

  it('undo what a transaction stored before it failed, and go on as if it had not', async () => {
    test = await openTokenBank();
    const failing = [
      make('a', pay('a', 'new', SOL / 10n), move('a', 'b', 5n), move('a', 'b', 10n * TOKENS)),
      make('b', move('b', 'c', TOKENS), pay('b', 'a', 2n * SOL)),
    ];
    const odd = [
      make('c', pay('c', 'c', SOL / 2n)),
      make('d', pay('d', 'a', 0n)),
      make('d', pay('a', 'd', 0n, 'w')),
    ];
    const good = make('b', move('b', 'c', TOKENS));
    const all = [...failing, ...odd, good];
    expect(included(await test.produce(...all))).toEqual(all.map(id));
    expect(all.map(errorOf)).toEqual([
      { InstructionError: [2, { Custom: 1 }] },
      { InstructionError: [1, { Custom: 1 }] },
      undefined,
      undefined,
      { InstructionError: [0, 'MissingRequiredSignature'] },
      undefined,
    ]);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`))).toEqual([TOKENS, 0n, 2n * TOKENS, TOKENS]);
    expect(test.balance('new')).toBe(0n);
    expect(WALLETS.map((name) => SOL - test.balance(name))).toEqual([FEE, 2n * FEE, FEE, 2n * FEE]);
  });

  it('undo what runs out of units, and leave out fees of a nonce account, which the engine would take', async () => {
    const data = new Uint8Array(80);
    data.set([1, 0, 0, 0, 1, 0, 0, 0, ...address('nonce')]);
    const nonce = { address: address('nonce'), lamports: SOL, data };
    test = await openTokenBank({ config: tokenRollup(nonce) });
    const good = make('b', move('b', 'a', 1n));
    const starved = make('a', setLimit(200), move('a', 'b', 1n));
    const outcome = await test.produce(starved, good, make('nonce', pay('nonce', 'a', 1n)));
    expect(included(outcome)).toEqual([starved, good].map(id));
    expect(errorOf(starved)).toEqual({ InstructionError: [1, 'ProgramFailedToComplete'] });
    expect(tokensOf(test, 'token a')).toBe(TOKENS + 1n);
    expect(outcome.rejected.map(({ error }) => error)).toEqual([UNPROVABLE]);
  });

  it('give who cannot pay the error of the engine', async () => {
    const poor = { address: address('poor'), lamports: 893_000n };
    const account = tokenAccount('payer', 'mint', 'a', 1n);
    test = await openTokenBank({ config: tokenRollup(poor, account) });
    const nobody = make('nobody', move('a', 'b', 1n));
    const poorest = make('poor', pay('poor', 'a', 1n));
    const holder = make('payer', pay('payer', 'a', 1n));
    const good = make('a', move('a', 'b', 1n));
    const outcome = await test.produce(nobody, poorest, holder, good);
    expect(included(outcome)).toEqual([good].map(id));
    expect(rejected(outcome)).toEqual([
      [id(nobody), 'AccountNotFound'],
      [id(poorest), { InsufficientFundsForRent: { account_index: 0 } }],
      [id(holder), 'InvalidAccountForFee'],
    ]);
  });
});

describe('an open batch', () => {
  /** more than any batch takes */
  const CANDIDATES = 60;
  /** Workloads that fill a batch, each to another limit. */
  const WORKLOADS: Record<string, (i: number) => [payer: string, ...calls: Call[]]> = {
    'transfers of tokens': (i) => ['a', move('a', 'b', BigInt(i + 1))],
    'checked transfers of tokens': (i) => [
      'b',
      setLimit(100_000),
      moveChecked('token b', 'mint', 'token c', 'b', BigInt(i + 1)),
    ],
    'transfers of lamports': (i) => ['a', pay('a', 'b', BigInt(i + 1))],
    'new accounts': (i) => ['a', pay('a', `new ${i}`, SOL / 1_000n + BigInt(i))],
    'many instructions': (i) => [
      'a',
      ...Array.from({ length: 5 }, (_, k) => pay('a', 'b', BigInt(10 * i + k))),
    ],
    'failing transfers': (i) => ['a', move('a', 'b', 10n * TOKENS + BigInt(i))],
    'transfers that are undone': (i) => ['a', move('a', 'b', BigInt(i + 1)), pay('a', 'b', SOL)],
    mixed: (i) =>
      i % 2 === 0
        ? ['c', mintTokens('mint', 'token d', 'a', BigInt(i))]
        : ['d', pay('d', `new ${i}`, SOL / 1_000n), burnTokens('token d', 'mint', 'd', 1n)],
  };
  const candidates = (name: string, count = CANDIDATES) =>
    Array.from({ length: count }, (_, i) => make(...WORKLOADS[name]!(i)));
  const MEASURED = ['transfers of tokens', 'new accounts', 'failing transfers', 'mixed'];
  const rooms = () => MEASURED.map((name) => [name, test.bank.fitting(candidates(name))]);

  it.each(Object.keys(WORKLOADS))(
    'takes %s up to a limit, and not one more, in one block or in several',
    async (name) => {
      test = await openTokenBank();
      const all = candidates(name);
      const most = test.bank.fitting(all);
      expect(most).toBeGreaterThan(2);
      expect(most).toBeLessThan(CANDIDATES);
      expect(test.bank.fitting(all.slice(0, most))).toBe(most);
      await expect(test.produce(...all.slice(0, most + 1))).rejects.toMatchObject({ code: 'BATCH_FULL' });
      expect(test.bank.slot).toBe(0n);
      await test.produce(...all.slice(0, most - 2));
      // The end of a block takes room too.
      const rest = test.bank.fitting(all.slice(most - 2));
      expect(rest).toBeLessThanOrEqual(2);
      if (rest > 0) await test.produce(...all.slice(most - 2, most - 2 + rest));
      await expect(test.produce(all[most - 2 + rest]!)).rejects.toMatchObject({ code: 'BATCH_FULL' });
      const { transactions } = (await test.bank.closeBatch())!;
      expect(transactions).toBe(most - 2 + rest);
      expect(test.bank.fits(all[most - 2 + rest]!)).toBe(true);
    },
  );

  it('has the same room after the bank was opened again, and after a block that failed', async () => {
    test = await openTokenBank();
    for (const [payer, ...calls] of [
      WORKLOADS.mixed!(0),
      WORKLOADS.mixed!(1),
      WORKLOADS['many instructions']!(2),
      WORKLOADS['failing transfers']!(3),
      WORKLOADS['new accounts']!(4),
    ]) {
      const before = rooms();
      await test.produce(make(payer, ...calls));
      const after = rooms();
      expect(after).not.toEqual(before);
      await test.reopen();
      expect(rooms()).toEqual(after);
    }
    const { number } = (await test.bank.closeBatch())!;
    const empty = rooms();
    await test.produce(make('a', move('a', 'b', 4n)));
    expect(rooms()).not.toEqual(empty);
    await test.bank.rollBack(number);
    expect(rooms()).toEqual(empty);
  }, 180_000);
});

describe('batches of tokens', () => {
  let stateless: StatelessExecutor;
  beforeAll(() => {
    stateless = new StatelessExecutor({ runtime: realRuntime });
  });
  afterAll(() => stateless.close());

  /** Closes the open batch and does everything with it that its proof needs. */
  const close = async () => {
    const batch = (await test.bank.closeBatch())!;
    const witness = test.bank.getWitness(batch.number)!;
    const { accounts, newStateRoot } = await stateless.execute(witness);
    expect(newStateRoot).toBe(test.bank.stateRoot);
    return { batch, ...batchCircuitInputs(witness, accounts) };
  };

  it('are rolled back, and made again otherwise', async () => {
    test = await openTokenBank();
    await test.produce(make('a', move('a', 'b', 10n)));
    const first = await close();
    await test.produce(make('b', move('b', 'c', 20n)), make('c', pay('c', 'new', SOL / 2n)));
    await close();
    await test.produce(make('c', move('c', 'd', 30n)));
    await test.bank.rollBack(1n);
    expect(test.bank.stateRoot).toBe(first.batch.newStateRoot);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`) - TOKENS)).toEqual([-10n, 10n, 0n, 0n]);
    expect(test.balance('new')).toBe(0n);
    await test.reopen();
    await test.produce(make('d', move('d', 'a', 5n)));
    await test.reopen();
    await test.produce(make('a', move('a', 'b', 1n)));
    const second = await close();
    expect([second.batch.number, second.batch.transactions]).toEqual([2n, 2]);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`) - TOKENS)).toEqual([-6n, 11n, 0n, -5n]);
    await test.bank.rollBack(0n);
    expect(WALLETS.map((name) => tokensOf(test, `token ${name}`))).toEqual(new Array(4).fill(TOKENS));
    await test.produce(make('a', move('a', 'b', 10n)));
    expect((await close()).batch.newStateRoot).toBe(first.batch.newStateRoot);
  });

  it('create accounts and close them, in one batch or in several', async () => {
    test = await openTokenBank();
    const create = () => [
      createAccount('a', 'fresh', 2_039_280n, 165, TOKEN),
      initializeAccount('fresh', 'mint', 'a'),
      moveTokens('token a', 'fresh', 'a', 5n),
    ];
    const remove = (to: string) => [
      moveTokens('fresh', `token ${to}`, 'a', 5n),
      closeAccount('fresh', to, 'a'),
    ];
    const does = async (...calls: Call[]) => {
      const transaction = make('a', ...calls);
      expect(included(await test.produce(transaction))).toEqual([id(transaction)]);
      expect(errorOf(transaction)).toBeUndefined();
    };
    await does(...create());
    await close();
    expect(tokensOf(test, 'fresh')).toBe(5n);
    await does(...remove('b'));
    await close();
    expect(test.bank.getAccount(address('fresh'))).toBeUndefined();
    expect(test.balance('b')).toBe(SOL + 2_039_280n);
    await does(...create());
    await test.reopen();
    await does(...remove('c'));
    await close();
    expect(test.bank.getAccount(address('fresh'))).toBeUndefined();
    expect(test.balance('c')).toBe(SOL + 2_039_280n);
    await test.bank.rollBack(1n);
    expect(tokensOf(test, 'fresh')).toBe(5n);
    await does(...remove('d'));
    await close();
    expect(tokensOf(test, 'token d')).toBe(TOKENS + 5n);
  });

  it('take the small circuit where they fit in it', async () => {
    test = await openTokenBank();
    await test.produce(make('a', move('a', 'b', 10n)));
    expect((await close()).circuit).toBe('svm_batch_small');
    const transfers = Array.from({ length: 12 }, (_, i) => make('a', move('a', 'b', BigInt(i))));
    await test.produce(...transfers);
    expect((await close()).circuit).toBe('svm_batch');
    // Few transactions, whose data is too long for the small one.
    const long = ['x', 'y', 'z'].map((name) =>
      make('a', ...Array.from({ length: 4 }, (_, i) => pay('a', `${name} ${i}`, SOL / 1_000n))),
    );
    await test.produce(...long);
    expect((await close()).circuit).toBe('svm_batch');
  });
});
