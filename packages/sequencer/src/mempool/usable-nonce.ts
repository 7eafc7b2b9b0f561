import { equalBytes } from '@polyproof/base';
import { type Account, type RuntimeTransaction, SYSTEM_PROGRAM } from '@polyproof/svm';

/** Layout of a nonce account: u32le version, u32le state, authority, durable nonce, u64le fee. */
const NONCE_ACCOUNT_BYTES = 80;
const AUTHORITY = 8;
const NONCE = 40;
const CURRENT_VERSION = 1;
const INITIALIZED = 1;

/**
 * Whether the account holds the nonce that the transaction has in place of a blockhash, and its authority signs, as
 * far as is known now (Agave: nonce_account's verify_nonce_account and the bank's check_transaction_age).
 */
export function isUsableNonce(account: Account | undefined, { transaction }: RuntimeTransaction): boolean {
  if (account === undefined || account.data.length !== NONCE_ACCOUNT_BYTES) return false;
  const { data, owner } = account;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (!equalBytes(owner, SYSTEM_PROGRAM)) return false;
  if (view.getUint32(0, true) !== CURRENT_VERSION || view.getUint32(4, true) !== INITIALIZED) return false;
  const { recentBlockhash, accountKeys, header, instructions } = transaction.message;
  if (!equalBytes(data.subarray(NONCE, NONCE + 32), recentBlockhash)) return false;
  const authority = data.subarray(AUTHORITY, AUTHORITY + 32);
  return instructions[0]!.accountIndexes.some(
    (index) => index < header.numRequiredSignatures && equalBytes(accountKeys[index]!, authority),
  );
}
