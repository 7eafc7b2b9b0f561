import type { EngineAccounts } from './engine-accounts.js';
import type { HeldAccount } from './held-account.js';
import { tokenIndexes } from './token-balances.js';
import type { WireTransaction } from './wire-message.js';

const SYSTEM_TRANSFER = 2;

/** What the engine has to know of a transaction before it executes it. */
export interface TransactionPlan {
  transaction: WireTransaction;
  /** by index, as they are before the transaction */
  accounts: HeldAccount[];
  feePayer: HeldAccount;
  feeLamports: bigint;
  /** indexes of accounts that can have a token balance */
  tokens: number[];
  /**
   * Owner and data of accounts that the System program or a token program owns change in ways that are known: the
   * System program can only be called for transfers, so that nothing is created, allocated or assigned.
   */
  quiet: boolean;
  /** Calls programs alone that call no others. */
  flat: boolean;
  /** It may write an executable account, or make one executable: the runtime dies where that one does not verify. */
  writesPrograms: boolean;
}

export function planTransaction(transaction: WireTransaction, held: EngineAccounts): TransactionPlan {
  const { keys, writable, instructions } = transaction;
  const accounts = keys.map((key) => held.get(key));
  const programs: number[] = [];
  let transfersOnly = true;
  let flat = true;
  for (const { program, data } of instructions) {
    programs.push(program);
    const { role } = accounts[program]!;
    if (role === 'system') transfersOnly &&= data.length >= 4 && data.readUInt32LE(0) === SYSTEM_TRANSFER;
    else if (role === undefined || role === 'token2022' || role === 'upgradeableLoader') flat = false;
  }
  let system = false;
  let writesPrograms = false;
  for (let index = 0; index < accounts.length; index++) {
    const account = accounts[index]!;
    if (account.role === 'system') system = true;
    if (account.role === 'upgradeableLoader' || (writable[index] && account.executable))
      writesPrograms = true;
  }
  return {
    transaction,
    accounts,
    feePayer: accounts[0]!,
    feeLamports: transaction.baseFeeLamports + transaction.priorityFeeLamports,
    tokens: tokenIndexes(accounts, programs),
    quiet: !system || (flat && transfersOnly),
    flat,
    writesPrograms,
  };
}

/**
 * Why the runtime must not see the transaction, as Solana's error, if there is a reason: it would die of a program
 * whose account is gone, and litesvm names the error of a missing program differently from Agave.
 */
export function refusal(
  { transaction, accounts }: TransactionPlan,
  held: EngineAccounts,
): string | undefined {
  // Not part of the rollup's state: what is written there could not be kept.
  if (accounts.some((account, index) => account.own && transaction.writable[index]))
    return 'InvalidWritableAccount';
  const missing = transaction.instructions.some(({ program }) => !accounts[program]!.exists);
  return missing || accounts.some((account) => held.isGhost(account)) ? 'ProgramAccountNotFound' : undefined;
}
