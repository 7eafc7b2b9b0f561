import { concatBytes, u64le } from '@polyproof/base';
import { type Account, checkAccount } from './account.js';
import { AccountError } from './errors.js';

const HEADER_BYTES = 8 + 8 + 32 + 1;

/**
 * Account as bytes: lamports (u64le), rent epoch (u64le), owner (32), executable (0 or 1), then the data.
 * @throws {AccountError} when a field is out of range
 */
export function encodeAccount(account: Account): Uint8Array {
  checkAccount(account);
  return concatBytes(
    u64le(account.lamports),
    u64le(account.rentEpoch),
    account.owner,
    Uint8Array.of(account.executable ? 1 : 0),
    account.data,
  );
}

/** @throws {AccountError} when the bytes are not what {@link encodeAccount} writes */
export function decodeAccount(bytes: Uint8Array): Account {
  const flag = bytes[HEADER_BYTES - 1];
  if (flag === undefined || flag > 1)
    throw new AccountError(
      'BAD_ACCOUNT_BYTES',
      `${bytes.length} bytes do not encode an account: ${flag === undefined ? 'too short' : `flag ${flag}`}.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const account: Account = {
    lamports: view.getBigUint64(0, true),
    rentEpoch: view.getBigUint64(8, true),
    owner: copy(bytes, 16, 48),
    executable: flag === 1,
    data: copy(bytes, HEADER_BYTES),
  };
  checkAccount(account);
  return account;
}

/** `slice` of a Buffer is a view: an account must not change with the memory that it was read from. */
function copy(bytes: Uint8Array, start: number, end?: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(start, end));
}
