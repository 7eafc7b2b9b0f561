import type { Account } from '@polyproof/state';
import { encodeBase58 } from '@polyproof/svm';
import type { MethodOptions } from '../context.js';
import { type AccountJsonOptions, accountJson } from '../encoding/account-json.js';
import { loadZstd } from '../encoding/zstd.js';
import { RpcError } from '../errors.js';
import type { ParseBank } from '../parse/token-account.js';
import { Turns } from '../turns.js';

export type Entry = readonly [address: Uint8Array, account: Account];

const MAX_ACCOUNTS = 50_000;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Shows every account of an index to `visit`. Other requests have their turn meanwhile, so blocks may be made during a
 * long scan: each account is as it was when it was read.
 */
export async function scan(entries: Iterable<Entry>, visit: (entry: Entry) => void): Promise<void> {
  const turns = new Turns();
  for (const entry of entries) {
    if (turns.isOver) await turns.next();
    visit(entry);
  }
}

/**
 * The accounts of an index that meet a condition.
 * @param bytesOf - how much of an account the answer will hold
 * @throws {RpcError} SCAN_ERROR where there are more than one answer may hold
 */
export async function collect(
  entries: Iterable<Entry>,
  { matches, bytesOf }: { matches: (account: Account) => boolean; bytesOf: (account: Account) => number },
  { maxScanAccounts = MAX_ACCOUNTS, maxScanBytes = MAX_BYTES }: MethodOptions,
): Promise<Entry[]> {
  const found: Entry[] = [];
  let bytes = 0;
  await scan(entries, (entry) => {
    if (!matches(entry[1])) return;
    found.push(entry);
    bytes += bytesOf(entry[1]);
    if (found.length > maxScanAccounts || bytes > maxScanBytes)
      throw new RpcError(
        'SCAN_ERROR',
        `scan aborted: The accumulated scan results exceeded the limit of ${maxScanAccounts} accounts and ` +
          `${maxScanBytes} bytes. Narrow it down with filters or a dataSlice.`,
      );
  });
  return found;
}

/** What of an account's data an answer holds, in bytes. */
export function answeredBytes({ dataSlice }: AccountJsonOptions): (account: Account) => number {
  return ({ data }) =>
    dataSlice === undefined
      ? data.length
      : Math.max(0, Math.min(dataSlice.length, data.length - dataSlice.offset));
}

/** Accounts with their addresses, as Solana lists them. */
export async function keyedAccounts(
  entries: readonly Entry[],
  options: AccountJsonOptions,
  context: { bank: ParseBank },
): Promise<unknown[]> {
  if (options.encoding === 'base64+zstd') await loadZstd();
  const turns = new Turns();
  const list: unknown[] = [];
  for (const [address, account] of entries) {
    if (turns.isOver) await turns.next();
    list.push({
      pubkey: encodeBase58(address),
      account: accountJson(address, account, options, context),
    });
  }
  return list;
}
