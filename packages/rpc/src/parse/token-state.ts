/** Layout of the SPL Token state (spl_token::state), which Token-2022 extends. */
export const TOKEN_ACCOUNT_BYTES = 165;
export const MULTISIG_BYTES = 355;
const STATE_AT = 108;
const ACCOUNT_TYPE_ACCOUNT = 2;

/** Whether data is that of an initialised token account of either program (Agave: Token-2022's valid_account_data). */
export function isTokenAccountData(data: Uint8Array): boolean {
  if (data.length < TOKEN_ACCOUNT_BYTES || data[STATE_AT] === 0) return false;
  if (data.length === TOKEN_ACCOUNT_BYTES) return true;
  return data.length !== MULTISIG_BYTES && data[TOKEN_ACCOUNT_BYTES] === ACCOUNT_TYPE_ACCOUNT;
}
