import { equalBytes } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { invalidParams, paramError } from '../errors.js';
import { isTokenAccountData } from '../parse/token-state.js';
import { tryDecodeBase58 } from '../wire.js';

/** A condition on accounts: of getProgramAccounts and programSubscribe. */
export type AccountFilter =
  | { kind: 'dataSize'; bytes: number }
  | { kind: 'memcmp'; offset: number; bytes: Uint8Array }
  | { kind: 'tokenAccountState' };

/** Agave's MAX_GET_PROGRAM_ACCOUNT_FILTERS. */
const MAX_FILTERS = 4;
/** Agave's limits of a memcmp filter: bytes, and characters of them. */
const MAX_BYTES = 128;
const MAX_BASE58 = 175;
const MAX_BASE64 = 172;

/**
 * Reads the `filters` member of a configuration; none at all where it is left out.
 * @throws {RpcError} INVALID_PARAMS saying what is wrong
 */
export function decodeFilters(value: unknown): AccountFilter[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidParams('filters must be a list.');
  if (value.length > MAX_FILTERS) throw paramError(`Too many filters provided; max ${MAX_FILTERS}`);
  return value.map(decodeFilter);
}

/** Whether an account meets all conditions. */
export function matchesFilters(account: Account, filters: readonly AccountFilter[]): boolean {
  return filters.every((filter) => matches(account.data, filter));
}

function matches(data: Uint8Array, filter: AccountFilter): boolean {
  switch (filter.kind) {
    case 'dataSize':
      return data.length === filter.bytes;
    case 'memcmp': {
      const end = filter.offset + filter.bytes.length;
      return end <= data.length && equalBytes(data.subarray(filter.offset, end), filter.bytes);
    }
    case 'tokenAccountState':
      return isTokenAccountData(data);
  }
}

function decodeFilter(value: unknown): AccountFilter {
  // The only filter without fields is written as a string (serde's form of a unit variant).
  if (value === 'tokenAccountState') return { kind: 'tokenAccountState' };
  if (typeof value === 'object' && value !== null) {
    const members = value as Record<string, unknown>;
    if ('tokenAccountState' in members) return { kind: 'tokenAccountState' };
    if ('dataSize' in members) return { kind: 'dataSize', bytes: integer(members.dataSize, 'dataSize') };
    if ('memcmp' in members) return decodeMemcmp(members.memcmp);
  }
  throw invalidParams('a filter must be {dataSize}, {memcmp: {offset, bytes}} or "tokenAccountState".');
}

function decodeMemcmp(value: unknown): AccountFilter {
  if (typeof value !== 'object' || value === null) throw invalidParams('memcmp must be {offset, bytes}.');
  const { offset, bytes, encoding } = value as Record<string, unknown>;
  return { kind: 'memcmp', offset: integer(offset, 'offset of memcmp'), bytes: memcmpBytes(bytes, encoding) };
}

function memcmpBytes(value: unknown, encoding: unknown): Uint8Array {
  if (Array.isArray(value)) {
    if (value.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255))
      throw invalidParams('bytes of memcmp must be integers from 0 to 255.');
    return atMost(Uint8Array.from(value as number[]));
  }
  if (typeof value !== 'string') throw invalidParams('bytes of memcmp must be a string or a list of bytes.');
  if (encoding === 'base64') {
    if (value.length > MAX_BASE64) throw tooLarge();
    const bytes = Buffer.from(value, 'base64');
    if (bytes.toString('base64') !== value) throw paramError('Invalid param: base64 decode error');
    return atMost(new Uint8Array(bytes));
  }
  if (encoding !== undefined && encoding !== null && encoding !== 'base58' && encoding !== 'binary')
    throw invalidParams('encoding of memcmp must be base58 or base64.');
  if (value.length > MAX_BASE58) throw tooLarge();
  const bytes = tryDecodeBase58(value);
  if (bytes === undefined) throw paramError('Invalid param: base58 decode error');
  return atMost(bytes);
}

function atMost(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_BYTES) throw tooLarge();
  return bytes;
}

function tooLarge() {
  return paramError(`Invalid param: encoded binary data should be less than ${MAX_BYTES + 1} bytes`);
}

function integer(value: unknown, name: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0)
    throw invalidParams(`${name} must be an integer from 0.`);
  return number;
}
