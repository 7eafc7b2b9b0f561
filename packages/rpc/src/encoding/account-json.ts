import type { Account } from '@polyproof/state';
import { encodeBase58 } from '@polyproof/svm';
import { RpcError } from '../errors.js';
import { parseAccount } from '../parse/parse-account.js';
import type { ParseBank } from '../parse/token-account.js';
import { addressText } from './address-text.js';
import { compressZstd } from './zstd.js';

/** `binary` is Solana's oldest form, base 58 without its name; still the default of getAccountInfo. */
export type AccountEncoding = 'binary' | 'base58' | 'base64' | 'base64+zstd' | 'jsonParsed';

export const ACCOUNT_ENCODINGS: readonly AccountEncoding[] = [
  'binary',
  'base58',
  'base64',
  'base64+zstd',
  'jsonParsed',
];

/** A part of an account's data, in bytes. */
export interface DataSlice {
  offset: number;
  length: number;
}

export interface AccountJsonOptions {
  /** `base64+zstd` needs `loadZstd()` to have resolved. */
  encoding: AccountEncoding;
  dataSlice?: DataSlice;
}

/** Solana refuses base 58 for more: the encoding takes quadratic time. */
const MAX_BASE58_BYTES = 128;

/**
 * An account as Solana's API shows it (Agave: account-decoder's UiAccount).
 * @param address - decides how sysvars are parsed
 * @param context - mints are read from the bank, because a token account does not hold its decimals
 * @throws {RpcError} INVALID_REQUEST where more than 128 bytes are asked for in base 58
 */
export function accountJson(
  address: Uint8Array,
  account: Account,
  options: AccountJsonOptions,
  context: { bank: ParseBank },
): unknown {
  return {
    lamports: account.lamports,
    data: dataJson(address, account, options, context),
    owner: addressText(account.owner),
    executable: account.executable,
    rentEpoch: account.rentEpoch,
    space: account.data.length,
  };
}

function dataJson(
  address: Uint8Array,
  account: Account,
  { encoding, dataSlice }: AccountJsonOptions,
  context: { bank: ParseBank },
): unknown {
  if (encoding === 'jsonParsed') {
    const parsed = parseAccount(address, account, context.bank);
    if (parsed !== undefined) return parsed;
  }
  const data =
    dataSlice === undefined
      ? account.data
      : account.data.subarray(dataSlice.offset, dataSlice.offset + dataSlice.length);
  switch (encoding) {
    case 'binary':
      return base58(data);
    case 'base58':
      return [base58(data), 'base58'];
    case 'base64+zstd':
      return [base64(compressZstd(data)), 'base64+zstd'];
    default:
      return [base64(data), 'base64'];
  }
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64');
}

function base58(data: Uint8Array): string {
  if (data.length > MAX_BASE58_BYTES)
    throw new RpcError(
      'INVALID_REQUEST',
      `Encoded binary (base 58) data should be less than ${MAX_BASE58_BYTES} bytes, please use Base64 encoding.`,
    );
  return encodeBase58(data);
}
