import { createHash } from 'node:crypto';
import type { EngineAccounts } from './engine-accounts.js';
import type { HeldAccount } from './held-account.js';
import type { TransactionPlan } from './transaction-plan.js';
import { PROGRAMDATA_HEADER_BYTES } from './upgradeable-program.js';

/** SHA-256 of the code of p-token, the SPL Token program of mainnet and of the genesis. */
const P_TOKEN = '53e587eee80c786bcfba1450397d92179a0f01def776d19fb4ddf690d64431cc';

const TRANSFER = 3;
const TRANSFER_CHECKED = 12;
const AMOUNT_AT = 1;

/** An amount that went from one token account to another. */
export interface TokenMove {
  from: HeldAccount;
  to: HeldAccount;
  amount: bigint;
}

/** @param programdata - of the account that holds the program's code */
export function isKnownTokenProgram(programdata: Uint8Array): boolean {
  const code = programdata.subarray(PROGRAMDATA_HEADER_BYTES);
  return createHash('sha256').update(code).digest('hex') === P_TOKEN;
}

/**
 * What a transaction that succeeded did beside taking the fee, where that can have been nothing but to move amounts
 * between token accounts: to read these from the runtime costs as much as to execute it. Asked before any copy is
 * brought up to date.
 * @returns undefined where anything else can have happened
 */
export function tokenMoves(
  { accounts, transaction, flat }: TransactionPlan,
  held: EngineAccounts,
): TokenMove[] | undefined {
  if (!flat || !held.knowsTokenProgram) return undefined;
  const moves: TokenMove[] = [];
  for (const { program, accounts: indexes, data } of transaction.instructions) {
    const { role } = accounts[program]!;
    if (role === 'system') return undefined;
    // The compute budget program and memos, as `flat` says: they change nothing.
    if (role !== 'token') continue;
    if (data[0] !== TRANSFER && data[0] !== TRANSFER_CHECKED) return undefined;
    // A mint stands between the two where it is checked.
    const from = accounts[indexes[0]!]!;
    const to = accounts[indexes[data[0] === TRANSFER ? 1 : 2]!]!;
    if (!isSimple(from) || !isSimple(to)) return undefined;
    moves.push({ from, to, amount: amountOf(data) });
  }
  if (moves.length === 0) return undefined;
  // The runtime marks accounts of other kinds as exempt from rent.
  for (let index = 0; index < accounts.length; index++)
    if (transaction.writable[index] && accounts[index]!.kind === 'other') return undefined;
  return moves;
}

/** Brings the engine's copies up to date. */
export function moveTokens(moves: readonly TokenMove[], held: EngineAccounts): void {
  for (const { from, to, amount } of moves) {
    add(from, -amount, held);
    add(to, amount, held);
  }
}

function isSimple(account: HeldAccount): boolean {
  const { token } = account;
  return token?.kind === 'account' && token.simple;
}

function add(account: HeldAccount, amount: bigint, held: EngineAccounts): void {
  const { token } = account;
  if (token?.kind !== 'account') return;
  held.touch(account);
  account.setTokenAmount(token.amount + amount);
}

function amountOf(data: Buffer): bigint {
  return new DataView(data.buffer, data.byteOffset).getBigUint64(AMOUNT_AT, true);
}
