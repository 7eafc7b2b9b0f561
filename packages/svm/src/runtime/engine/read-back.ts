import type { EngineAccounts } from './engine-accounts.js';
import type { AccountFields, HeldAccount } from './held-account.js';
import type { Runtime } from './new-runtime.js';
import { moveTokens, tokenMoves } from './token-moves.js';
import type { TransactionPlan } from './transaction-plan.js';

interface RuntimeAccount {
  lamports(): bigint;
  data(): Uint8Array;
  owner(): Uint8Array;
  executable(): boolean;
  rentEpoch(): bigint;
}

/**
 * Brings the engine's copies up to date after a transaction that succeeded.
 *
 * Each field that is asked of the runtime costs a microsecond or more, so only those are that can have changed.
 */
export function readBack(plan: TransactionPlan, svm: Runtime, held: EngineAccounts): void {
  const { transaction, accounts, quiet } = plan;
  const moves = tokenMoves(plan, held);
  if (moves !== undefined) {
    readLamports(plan.feePayer, svm, held);
    moveTokens(moves, held);
    return;
  }
  for (let index = 0; index < accounts.length; index++) {
    if (!transaction.writable[index]) continue;
    const account = accounts[index]!;
    const kind = quiet ? account.kind : 'other';
    if (kind === 'plain') readLamports(account, svm, held);
    else if (kind === 'token') readToken(account, svm, held);
    else readAll(account, svm, held);
  }
}

export function accountFields(account: RuntimeAccount): AccountFields | null {
  const lamports = account.lamports();
  if (lamports === 0n) return null;
  return {
    lamports,
    data: account.data(),
    owner: account.owner(),
    executable: account.executable(),
    rentEpoch: account.rentEpoch(),
  };
}

function readLamports(account: HeldAccount, svm: Runtime, held: EngineAccounts): void {
  const lamports = svm.getBalance(account.address) ?? 0n;
  if (lamports === account.lamports) return;
  held.touch(account);
  account.setLamports(lamports);
}

/** Only the System program could give the account another owner, or its data another length without closing it. */
function readToken(account: HeldAccount, svm: Runtime, held: EngineAccounts): void {
  const found = svm.getAccount(account.address);
  const data = found?.data();
  if (data?.length !== account.dataLength) {
    readAll(account, svm, held);
    return;
  }
  readLamports(account, svm, held);
  held.touch(account);
  account.setData(data);
}

function readAll(account: HeldAccount, svm: Runtime, held: EngineAccounts): void {
  const found = svm.getAccount(account.address);
  const fields = found === null ? null : accountFields(found);
  if (fields === null ? !account.exists : account.matches(fields)) return;
  held.touch(account);
  if (fields === null) account.setBytes(null);
  else account.setFields(fields);
}
