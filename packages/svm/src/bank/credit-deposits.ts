import { encodeAccount } from '@polyproof/state';
import type { Deposit } from '../deposits.js';
import { systemAccount } from '../rollup-config.js';
import type { AccountBytes, AccountEntry, AccountSource } from '../runtime/types.js';
import { lamportsOf, withLamports } from './account-bytes.js';
import { byteString } from './keys.js';

/** Accounts after they got deposits, each once. */
export function creditDeposits(source: AccountSource, deposits: readonly Deposit[]): AccountEntry[] {
  const credited = new Map<string, readonly [Uint8Array, AccountBytes]>();
  for (const { recipient, lamports } of deposits) {
    const name = byteString(recipient);
    const before = credited.get(name)?.[1] ?? source.get(recipient);
    const after =
      before === null
        ? encodeAccount(systemAccount(lamports))
        : withLamports(before, lamportsOf(before) + lamports);
    credited.set(name, [recipient, after]);
  }
  return [...credited.values()];
}
