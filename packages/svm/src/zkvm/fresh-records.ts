import { hashRowsOf, wordsOfRows } from './account-cells.js';
import type { BatchAccount, TransactionCapacity } from './transaction-layout.js';
import type { Versions } from './transaction-versions.js';
import { words } from './words.js';

/** Records of changes that take place, one behind the other, with all that they hold but lamports. */
export function freshRecords(
  { changes, changed }: Versions,
  accounts: readonly BatchAccount[],
  { accountCells }: TransactionCapacity,
): { starts: number[]; cells: bigint[] } {
  const cells: bigint[] = [];
  const starts = changed.map(({ account, owner, bytes }, change) => {
    const start = accountCells + cells.length;
    if (changes[change]!.made) {
      const room = wordsOfRows(hashRowsOf(bytes));
      cells.push(...words(accounts[account]!.address), ...words(owner), 0n, BigInt(bytes));
      for (let i = 0; i < room; i++) cells.push(0n);
    }
    return start;
  });
  return { starts, cells };
}
