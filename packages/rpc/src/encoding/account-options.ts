import { invalidParams } from '../errors.js';
import type { Config } from '../params.js';
import {
  ACCOUNT_ENCODINGS,
  type AccountEncoding,
  type AccountJsonOptions,
  type DataSlice,
} from './account-json.js';
import { loadZstd } from './zstd.js';

/** How a configuration wants accounts encoded. @param otherwise - where it does not say */
export function accountOptions(config: Config, otherwise: AccountEncoding): AccountJsonOptions {
  const encoding = config.oneOf('encoding', ACCOUNT_ENCODINGS, otherwise);
  const dataSlice = sliceOf(config.get('dataSlice'));
  return dataSlice === undefined ? { encoding } : { encoding, dataSlice };
}

/** Encodes when everything for it is there: at once, but for the first use of Zstandard. */
export function whenReady<T>({ encoding }: AccountJsonOptions, encode: () => T): T | Promise<T> {
  return encoding === 'base64+zstd' ? loadZstd().then(encode) : encode();
}

function sliceOf(value: unknown): DataSlice | undefined {
  if (value === undefined || value === null) return undefined;
  const { offset, length } = value as { offset?: unknown; length?: unknown };
  const isSize = (size: unknown): size is number =>
    typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
  if (!isSize(offset) || !isSize(length))
    throw invalidParams('dataSlice must be {offset, length}, both integers from 0.');
  return { offset, length };
}
