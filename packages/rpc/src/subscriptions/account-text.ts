import type { Account } from '@polyproof/state';
import type { BankReader } from '@polyproof/svm';
import { accountJson } from '../encoding/account-json.js';
import { stringifyJson } from '../server/json.js';
import type { AccountForm } from './types.js';

/** How Agave notifies of an account that is gone: as one that was never used. */
const GONE: Account = {
  lamports: 0n,
  owner: new Uint8Array(32),
  executable: false,
  rentEpoch: 0n,
  data: new Uint8Array(0),
};

const MAX_BASE58_BYTES = 128;
/** Agave's words in place of data that would take too long to encode (account-decoder). */
const TOO_LARGE = 'error: data too large for bs58 encoding';

/** An account as JSON in the form that a subscriber asked for. */
export function accountText(
  address: Uint8Array,
  account: Account | null,
  form: AccountForm,
  bank: BankReader,
): string {
  const { data } = account ?? GONE;
  const { encoding, dataSlice } = form;
  if (encoding === 'base58' || encoding === 'binary') {
    const shown =
      dataSlice === undefined ? data.length : Math.min(dataSlice.length, data.length - dataSlice.offset);
    if (shown > MAX_BASE58_BYTES) {
      const empty = { encoding: 'base64', dataSlice: { offset: 0, length: 0 } } as const;
      const json = accountJson(address, account ?? GONE, empty, { bank }) as object;
      return stringifyJson({ ...json, data: encoding === 'binary' ? TOO_LARGE : [TOO_LARGE, encoding] });
    }
  }
  return stringifyJson(accountJson(address, account ?? GONE, form, { bank }));
}
