import { createHash, type KeyObject, sign } from 'node:crypto';
import { u64le } from '@polyproof/base';
import { type Account, encodeAccount } from '@polyproof/state';
import {
  decodeBase58,
  ed25519KeyPair,
  encodeMessage,
  encodeTransaction,
  SYSTEM_PROGRAM,
  systemAccount,
} from '@polyproof/svm';

export const TOKEN_PROGRAM = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const RENT_EPOCH = 2n ** 64n - 1n;
const TRANSFER = 2;
const TOKEN_TRANSFER = 3;

/** Somebody with lamports and a token account. */
export interface User {
  address: Uint8Array;
  key: KeyObject;
  tokenAccount: Uint8Array;
}

export function users(count: number): User[] {
  return Array.from({ length: count }, (_, i) => {
    const { privateKey, address } = ed25519KeyPair(sha256(`bench user ${i}`));
    return { address, key: privateKey, tokenAccount: sha256(`bench token account ${i}`) };
  });
}

export const MINT = sha256('bench mint');

/** The accounts that users begin with: lamports, a mint, and a token account each. */
export function accountsOf(everybody: readonly User[]): [Uint8Array, Account][] {
  const token = (data: Uint8Array): Account => ({
    lamports: 2_039_280n,
    data,
    owner: TOKEN_PROGRAM,
    executable: false,
    rentEpoch: RENT_EPOCH,
  });
  return [
    [MINT, token(mintData(everybody[0]!.address, 10n ** 15n))],
    ...everybody.flatMap(({ address, tokenAccount }): [Uint8Array, Account][] => [
      [address, systemAccount(10n ** 12n)],
      [tokenAccount, token(tokenAccountData(address, 10n ** 10n))],
    ]),
  ];
}

export function encodedAccounts(everybody: readonly User[]): Map<string, Uint8Array> {
  return new Map(
    accountsOf(everybody).map(([address, account]) => [latin1(address), encodeAccount(account)]),
  );
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Signed System transfers: number i goes from user i to the next one that `pair` chooses. */
export function systemTransfers(count: number, blockhash: Uint8Array, pair: Pair, first = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = pair(first + n);
    const data = Buffer.concat([Uint8Array.of(TRANSFER, 0, 0, 0), u64le(BigInt(1 + first + n))]);
    return signed(from, [from.address, to.address, SYSTEM_PROGRAM], [0, 1], data, blockhash);
  });
}

/** Signed transfers of the SPL Token program, likewise. */
export function tokenTransfers(count: number, blockhash: Uint8Array, pair: Pair, first = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = pair(first + n);
    const data = Buffer.concat([Uint8Array.of(TOKEN_TRANSFER), u64le(BigInt(1 + first + n))]);
    const keys = [from.address, from.tokenAccount, to.tokenAccount, TOKEN_PROGRAM];
    return signed(from, keys, [1, 2, 0], data, blockhash);
  });
}

/** Who pays whom in transaction number i. */
export type Pair = (i: number) => [from: User, to: User];

/** Every pair of neighbours by itself: as little contention as possible. */
export function disjointPairs(everybody: readonly User[]): Pair {
  const pairs = Math.floor(everybody.length / 2);
  return (i) => {
    const at = 2 * (i % pairs);
    return [everybody[at]!, everybody[at + 1]!];
  };
}

/** Everybody pays everybody, without order. */
export function mixedPairs(everybody: readonly User[]): Pair {
  return (i) => {
    const from = i % everybody.length;
    const to = (i * 7 + 1 + Math.floor(i / everybody.length)) % everybody.length;
    return [everybody[from]!, everybody[to === from ? (to + 1) % everybody.length : to]!];
  };
}

/** Everybody pays the first one. */
export function hotPairs(everybody: readonly User[]): Pair {
  return (i) => [everybody[1 + (i % (everybody.length - 1))]!, everybody[0]!];
}

/** A legacy message whose only signer pays and whose last key is the program; all other keys are writable. */
function signed(
  from: User,
  accountKeys: Uint8Array[],
  accounts: number[],
  data: Uint8Array,
  recentBlockhash: Uint8Array,
): Uint8Array {
  const message = encodeMessage({
    version: 'legacy',
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys,
    recentBlockhash,
    instructions: [
      { programIdIndex: accountKeys.length - 1, accountIndexes: Uint8Array.from(accounts), data },
    ],
    addressTableLookups: [],
  });
  return encodeTransaction([new Uint8Array(sign(null, message, from.key))], message);
}

/** authority, supply, 6 decimals, initialised, no freeze authority */
function mintData(authority: Uint8Array, supply: bigint): Uint8Array {
  const data = Buffer.alloc(82);
  data.writeUInt32LE(1, 0);
  data.set(authority, 4);
  data.writeBigUInt64LE(supply, 36);
  data[44] = 6;
  data[45] = 1;
  return data;
}

function tokenAccountData(owner: Uint8Array, amount: bigint): Uint8Array {
  const data = Buffer.alloc(165);
  data.set(MINT, 0);
  data.set(owner, 32);
  data.writeBigUInt64LE(amount, 64);
  data[108] = 1;
  return data;
}

function sha256(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest());
}
