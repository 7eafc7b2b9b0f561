import type { Account } from '@polyproof/state';
import type { BankReader } from '@polyproof/svm';

/** What the jsonParsed encoding shows in place of an account's data. */
export interface ParsedAccount {
  /** name of the program that owns the account */
  program: string;
  parsed: unknown;
  /** bytes of data */
  space: number;
}

/** The data of an account in words; `undefined` where no parser knows it, or it is damaged. Never throws. */
export function parseAccount(
  _address: Uint8Array,
  _account: Account,
  _bank: Pick<BankReader, 'getAccount' | 'unixTimestamp'>,
): ParsedAccount | undefined {
  return undefined;
}
