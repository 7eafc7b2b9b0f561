import { createHash } from 'node:crypto';
import { LAMPORTS_PER_SIGNATURE } from '../../rollup-config.js';
import type { HeldAccount } from './held-account.js';
import type { WireTransaction } from './wire-message.js';

/**
 * Durable nonces. Layout of a nonce account (solana-nonce, `Versions`): version (u32, 1 = current), state (u32,
 * 1 = initialised), authority (32), durable nonce (32), lamports a signature (u64).
 */

const NONCE_BYTES = 80;
const CURRENT_VERSION = 1;
const INITIALIZED = 1;
const AUTHORITY_AT = 8;
const NONCE_AT = 40;
const FEE_AT = 72;
const SYSTEM_OWNER = Buffer.alloc(32);

/** The value that nonces advance to while `blockhash` is the last one. */
export function durableNonce(blockhash: Uint8Array): Buffer {
  return createHash('sha256').update('DURABLE_NONCE').update(blockhash).digest();
}

/** Whether the account is an initialised nonce: it must then keep its rent-exempt minimum. */
export function isNonce(data: Buffer): boolean {
  return (
    data.length >= NONCE_BYTES &&
    data.readUInt32LE(0) === CURRENT_VERSION &&
    data.readUInt32LE(4) === INITIALIZED
  );
}

/**
 * Whether a transaction may use the nonce account instead of a recent blockhash (Agave,
 * `check_load_and_advance_message_nonce_account`): the account stores the transaction's blockhash, which is not what
 * it would advance to now, and its authority signs the first instruction.
 */
export function isNonceUsable(account: HeldAccount, transaction: WireTransaction, next: Buffer): boolean {
  const { data } = account;
  if (!account.owner.equals(SYSTEM_OWNER) || !isNonce(data)) return false;
  const { wire, blockhashAt, keys, requiredSignatures } = transaction;
  const blockhash = wire.subarray(blockhashAt, blockhashAt + 32);
  if (blockhash.equals(next) || !data.subarray(NONCE_AT, FEE_AT).equals(blockhash)) return false;
  const authority = data.subarray(AUTHORITY_AT, NONCE_AT);
  return transaction.instructions[0]!.accounts.some(
    (index) => index < requiredSignatures && keys[index]!.equals(authority),
  );
}

/** The data of a nonce account once it is advanced, as Agave does it for transactions that fail. */
export function advancedNonce(data: Buffer, next: Buffer): Buffer {
  const out = Buffer.from(data);
  out.set(next, NONCE_AT);
  out.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, FEE_AT);
  return out;
}
