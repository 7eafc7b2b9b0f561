import { decodeBase58 } from '../base58.js';
import { DATA_AT, OWNER_AT, sameRange } from './account-bytes.js';
import { ADDRESS_BYTES } from './keys.js';

export const TOKEN_PROGRAM = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022_PROGRAM = decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

// Layout of spl_token::state::Account, which Token-2022 keeps as the base of its own.
const MINT_AT = DATA_AT;
const WALLET_AT = DATA_AT + 32;
const DELEGATE_TAG_AT = DATA_AT + 72;
const DELEGATE_AT = DATA_AT + 76;
const STATE_AT = DATA_AT + 108;
const BASE_BYTES = 165;
/** spl_token::state::Multisig: an account of Token-2022 never has this length */
const MULTISIG_BYTES = 355;
/** with extensions: spl_token_2022::extension::AccountType behind the base, 2 is Account */
const ACCOUNT_TYPE_AT = DATA_AT + BASE_BYTES;
const ACCOUNT_TYPE = 2;

/** The token programs whose account this is, by its owner. */
export function isTokenOwned(account: Uint8Array): boolean {
  // Both programs' addresses start with 6; most accounts are told apart by that.
  if (account[OWNER_AT] !== TOKEN_PROGRAM[0]) return false;
  return (
    sameRange(account, OWNER_AT, TOKEN_PROGRAM, 0, ADDRESS_BYTES) ||
    sameRange(account, OWNER_AT, TOKEN_2022_PROGRAM, 0, ADDRESS_BYTES)
  );
}

/**
 * Whether an account (encoded) is an initialised token account, as Agave's indexes judge
 * (`GenericTokenAccount::valid_account_data` of both programs).
 */
export function isTokenAccount(account: Uint8Array): boolean {
  if (!isTokenOwned(account)) return false;
  const length = account.length - DATA_AT;
  if (length < BASE_BYTES || account[STATE_AT] === 0) return false;
  if (length === BASE_BYTES) return true;
  return (
    sameRange(account, OWNER_AT, TOKEN_2022_PROGRAM, 0, ADDRESS_BYTES) &&
    length !== MULTISIG_BYTES &&
    account[ACCOUNT_TYPE_AT] === ACCOUNT_TYPE
  );
}

export function mintOf(account: Uint8Array): Uint8Array {
  return account.subarray(MINT_AT, MINT_AT + ADDRESS_BYTES);
}

export function walletOf(account: Uint8Array): Uint8Array {
  return account.subarray(WALLET_AT, WALLET_AT + ADDRESS_BYTES);
}

export function delegateOf(account: Uint8Array): Uint8Array | undefined {
  if (account[DELEGATE_TAG_AT] !== 1) return undefined;
  return account.subarray(DELEGATE_AT, DELEGATE_AT + ADDRESS_BYTES);
}

/** Whether both say the same of mint, wallet and delegate, and both are token accounts or neither is. */
export function sameTokenIndex(a: Uint8Array, b: Uint8Array): boolean {
  return (
    a.length === b.length &&
    a[STATE_AT] === b[STATE_AT] &&
    sameRange(a, MINT_AT, b, MINT_AT, 2 * ADDRESS_BYTES) &&
    sameRange(a, DELEGATE_TAG_AT, b, DELEGATE_TAG_AT, 4 + ADDRESS_BYTES) &&
    a[ACCOUNT_TYPE_AT] === b[ACCOUNT_TYPE_AT]
  );
}
