import { u64le } from '@polyproof/base';
import { type Account, decodeAccount } from '@polyproof/state';
import fc from 'fast-check';
import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { decodeBase58, RESERVED_ADDRESSES, systemAccount } from '../../src/index.js';
import {
  decodeReply,
  decodeRequest,
  encodeExecute,
  encodeReply,
} from '../../src/runtime/engine/engine-protocol.js';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import { RuntimeEngine } from '../../src/runtime/engine/runtime-engine.js';
import type { AccountEntry, EngineOutcome, EngineTransaction } from '../../src/runtime/types.js';
import { type EngineError, transactionErrorJson } from '../../src/transaction-error.js';
import '../fixed-seed.js';
import {
  address,
  BLOCKHASH,
  context,
  engineTransaction,
  entry,
  type Instruction,
  mintAccount,
  readonly,
  SOL,
  SYSTEM,
  signing,
  systemTransfer,
  TOKEN,
  tokenAccount,
  tokenTransfer,
  writable,
} from '../support/engine-transactions.js';

/** Random work, executed by the engine in groups and by litesvm alone one after the other. */

const USERS = ['u0', 'u1', 'u2', 'u3'];
const MINT = address('mint');
const NATIVE_MINT = decodeBase58('So11111111111111111111111111111111111111112');
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const tokenOf = (user: string) => address(`${user} token`);
const nativeOf = (user: string) => address(`${user} native`);

function native(owner: string, lamports: bigint): Account {
  const account = tokenAccount(NATIVE_MINT, address(owner), lamports);
  account.data[109] = 1;
  account.data.set(u64le(2_039_280n), 113);
  return { ...account, lamports: lamports + 2_039_280n };
}

const initial: [Uint8Array, Account][] = [
  ...genesisPrograms(),
  [MINT, mintAccount(address('u0'), 4_000n, 2)],
  [NATIVE_MINT, mintAccount(SYSTEM, 0n, 9)],
  ...USERS.flatMap((user): [Uint8Array, Account][] => [
    [address(user), systemAccount(SOL)],
    [tokenOf(user), tokenAccount(MINT, address(user), 1_000n)],
    [nativeOf(user), native(user, SOL)],
  ]),
];

const RESERVED = new Set(RESERVED_ADDRESSES.map((text) => addressKey(decodeBase58(text))));

const user = fc.constantFrom(...USERS);
const amount = fc.oneof(fc.bigInt({ min: 0n, max: 1_200n }), fc.bigInt({ min: 0n, max: 2n * SOL }));
const place = fc.constantFrom(
  ...USERS.map(address),
  ...USERS.map(tokenOf),
  address('new 0'),
  address('new 1'),
  TOKEN,
);
const token = (accounts: Instruction['accounts'], ...data: number[]): Instruction => ({
  program: TOKEN,
  accounts,
  data: Uint8Array.from(data),
});

type Step = { signer: string; instructions: Instruction[] };
const instruction = (signer: string): fc.Arbitrary<Instruction> => {
  const own = address(signer);
  return fc.oneof(
    {
      arbitrary: fc.tuple(place, amount).map(([to, lamports]) => systemTransfer(own, to, lamports)),
      weight: 4,
    },
    {
      arbitrary: fc.tuple(user, amount).map(([to, n]) => tokenTransfer(tokenOf(signer), tokenOf(to), own, n)),
      weight: 4,
    },
    fc.tuple(user, amount).map(([to, n]) => tokenTransfer(nativeOf(signer), nativeOf(to), own, n)),
    fc.tuple(user, amount).map(([from, n]) => tokenTransfer(tokenOf(from), tokenOf(signer), own, n)),
    // transfer, the mint and its decimals checked
    fc
      .tuple(user, user, amount, fc.constantFrom(2, 2, 2, 9))
      .map(([from, to, n, decimals]) =>
        token(
          [writable(tokenOf(from)), readonly(MINT), writable(tokenOf(to)), signing(own)],
          12,
          ...u64le(n),
          decimals,
        ),
      ),
    // approve, mint, burn, close, synchronise native
    fc
      .tuple(user, amount)
      .map(([to, n]) =>
        token([writable(tokenOf(signer)), readonly(address(to)), signing(own)], 4, ...u64le(n)),
      ),
    fc
      .tuple(user, amount)
      .map(([to, n]) => token([writable(MINT), writable(tokenOf(to)), signing(own)], 7, ...u64le(n))),
    amount.map((n) => token([writable(tokenOf(signer)), writable(MINT), signing(own)], 8, ...u64le(n))),
    fc
      .tuple(user, fc.boolean())
      .map(([to, isNative]) =>
        token(
          [writable(isNative ? nativeOf(signer) : tokenOf(signer)), writable(address(to)), signing(own)],
          9,
        ),
      ),
    user.map((of) => token([writable(nativeOf(of))], 17)),
    fc.constant<Instruction>({ program: MEMO, accounts: [signing(own)], data: Buffer.from('gm') }),
    fc.nat(400_000).map(
      (units): Instruction => ({
        program: decodeBase58('ComputeBudget111111111111111111111111111111'),
        accounts: [],
        data: Uint8Array.of(2, units, units >> 8, units >> 16, 0),
      }),
    ),
    // allocate: owner and data of an account that is plain so far
    fc.nat(64).map(
      (space): Instruction => ({
        program: SYSTEM,
        accounts: [signing(own)],
        data: Uint8Array.of(8, 0, 0, 0, ...u64le(BigInt(space))),
      }),
    ),
    fc
      .nat(20)
      .map((tag) =>
        token([writable(tokenOf(signer)), writable(MINT), signing(own)], tag, 1, 0, 0, 0, 0, 0, 0, 0),
      ),
  );
};
const step: fc.Arbitrary<Step> = user.chain((signer) =>
  fc
    .array(instruction(signer), { minLength: 1, maxLength: 3 })
    .map((instructions) => ({ signer, instructions })),
);
const groups = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });

/** Only one instruction may set the limit of compute units. */
const isSane = ({ instructions }: Step) =>
  instructions.filter(({ accounts }) => accounts.length === 0).length < 2;

class Reference {
  readonly svm = new litesvm.LiteSvm();

  constructor() {
    this.svm.setSigverify(false);
    this.svm.setBlockhashCheck(false);
    this.svm.setTransactionHistory(0n);
    for (const [key, account] of initial)
      if (account.data.length < 1_000)
        this.svm.setAccount(
          key,
          new litesvm.Account(
            account.lamports,
            account.data,
            account.owner,
            account.executable,
            account.rentEpoch,
          ),
        );
  }

  execute({ transaction }: EngineTransaction) {
    const result = this.svm.sendVersionedTransaction(transaction.bytes);
    const meta = result instanceof litesvm.TransactionMetadata ? result : result.meta();
    return {
      logs: meta.logs(),
      computeUnits: meta.computeUnitsConsumed(),
      error:
        result instanceof litesvm.TransactionMetadata
          ? undefined
          : transactionErrorJson(result.err() as EngineError),
    };
  }

  account(key: Uint8Array): Account | null {
    const found = this.svm.getAccount(key);
    if (found === null || found.lamports() === 0n) return null;
    return {
      lamports: found.lamports(),
      data: Uint8Array.from(found.data()),
      owner: Uint8Array.from(found.owner()),
      executable: found.executable(),
      rentEpoch: found.rentEpoch(),
    };
  }
}

const ENTRIES: AccountEntry[] = initial.map(([key, account]) => entry(key, account));
const engine = new RuntimeEngine();
engine.beginBlock(context());

/** As over the channel between processes. */
function execute(accounts: readonly AccountEntry[], transactions: EngineTransaction[]) {
  const request = decodeRequest(encodeExecute(1, { accounts: [...accounts], transactions }));
  if (request.kind !== 'execute') throw new Error(request.kind);
  const result = engine.execute(request.accounts, request.transactions);
  const reply = decodeReply(encodeReply({ kind: 'result', id: 1, result }));
  if (reply.kind !== 'result') throw new Error(reply.kind);
  return reply.result;
}

describe('the engine against litesvm alone', () => {
  it('gives the same accounts, logs, errors and compute units', () => {
    const statuses = new Map<EngineOutcome['status'], number>();
    let previous: Map<string, Uint8Array> = new Map();
    fc.assert(
      fc.property(groups, (steps) => {
        const reference = new Reference();
        // The engine keeps what the last run left: only what that was given another value is given again.
        const reset: AccountEntry[] = [
          ...[...previous.values()].map((key): AccountEntry => [key, null]),
          ...ENTRIES,
        ];
        const state = new Map(
          initial.map(([key, account]): [string, Account | null] => [addressKey(key), account]),
        );
        const named = new Map<string, Uint8Array>();
        steps.forEach((group, index) => {
          const transactions = group
            .filter(isSane)
            .map(({ signer, instructions }) =>
              engineTransaction({ signers: [signer], instructions, blockhash: BLOCKHASH }),
            );
          const result = execute(index === 0 ? reset : [], transactions);
          for (const [at, transaction] of transactions.entries()) {
            const outcome = result.outcomes[at]!;
            const meta = decodeMeta(outcome.meta);
            expect({ logs: meta.logs, computeUnits: outcome.computeUnits, error: outcome.error }).toEqual(
              reference.execute(transaction),
            );
            statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
            for (const { accountIndex, amount } of meta.postTokenBalances) {
              const { data } = reference.account(transaction.accountKeys[accountIndex]!)!;
              expect(amount).toBe(Buffer.from(data).readBigUInt64LE(64));
            }
            transaction.accountKeys.forEach((key, place) => {
              named.set(addressKey(key), key);
              if (transaction.writable[place] && at === transactions.length - 1)
                expect(meta.postBalances[place]).toBe(reference.svm.getBalance(key) ?? 0n);
            });
          }
          for (const [key, bytes] of result.accounts) {
            const account = bytes === null ? null : decodeAccount(bytes);
            // Only what changed is in the result.
            expect(account).not.toEqual(state.get(addressKey(key)) ?? null);
            state.set(addressKey(key), account);
          }
        });
        for (const [key, where] of named)
          if (!RESERVED.has(key)) expect(state.get(key) ?? null).toEqual(reference.account(where));
        previous = named;
      }),
      { numRuns: 60 },
    );
    expect([...statuses.keys()].toSorted()).toEqual(['failed', 'ok', 'rejected']);
    for (const count of statuses.values()) expect(count).toBeGreaterThan(5);
  });
});
