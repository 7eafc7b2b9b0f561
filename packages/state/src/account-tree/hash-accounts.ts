import { AccountError } from '../errors.js';
import type { HashPool } from '../hash-pool/hash-pool.js';
import type { KeyCache } from './key-cache.js';
import type { TreeChange } from './types.js';

const FIELD_BYTES = 32;
const DOMAIN_KEY = 3;
const DOMAIN_DATA = 4;
const CHUNK_BYTES = 24;
/** of an encoded account: lamports, rent epoch, owner, flag; the data follow */
const OWNER_AT = 16;
const FLAG_AT = 48;
const DATA_AT = 49;

/** Messages to be hashed together, one field after the other. */
class Messages {
  readonly fields: Uint8Array;
  readonly counts: Uint32Array<ArrayBuffer>;
  #at = 0;

  constructor(counts: readonly number[]) {
    this.counts = Uint32Array.from(counts);
    this.fields = new Uint8Array(counts.reduce((sum, count) => sum + count, 0) * FIELD_BYTES);
  }

  /** Adds fields to a message: numbers, and strings of big-endian bytes. */
  add(...fields: (Uint8Array | number)[]): void {
    for (const field of fields) {
      this.#at += FIELD_BYTES;
      if (typeof field === 'number') new DataView(this.fields.buffer).setUint32(this.#at - 4, field);
      else this.fields.set(field, this.#at - field.length);
    }
  }

  /** Adds a field to a message: some little-endian bytes of a string. */
  addReversed(bytes: Uint8Array, start: number, end: number): void {
    const { fields } = this;
    for (let from = start, at = this.#at + FIELD_BYTES - 1; from < end; from++, at--)
      fields[at] = bytes[from]!;
    this.#at += FIELD_BYTES;
  }

  /** Adds the halves of an address, as `splitBytes32` makes them. */
  addHalves(bytes: Uint8Array, start = 0): void {
    this.addReversed(bytes, start + 16, start + 32);
    this.addReversed(bytes, start, start + 16);
  }
}

/** A change with the key of its address. */
export interface KeyedChange {
  key: Uint8Array;
  account: Uint8Array | null;
}

/**
 * Adds the keys that `accountKey` computes.
 * @throws {AccountError} on an address of another length, or bytes that do not encode an account
 */
export async function withKeys(
  changes: readonly TreeChange[],
  modules: { pool: HashPool; keys: KeyCache },
): Promise<KeyedChange[]> {
  const { pool, keys } = modules;
  for (const [address, account] of changes) {
    checkAddress(address);
    if (account !== null) checkEncoding(account);
  }
  const known = changes.map(([address]) => keys.get(address));
  const unknown = changes.filter((_, i) => known[i] === undefined).map(([address]) => address);
  const messages = new Messages(unknown.map(() => 3));
  for (const address of unknown) {
    messages.add(DOMAIN_KEY);
    messages.addHalves(address);
  }
  const hashes = await pool.hashMany(messages.fields, messages.counts);
  unknown.forEach((address, i) => {
    keys.set(address, fieldAt(hashes, i));
  });
  let next = 0;
  return changes.map(([, account], i) => ({ key: known[i] ?? fieldAt(hashes, next++), account }));
}

/** What leaves commit to, as `accountValue` computes it. */
export async function valuesOf(
  changes: readonly KeyedChange[],
  pool: HashPool,
): Promise<(Uint8Array | null)[]> {
  const accounts = changes.flatMap(({ account }) => (account === null ? [] : [account]));
  const withData = accounts.filter((account) => account.length > DATA_AT);
  const data = new Messages(withData.map((account) => 2 + chunks(account)));
  for (const account of withData) {
    data.add(DOMAIN_DATA, account.length - DATA_AT);
    for (let at = DATA_AT; at < account.length; at += CHUNK_BYTES)
      data.addReversed(account, at, Math.min(at + CHUNK_BYTES, account.length));
  }
  const dataHashes = await pool.hashMany(data.fields, data.counts);

  const messages = new Messages(accounts.map(() => 4));
  let nextData = 0;
  for (const account of accounts) {
    const dataHash = account.length > DATA_AT ? fieldAt(dataHashes, nextData++) : 0;
    messages.add(metaField(account));
    messages.addHalves(account, OWNER_AT);
    messages.add(dataHash);
  }
  const hashes = await pool.hashMany(messages.fields, messages.counts);
  let next = 0;
  return changes.map(({ account }) => (account === null ? null : fieldAt(hashes, next++)));
}

/** @throws {AccountError} when the address has not 32 bytes */
export function checkAddress(address: Uint8Array): void {
  if (address.length !== FIELD_BYTES)
    throw new AccountError('BAD_ACCOUNT', `an address has 32 bytes, this one has ${address.length}.`);
}

function checkEncoding(account: Uint8Array): void {
  const wrong =
    account.length < DATA_AT
      ? 'too short'
      : account[FLAG_AT]! > 1
        ? `flag ${account[FLAG_AT]}`
        : account.subarray(0, 8).every((byte) => byte === 0)
          ? 'it has no lamports, and so does not exist'
          : undefined;
  if (wrong !== undefined)
    throw new AccountError(
      'BAD_ACCOUNT_BYTES',
      `${account.length} bytes do not encode an account: ${wrong}.`,
    );
}

function chunks(account: Uint8Array): number {
  return Math.ceil((account.length - DATA_AT) / CHUNK_BYTES);
}

/** lamports + rentEpoch·2^64 + dataLength·2^128 + executable·2^192, big-endian */
function metaField(account: Uint8Array): Uint8Array {
  const meta = new Uint8Array(FIELD_BYTES);
  const view = new DataView(meta.buffer);
  const source = new DataView(account.buffer, account.byteOffset);
  meta[7] = account[FLAG_AT]!;
  view.setUint32(12, account.length - DATA_AT);
  view.setBigUint64(16, source.getBigUint64(8, true));
  view.setBigUint64(24, source.getBigUint64(0, true));
  return meta;
}

function fieldAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * FIELD_BYTES, (index + 1) * FIELD_BYTES);
}
