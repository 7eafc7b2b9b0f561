import { equalBytes, toHex } from '@polyproof/base';
import { decodeBase58 } from '../../packages/svm/src/base58.js';
import { type BatchProgram, provablePrograms } from '../../packages/svm/src/zkvm/provable-programs.js';
import { transactionInputs } from '../../packages/svm/src/zkvm/transaction-inputs.js';
import type { BatchAccount, TransactionCapacity } from '../../packages/svm/src/zkvm/transaction-layout.js';
import type {
  AccountUse,
  ProvableBlock,
  ProvableInstruction,
  ProvableTransaction,
} from '../../packages/svm/src/zkvm/transaction-rows.js';
import { runTransactions, type TransactionRun } from '../../packages/svm/src/zkvm/transaction-run.js';
import { NATIVE_MINT, named, SCENARIOS, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { capacityOf, sizeOf } from './sbpf-circuit.js';

export const CIRCUIT = 'sbpf_transactions';

export const CAPACITY = {
  ...capacityOf(CIRCUIT, { segments: 0, invocations: sizeOf(CIRCUIT, 'ROWS') }),
  ...own(),
};

function own(): TransactionCapacity {
  const size = (what: string) => sizeOf(CIRCUIT, what);
  return {
    accounts: size('ACCOUNTS'),
    accountCells: size('ACCOUNT_CELLS'),
    freshCells: size('FRESH_CELLS'),
    transfers: size('TRANSFERS'),
    changes: size('CHANGES'),
    balances: size('BALANCES'),
    savedWords: size('SAVED_WORDS'),
    hashRows: size('HASH_ROWS'),
    uses: size('USES'),
    rows: size('ROWS'),
    dataWords: size('DATA_WORDS'),
    dataPages: size('DATA_PAGES'),
    rights: size('RIGHTS'),
    windows: size('WINDOWS'),
    calls: size('CALLS'),
    passed: size('PASSED'),
    infos: size('INFOS'),
    resumed: size('RESUMED'),
    shared: size('SHARED'),
    epochs: size('EPOCHS'),
    own: size('OWN'),
    callWords: size('CALL_WORDS'),
  };
}

const wallet = (name: string, lamports: bigint): BatchAccount => ({
  address: named(name),
  account: {
    lamports,
    owner: new Uint8Array(32),
    data: new Uint8Array(),
    executable: false,
    rentEpoch: 0xffffffffffffffffn,
  },
});

/**
 * Places in the table of accounts: two wallets, two token accounts and their mint, two that may not exist, and either
 * the mint of wrapped lamports, or another one that may not exist.
 */
export const AT = { PAYER: 0, OTHER: 1, FROM: 2, TO: 3, MINT: 4, COLLECTOR: 5, NEW: 6, LAST: 7 } as const;

/** The accounts of the token scenarios, with wallets. */
export function accounts(): BatchAccount[] {
  const tokens = SCENARIOS[0]!.accounts;
  const token = (name: string): BatchAccount => {
    const { address, owner, lamports, data } = tokens.find((account) =>
      named(name).every((byte, i) => byte === account.address[i]),
    )!;
    return { address, account: { owner, lamports, data, executable: false, rentEpoch: 0xffffffffffffffffn } };
  };
  return [
    wallet('payer', 10n ** 10n),
    wallet('other', 10n ** 9n),
    token('from'),
    token('to'),
    token('mint'),
    { address: named('collector'), account: null },
    { address: named('new'), account: null },
    { address: named('last'), account: null },
  ];
}

const use = (account: number, flags = ''): AccountUse => ({
  account,
  signer: flags.includes('s'),
  writable: flags.includes('w'),
});

const SYSTEM = new Uint8Array(32);
const BUDGET = decodeBase58('ComputeBudget111111111111111111111111111111');
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

const little = (value: bigint | number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));

export const pay = (
  from: number,
  to: number,
  lamports: bigint,
  flags = 'sw',
  toFlags = from === to ? flags : 'w',
): ProvableInstruction => ({
  programId: SYSTEM,
  accounts: [use(from, flags), use(to, toFlags)],
  data: Uint8Array.from([...little(2, 4), ...little(lamports, 8)]),
});

/** Creates the account that is named second. */
export const create = (
  account: number,
  lamports: bigint,
  bytes: number,
  { owner = TOKEN, flags = 'sw', payer = AT.PAYER as number } = {},
): ProvableInstruction => ({
  programId: SYSTEM,
  accounts: [use(payer, 'sw'), use(account, flags)],
  data: Uint8Array.from([...little(0, 4), ...little(lamports, 8), ...little(bytes, 8), ...owner]),
});

export const assign = (account: number, owner = TOKEN, flags = 'sw'): ProvableInstruction => ({
  programId: SYSTEM,
  accounts: [use(account, flags)],
  data: Uint8Array.from([...little(1, 4), ...owner]),
});

export const allocate = (account: number, bytes: number, flags = 'sw'): ProvableInstruction => ({
  programId: SYSTEM,
  accounts: [use(account, flags)],
  data: Uint8Array.from([...little(8, 4), ...little(bytes, 8)]),
});

const ofToken = (data: number[], ...accounts: AccountUse[]): ProvableInstruction => ({
  programId: TOKEN,
  accounts,
  data: Uint8Array.from(data),
});

export const initializeMint = (mint: number, flags = 'sw'): ProvableInstruction =>
  ofToken([20, 6, ...named('payer'), 0], use(mint, flags));

/** The payer's. */
export const initializeAccount = (account: number, mint: number, flags = 'sw'): ProvableInstruction =>
  ofToken([18, ...named('payer')], use(account, flags), use(mint, mint === AT.LAST ? '' : 'w'));

export const closeTokens = (account: number, to: number, flags = 'w'): ProvableInstruction =>
  ofToken([9], use(account, flags), use(to, to === AT.PAYER ? 'sw' : 'w'), use(AT.PAYER, 'sw'));

export const syncNative = (account: number, flags = 'w'): ProvableInstruction =>
  ofToken([17], use(account, flags));

export const moveTokens = (from: number, to: number, amount: bigint, flags = 'w'): ProvableInstruction => ({
  programId: TOKEN,
  accounts: [use(from, flags), use(to, flags), use(AT.PAYER, 'sw')],
  data: Uint8Array.from([3, ...little(amount, 8)]),
});

export const mintTokens = (
  amount: bigint,
  mint: number = AT.MINT,
  to: number = AT.TO,
  flags = 'w',
): ProvableInstruction =>
  ofToken([7, ...little(amount, 8)], use(mint, flags), use(to, flags), use(AT.PAYER, 'sw'));

/** Of text, or of bytes that are none. */
export const memo = (text: string | Uint8Array, ...accounts: [account: number, flags: string][]) => ({
  programId: MEMO,
  accounts: accounts.map(([account, flags]) => use(account, flags)),
  data: typeof text === 'string' ? new TextEncoder().encode(text) : text,
});

export const limitUnits = (units: number): ProvableInstruction => ({
  programId: BUDGET,
  accounts: [],
  data: Uint8Array.from([2, ...little(units, 4)]),
});

/** The payer's, and those of others who sign. */
function signatures(instructions: readonly ProvableInstruction[]): bigint {
  const signers = instructions.flatMap(({ accounts: list }) =>
    list.filter(({ signer }) => signer).map(({ account }) => account),
  );
  return BigInt(new Set<number>([AT.PAYER, ...signers]).size);
}

function limitOf(instructions: readonly ProvableInstruction[]): number {
  const set = instructions.find(({ programId }) => equalBytes(programId, BUDGET));
  return set === undefined ? 200_000 : Buffer.from(set.data).readUInt32LE(1);
}

/** One block of transactions of the payer. */
export const block = (...transactions: ProvableInstruction[][]): ProvableBlock => ({
  transactions: transactions.map((instructions) => ({
    payer: AT.PAYER,
    feeLamports: 5_000n * signatures(instructions),
    computeUnitLimit: limitOf(instructions),
    instructions,
  })),
  collector: AT.COLLECTOR,
});

/** Lamports of a token account besides those that it wraps. */
export const RESERVE = 2_039_280n;

/** As {@link accounts}, with wrapped lamports of the payer in both token accounts, and their mint. */
export function wrapped(): BatchAccount[] {
  const list = accounts();
  for (const [place, amount] of [
    [AT.FROM, 5_000_000n],
    [AT.TO, 7n],
  ] as const) {
    const account = list[place]!.account!;
    const data = Buffer.from(account.data);
    data.set(NATIVE_MINT, 0);
    data.set(named('payer'), 32);
    data.writeBigUInt64LE(amount, 64);
    data.writeUInt32LE(1, 109);
    data.writeBigUInt64LE(RESERVE, 113);
    list[place] = {
      address: list[place]!.address,
      account: { ...account, lamports: RESERVE + amount, data: Uint8Array.from(data) },
    };
  }
  const mint = list[AT.MINT]!.account!;
  const data = Buffer.from(mint.data);
  data.writeUInt32LE(0, 0);
  data.writeBigUInt64LE(0n, 36);
  data[44] = 9;
  list[AT.LAST] = { address: NATIVE_MINT, account: { ...mint, data: Uint8Array.from(data) } };
  return list;
}

export const committedToken = (): BatchProgram => provablePrograms()[0]!;

export function run(blocks: readonly ProvableBlock[], before = accounts()): TransactionRun {
  return runTransactions({ accounts: before, programs: provablePrograms(), blocks, capacity: CAPACITY });
}

export function inputs(blocks: readonly ProvableBlock[], before = accounts()): Record<string, unknown> {
  return transactionInputs(run(blocks, before), before, provablePrograms(), CAPACITY);
}

/** A legacy transaction without signatures. The payer comes first, and no account is named with different flags. */
export function wire(
  { payer, instructions }: ProvableTransaction,
  before: readonly BatchAccount[],
): Uint8Array {
  const keys = new Map<string, { address: Uint8Array; signer: boolean; writable: boolean }>();
  const name = (address: Uint8Array, signer: boolean, writable: boolean) => {
    const key = keys.get(toHex(address)) ?? { address, signer: false, writable: false };
    keys.set(toHex(address), { address, signer: key.signer || signer, writable: key.writable || writable });
  };
  name(before[payer]!.address, true, true);
  for (const { programId, accounts: list } of instructions) {
    for (const { account, signer, writable } of list) name(before[account]!.address, signer, writable);
    name(programId, false, false);
  }
  const rank = (key: { signer: boolean; writable: boolean }) => (key.signer ? 0 : 2) + (key.writable ? 0 : 1);
  const all = [...keys.values()].sort((a, b) => rank(a) - rank(b));
  const place = (address: Uint8Array) => all.findIndex((key) => toHex(key.address) === toHex(address));
  const ranked = (wanted: number) => all.filter((key) => rank(key) === wanted).length;
  const signers = ranked(0) + ranked(1);
  return Uint8Array.from([
    signers,
    ...new Uint8Array(64 * signers),
    signers,
    ranked(1),
    ranked(3),
    all.length,
    ...all.flatMap(({ address }) => [...address]),
    ...new Uint8Array(32),
    instructions.length,
    ...instructions.flatMap(({ programId, accounts: list, data }) => [
      place(programId),
      list.length,
      ...list.map(({ account }) => place(before[account]!.address)),
      ...(data.length < 128 ? [data.length] : [(data.length & 127) | 128, data.length >> 7]),
      ...data,
    ]),
  ]);
}
