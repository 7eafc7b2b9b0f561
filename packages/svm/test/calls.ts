import { u64le } from '@polyproof/base';
import {
  decodeBase58,
  decodeTransaction,
  type Message,
  SYSTEM_PROGRAM,
  type Transaction,
} from '../src/index.js';
import { address, signMessage } from './wire.js';

/** An account by its name, with flags: `s` signs, `w` writable. */
export type Named = readonly [name: string, flags: string];

/** An instruction whose accounts have names. */
export interface Call {
  program: Uint8Array;
  accounts: readonly Named[];
  data: Uint8Array;
}

export const TOKEN = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const BUDGET = decodeBase58('ComputeBudget111111111111111111111111111111');
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

export const pay = (from: string, to: string, lamports: bigint, flags = 'sw'): Call => ({
  program: SYSTEM_PROGRAM,
  accounts: [
    [from, flags],
    [to, 'w'],
  ],
  data: Uint8Array.of(2, 0, 0, 0, ...u64le(lamports)),
});

export const setLimit = (units: number): Call => ({
  program: BUDGET,
  accounts: [],
  data: Uint8Array.of(2, ...u64le(BigInt(units)).subarray(0, 4)),
});

export const setPrice = (microLamports: bigint): Call => ({
  program: BUDGET,
  accounts: [],
  data: Uint8Array.of(3, ...u64le(microLamports)),
});

const token = (accounts: readonly Named[], ...data: number[]): Call => ({
  program: TOKEN,
  accounts,
  data: Uint8Array.from(data),
});

export const moveTokens = (from: string, to: string, owner: string, amount: bigint): Call =>
  token(
    [
      [from, 'w'],
      [to, 'w'],
      [owner, 's'],
    ],
    3,
    ...u64le(amount),
  );

export const moveChecked = (
  from: string,
  mint: string,
  to: string,
  owner: string,
  amount: bigint,
  decimals = 6,
): Call =>
  token(
    [
      [from, 'w'],
      [mint, ''],
      [to, 'w'],
      [owner, 's'],
    ],
    12,
    ...u64le(amount),
    decimals,
  );

export const mintTokens = (mint: string, to: string, authority: string, amount: bigint): Call =>
  token(
    [
      [mint, 'w'],
      [to, 'w'],
      [authority, 's'],
    ],
    7,
    ...u64le(amount),
  );

export const burnTokens = (from: string, mint: string, owner: string, amount: bigint): Call =>
  token(
    [
      [from, 'w'],
      [mint, 'w'],
      [owner, 's'],
    ],
    8,
    ...u64le(amount),
  );

export const approve = (account: string, delegate: string, owner: string, amount: bigint): Call =>
  token(
    [
      [account, 'w'],
      [delegate, ''],
      [owner, 's'],
    ],
    4,
    ...u64le(amount),
  );

export const revoke = (account: string, owner: string): Call =>
  token(
    [
      [account, 'w'],
      [owner, 's'],
    ],
    5,
  );

export const memo = (data: Uint8Array, ...accounts: Named[]): Call => ({ program: MEMO, accounts, data });

/** The message of these calls, keys in the order that the format demands. */
export function callsMessage(
  payer: string,
  calls: readonly Call[],
  blockhash: Uint8Array,
  version: 'legacy' | 0 = 'legacy',
): { message: Message; signers: string[] } {
  const keys = new Map<string, { address: Uint8Array; signer: boolean; writable: boolean }>();
  const add = (name: string, bytes: Uint8Array, flags: string) => {
    const known = keys.get(name);
    keys.set(name, {
      address: bytes,
      signer: flags.includes('s') || known?.signer === true,
      writable: flags.includes('w') || known?.writable === true,
    });
  };
  const programName = ({ program }: Call) => `program ${Buffer.from(program).toString('hex')}`;
  add(payer, address(payer), 'sw');
  for (const call of calls) for (const [name, flags] of call.accounts) add(name, address(name), flags);
  for (const call of calls) add(programName(call), call.program, '');
  const rank = (key: { signer: boolean; writable: boolean }) => (key.signer ? 0 : 2) + (key.writable ? 0 : 1);
  const all = [...keys].sort(([, a], [, b]) => rank(a) - rank(b));
  const place = (name: string) => all.findIndex(([key]) => key === name);
  const ranked = (wanted: number) => all.filter(([, key]) => rank(key) === wanted).length;
  return {
    message: {
      version,
      header: {
        numRequiredSignatures: ranked(0) + ranked(1),
        numReadonlySignedAccounts: ranked(1),
        numReadonlyUnsignedAccounts: ranked(3),
      },
      accountKeys: all.map(([, key]) => key.address),
      recentBlockhash: blockhash,
      instructions: calls.map((call) => ({
        programIdIndex: place(programName(call)),
        accountIndexes: Uint8Array.from(call.accounts, ([name]) => place(name)),
        data: call.data,
      })),
      addressTableLookups: [],
    },
    signers: all.filter(([, key]) => key.signer).map(([name]) => name),
  };
}

/** A signed transaction of these calls. */
export function callsTransaction(
  payer: string,
  calls: readonly Call[],
  blockhash: Uint8Array,
  version?: 'legacy' | 0,
): Transaction {
  const { message, signers } = callsMessage(payer, calls, blockhash, version);
  return decodeTransaction(signMessage(message, signers));
}

export const createAccount = (
  payer: string,
  created: string,
  lamports: bigint,
  space: number,
  owner: Uint8Array,
): Call => ({
  program: SYSTEM_PROGRAM,
  accounts: [
    [payer, 'sw'],
    [created, 'sw'],
  ],
  data: Uint8Array.of(0, 0, 0, 0, ...u64le(lamports), ...u64le(BigInt(space)), ...owner),
});

export const assign = (account: string, owner: Uint8Array): Call => ({
  program: SYSTEM_PROGRAM,
  accounts: [[account, 'sw']],
  data: Uint8Array.of(1, 0, 0, 0, ...owner),
});

export const allocate = (account: string, space: number): Call => ({
  program: SYSTEM_PROGRAM,
  accounts: [[account, 'sw']],
  data: Uint8Array.of(8, 0, 0, 0, ...u64le(BigInt(space))),
});

export const initializeAccount = (account: string, mint: string, owner: string): Call =>
  token(
    [
      [account, 'w'],
      [mint, ''],
    ],
    18,
    ...address(owner),
  );

export const closeAccount = (account: string, to: string, owner: string): Call =>
  token(
    [
      [account, 'w'],
      [to, 'w'],
      [owner, 's'],
    ],
    9,
  );
