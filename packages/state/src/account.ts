import { type Field, littleEndian, splitBytes32 } from '@polyproof/base';
import { AccountError } from './errors.js';
import { hashFields } from './hashing.js';

/** An account of the rollup. It exists where `lamports` is above zero. */
export interface Account {
  /** below 2^64, above 0 */
  lamports: bigint;
  data: Uint8Array;
  /** 32 bytes: the program that owns it */
  owner: Uint8Array;
  executable: boolean;
  /** below 2^64 */
  rentEpoch: bigint;
}

const DOMAIN_KEY = 3n;
const DOMAIN_DATA = 4n;
const DOMAIN_ACCOUNT = 8n;
const U64 = 1n << 64n;
/** three words of 8 bytes, which is how programs, and so circuits, read data */
const CHUNK_BYTES = 24;
const OWNER_BYTES = 32;

/**
 * The path of an account in the state tree.
 * @throws {AccountError} when the address has not 32 bytes
 */
export function accountKey(address: Uint8Array): Field {
  if (address.length !== 32)
    throw new AccountError('BAD_ACCOUNT', `an address has 32 bytes, this one has ${address.length}.`);
  return hashFields([DOMAIN_KEY, ...splitBytes32(address)]);
}

/**
 * What the leaf of an account commits to: all of its fields.
 * @throws {AccountError} when a field is out of range, or the account has no lamports and so does not exist
 */
export function accountValue(account: Account): Field {
  checkAccount(account);
  // the owner has more bits than a field element: its last byte stands with the other fields
  const { owner } = account;
  const meta =
    account.lamports +
    (account.rentEpoch << 64n) +
    (BigInt(account.data.length) << 128n) +
    ((account.executable ? 1n : 0n) << 192n) +
    (BigInt(owner[OWNER_BYTES - 1]!) << 200n) +
    (DOMAIN_ACCOUNT << 208n);
  return hashFields([meta, littleEndian(owner.subarray(0, OWNER_BYTES - 1)), accountDataHash(account.data)]);
}

/** Hash of an account's data, in chunks of three words so that each is a field element; 0 without data. */
export function accountDataHash(data: Uint8Array): Field {
  if (data.length === 0) return 0n;
  const chunks: Field[] = [];
  for (let at = 0; at < data.length; at += CHUNK_BYTES)
    chunks.push(littleEndian(data.subarray(at, at + CHUNK_BYTES)));
  return hashFields([DOMAIN_DATA, BigInt(data.length), ...chunks]);
}

/** @throws {AccountError} naming the field that is out of range */
export function checkAccount(account: Account): void {
  const wrong = (what: string) => new AccountError('BAD_ACCOUNT', `the account is not valid: ${what}.`);
  if (account.lamports <= 0n || account.lamports >= U64)
    throw wrong(`${account.lamports} lamports; an account that exists holds 1 to 2^64-1`);
  if (account.rentEpoch < 0n || account.rentEpoch >= U64) throw wrong(`rent epoch ${account.rentEpoch}`);
  if (account.owner.length !== OWNER_BYTES)
    throw wrong(`an owner of ${account.owner.length} bytes instead of 32`);
}
