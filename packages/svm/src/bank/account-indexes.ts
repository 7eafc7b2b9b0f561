import { ownerOf, sameOwner } from './account-bytes.js';
import { pairKey } from './keys.js';
import type { BankTables, Table } from './tables.js';
import {
  delegateOf,
  isTokenAccount,
  isTokenOwned,
  mintOf,
  sameTokenIndex,
  walletOf,
} from './token-account.js';
import type { WriteSet } from './write-set.js';

/** Keeps the indexes of accounts (by program, wallet, mint, delegate) in step with a change of one account. */
export function writeIndexes(
  tables: BankTables,
  writes: WriteSet,
  address: Uint8Array,
  before: Uint8Array | null,
  after: Uint8Array | null,
): void {
  const stays = before !== null && after !== null && sameOwner(before, after);
  // Nearly every change: lamports or an amount.
  if (stays && (!isTokenOwned(after) || sameTokenIndex(before, after))) return;
  if (!stays) {
    if (before !== null) writes.remove(tables.owners, pairKey(ownerOf(before), address));
    if (after !== null) writes.mark(tables.owners, pairKey(ownerOf(after), address));
  }
  for (const [table, key] of tokenKeys(tables, address, before)) writes.remove(table, key);
  for (const [table, key] of tokenKeys(tables, address, after)) writes.mark(table, key);
}

function tokenKeys(
  tables: BankTables,
  address: Uint8Array,
  account: Uint8Array | null,
): [table: Table, key: Buffer][] {
  if (account === null || !isTokenAccount(account)) return [];
  const delegate = delegateOf(account);
  const keys: [Table, Buffer][] = [
    [tables.tokenOwners, pairKey(walletOf(account), address)],
    [tables.tokenMints, pairKey(mintOf(account), address)],
  ];
  if (delegate !== undefined) keys.push([tables.tokenDelegates, pairKey(delegate, address)]);
  return keys;
}
