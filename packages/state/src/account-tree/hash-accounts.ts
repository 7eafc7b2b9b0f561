import { AccountError } from '../errors.js';
import type { Hasher } from '../hash-pool/hasher.js';
import type { KeyCache } from './key-cache.js';
import { copyBytes } from './place-node.js';
import type { TreeChange } from './types.js';

const FIELD_BYTES = 32;
const DOMAIN_KEY = 3;
const DOMAIN_DATA = 4;
const DOMAIN_ACCOUNT = 8;
const KEY_FIELDS = 3;
const VALUE_FIELDS = 3;
/** in front of the chunks of data: tag and length */
const DATA_PREFIX_FIELDS = 2;
const CHUNK_BYTES = 24;
/** of an encoded account: lamports, rent epoch, owner, flag; the data follow */
const OWNER_AT = 16;
const FLAG_AT = 48;
const DATA_AT = 49;
const OWNER_BYTES = FLAG_AT - OWNER_AT;

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
  modules: { hasher: Hasher; keys: KeyCache },
): Promise<KeyedChange[]> {
  const { hasher, keys } = modules;
  for (const [address, account] of changes) {
    checkAddress(address);
    if (account !== null) checkEncoding(account);
  }
  const known = changes.map(([address]) => keys.get(address));
  const unknown = changes.filter((_, i) => known[i] === undefined).map(([address]) => address);
  const fields = new Uint8Array(unknown.length * KEY_FIELDS * FIELD_BYTES);
  unknown.forEach((address, i) => {
    const at = i * KEY_FIELDS * FIELD_BYTES;
    fields[at + FIELD_BYTES - 1] = DOMAIN_KEY;
    const half = FIELD_BYTES / 2;
    for (let byte = 0; byte < half; byte++) {
      fields[at + 2 * FIELD_BYTES - 1 - byte] = address[half + byte]!;
      fields[at + 3 * FIELD_BYTES - 1 - byte] = address[byte]!;
    }
  });
  const hashes = await hasher.hashMany(fields, new Uint32Array(unknown.length).fill(KEY_FIELDS));
  unknown.forEach((address, i) => {
    keys.set(address, fieldAt(hashes, i));
  });
  let next = 0;
  return changes.map(([, account], i) => ({ key: known[i] ?? fieldAt(hashes, next++), account }));
}

/** What leaves commit to, as `accountValue` computes it. */
export async function valuesOf(
  changes: readonly KeyedChange[],
  hasher: Hasher,
): Promise<(Uint8Array | null)[]> {
  const accounts = changes.flatMap(({ account }) => (account === null ? [] : [account]));
  const withData = accounts.filter((account) => account.length > DATA_AT);
  const counts = Uint32Array.from(
    withData,
    (account) => DATA_PREFIX_FIELDS + Math.ceil((account.length - DATA_AT) / CHUNK_BYTES),
  );
  const data = new Uint8Array(counts.reduce((sum, count) => sum + count, 0) * FIELD_BYTES);
  let at = 0;
  withData.forEach((account, i) => {
    putData(account, data, at);
    at += counts[i]! * FIELD_BYTES;
  });
  const dataHashes = await hasher.hashMany(data, counts);

  const fields = new Uint8Array(accounts.length * VALUE_FIELDS * FIELD_BYTES);
  let nextData = 0;
  accounts.forEach((account, i) => {
    const start = i * VALUE_FIELDS * FIELD_BYTES;
    putMeta(account, fields, start);
    const ownerEnd = start + 2 * FIELD_BYTES - 1;
    for (let byte = 0; byte < OWNER_BYTES - 1; byte++) fields[ownerEnd - byte] = account[OWNER_AT + byte]!;
    if (account.length === DATA_AT) return;
    const hash = { from: dataHashes, at: nextData++ * FIELD_BYTES, length: FIELD_BYTES };
    copyBytes(hash, fields, start + 2 * FIELD_BYTES);
  });
  const hashes = await hasher.hashMany(fields, new Uint32Array(accounts.length).fill(VALUE_FIELDS));
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

/** Tag, length, and chunks of the data as numbers that were little-endian. */
function putData(account: Uint8Array, fields: Uint8Array, start: number): void {
  fields[start + FIELD_BYTES - 1] = DOMAIN_DATA;
  new DataView(fields.buffer).setUint32(start + 2 * FIELD_BYTES - 4, account.length - DATA_AT);
  let last = start + (DATA_PREFIX_FIELDS + 1) * FIELD_BYTES - 1;
  for (let from = DATA_AT; from < account.length; from += CHUNK_BYTES, last += FIELD_BYTES) {
    const length = Math.min(CHUNK_BYTES, account.length - from);
    for (let i = 0; i < length; i++) fields[last - i] = account[from + i]!;
  }
}

/** lamports + rentEpoch·2^64 + dataLength·2^128 + executable·2^192 + last byte of the owner·2^200 + tag·2^208 */
function putMeta(account: Uint8Array, fields: Uint8Array, start: number): void {
  const last = start + FIELD_BYTES - 1;
  for (let i = 0; i < OWNER_AT; i++) fields[last - i] = account[i]!;
  const length = account.length - DATA_AT;
  for (let i = 0; i < 4; i++) fields[last - 16 - i] = (length >>> (8 * i)) & 0xff;
  fields[last - 24] = account[FLAG_AT]!;
  fields[last - 25] = account[FLAG_AT - 1]!;
  fields[last - 26] = DOMAIN_ACCOUNT;
}

function fieldAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * FIELD_BYTES, (index + 1) * FIELD_BYTES);
}
