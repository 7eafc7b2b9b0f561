import { decodeBase58 } from '@polyproof/svm';

/** Addresses in base 58 of the programs whose accounts and instructions have parsers. */
export const SYSTEM = '11111111111111111111111111111111';
export const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
export const ASSOCIATED_TOKEN = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL';
export const MEMO_V1 = 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo';
export const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
export const LOADER_V2 = 'BPFLoader2111111111111111111111111111111111';
export const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111';
export const LOOKUP_TABLE = 'AddressLookupTab1e1111111111111111111111111';
export const SYSVAR_OWNER = 'Sysvar1111111111111111111111111111111111111';

export const TOKEN_BYTES = decodeBase58(TOKEN);
export const TOKEN_2022_BYTES = decodeBase58(TOKEN_2022);

/** Whether this is the address, in base 58, of one of the two SPL Token programs. */
export function isTokenProgram(address: string): boolean {
  return address === TOKEN || address === TOKEN_2022;
}
