import type { TokenBalance } from '../types.js';
import type { HeldAccount } from './held-account.js';
import { isTokenRole } from './program-roles.js';

/**
 * Indexes of accounts that can have a token balance: where a token program is among the keys, all but programs.
 * @param programs - indexes that are called as programs
 */
export function tokenIndexes(accounts: readonly HeldAccount[], programs: readonly number[]): number[] {
  const out: number[] = [];
  if (!accounts.some(({ role }) => isTokenRole(role))) return out;
  for (let index = 0; index < accounts.length; index++)
    if (!isTokenRole(accounts[index]!.role) && !programs.includes(index)) out.push(index);
  return out;
}

/**
 * Token balances of a transaction's accounts as Agave collects them (svm `transaction_balances`): of initialised
 * token accounts whose mint is known.
 * @param indexes - see {@link tokenIndexes}
 * @param find - by the key of an address
 */
export function tokenBalances(
  indexes: readonly number[],
  accounts: readonly HeldAccount[],
  find: (key: string) => HeldAccount | undefined,
): TokenBalance[] {
  const out: TokenBalance[] = [];
  for (const accountIndex of indexes) {
    const token = accounts[accountIndex]!.token;
    if (token?.kind !== 'account') continue;
    const { mint, owner, programId, amount } = token;
    const minted = find(token.mintKey)?.token;
    if (minted?.kind !== 'mint' || !minted.programId.equals(programId)) continue;
    out.push({ accountIndex, mint, owner, programId, amount, decimals: minted.decimals });
  }
  return out;
}
