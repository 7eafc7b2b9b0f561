import type { Account } from '@polyproof/state';
import { addressText } from '../encoding/address-text.js';
import { parsed } from './data-reader.js';
import { parseLookupTable, parseNonce, parseUpgradeableLoader } from './program-account.js';
import { LOOKUP_TABLE, SYSTEM, SYSVAR_OWNER, TOKEN, TOKEN_2022, UPGRADEABLE_LOADER } from './program-ids.js';
import { parseSysvar } from './sysvar-account.js';
import { type ParseBank, parseTokenData } from './token-account.js';

/** What the jsonParsed encoding shows in place of an account's data. */
export interface ParsedAccount {
  /** name of the program that owns the account */
  program: string;
  parsed: unknown;
  /** bytes of data */
  space: number;
}

type Parse = (data: Uint8Array, address: Uint8Array, bank: ParseBank) => unknown;

/** By owner: the name of the program as Agave shows it, and its parser. */
const PROGRAMS: ReadonlyMap<string, readonly [name: string, parse: Parse]> = new Map([
  [SYSTEM, ['nonce', parseNonce]],
  [TOKEN, ['spl-token', (data, _address, bank) => parseTokenData(data, bank)]],
  [TOKEN_2022, ['spl-token-2022', (data, _address, bank) => parseTokenData(data, bank)]],
  [LOOKUP_TABLE, ['address-lookup-table', parseLookupTable]],
  [UPGRADEABLE_LOADER, ['bpf-upgradeable-loader', parseUpgradeableLoader]],
  [SYSVAR_OWNER, ['sysvar', (data, address) => parseSysvar(addressText(address), data)]],
] satisfies [string, [string, Parse]][]);

/**
 * The data of an account in words (Agave: account-decoder's parse_account_data_v3); `undefined` where no parser knows
 * it, or it is damaged. Never throws.
 */
export function parseAccount(
  address: Uint8Array,
  account: Account,
  bank: ParseBank,
): ParsedAccount | undefined {
  const program = PROGRAMS.get(addressText(account.owner));
  if (program === undefined) return undefined;
  const [name, parse] = program;
  const value = parsed(() => parse(account.data, address, bank));
  return value === undefined ? undefined : { program: name, parsed: value, space: account.data.length };
}
