import { InvariantError } from '@polyproof/base';
import { nextBlockhash } from '../blockhash.js';
import type { ExecutedBlock, RuntimeTransaction } from '../runtime/types.js';
import { LamportSum } from './account-bytes.js';
import type { AccountChange } from './account-store.js';
import type { BlockRecord } from './block-record.js';
import { creditDeposits } from './credit-deposits.js';
import { creditFees } from './credit-fees.js';
import type { Ledger } from './ledger.js';
import { messageName } from './status-cache.js';
import type { IncludedTransaction } from './transaction-chunk.js';
import type { QueuedDeposit } from './types.js';

/** blocks removed from the history with each new one, where they are too old */
const RETIRED_PER_BLOCK = 2;

export interface AppendedBlock {
  block: BlockRecord;
  included: IncludedTransaction[];
  changes: AccountChange[];
}

/**
 * Adds an executed block: one commit, on disk when this resolves, then what is in memory follows.
 * Where it throws, nothing has changed.
 * @param deposits - what accounts get in a block without transactions, the first of a batch
 */
export async function appendBlock(
  ledger: Ledger,
  context: { slot: bigint; unixTimestamp: bigint },
  executed: ExecutedBlock,
  deposits: readonly QueuedDeposit[] = [],
): Promise<AppendedBlock> {
  const { accounts, history, tree, batch } = ledger;
  const { slot, unixTimestamp } = context;
  const included = executed.executed.filter(({ outcome }) => outcome.status !== 'rejected');
  const fees = included.reduce((sum, { outcome }) => sum + outcome.feeLamports, 0n);
  const minted = deposits.reduce((sum, { lamports }) => sum + lamports, 0n);
  const credited = creditFees(accounts, ledger.options.config.collector, executed.accounts, fees);
  const changes = accounts.changesOf([...credited, ...creditDeposits(accounts, deposits)]);
  const burnt = credited === executed.accounts ? fees : 0n;
  const transactions = included.map(({ transaction }) => transaction.transaction);
  const items = batch.itemsOf(transactions, executed.accounts);
  checkConservation(changes, minted - burnt);

  const update =
    changes.length === 0
      ? undefined
      : await tree.prepare(changes.map(({ address, after }) => [address, after] as const));
  const previousBlockhash = ledger.recent.latest;
  const block: BlockRecord = {
    slot,
    unixTimestamp,
    blockhash: nextBlockhash(previousBlockhash, slot, transactions),
    previousBlockhash,
    stateRoot: update?.root ?? ledger.head.stateRoot,
    batch: batch.number,
    transactions: included.length,
    totalTransactions: ledger.newest.totalTransactions + BigInt(included.length),
    totalLamports: ledger.newest.totalLamports + minted - burnt,
  };
  const writes = ledger.newWrites();
  const head = { ...ledger.head, slot, stateRoot: block.stateRoot };
  const lastDeposit = deposits.at(-1);
  if (lastDeposit !== undefined) head.nextDeposit = lastDeposit.index + 1n;
  for (let i = 0; i < RETIRED_PER_BLOCK && slot - head.firstSlot >= ledger.options.historySlots; i++)
    history.remove(writes, head.firstSlot++);
  accounts.write(writes, batch.number, slot, changes);
  if (update !== undefined) tree.write(update, writes);
  history.write(writes, block, included);
  const part = batch.partOf(transactions);
  if (included.length > 0) batch.write(writes, slot, part);
  if (deposits.length > 0) batch.writeDeposits(writes, slot, deposits);
  const poisonous = executed.poisonous.map(({ transaction }) => messageName(transaction));
  for (const name of poisonous) ledger.markPoison(writes, name);
  ledger.writeHead(writes, head);
  await ledger.tables.commit(writes);

  if (update !== undefined) tree.adopt(update);
  accounts.adopt(batch.number, changes);
  if (included.length > 0) batch.adopt(context, part, transactions.length, items);
  if (deposits.length > 0) batch.adoptDeposits(slot, deposits);
  for (const name of poisonous) ledger.poison.add(name);
  ledger.recent.add(slot, block.blockhash);
  ledger.statuses.addBlock(transactions.map(messageName));
  ledger.fees.addBlock(
    slot,
    included.map(({ transaction }) => transaction),
  );
  ledger.head = head;
  ledger.newest = block;
  return { block, included, changes };
}

/** Transactions that a block was not allowed to contain, or could not. */
export function notIncluded(executed: ExecutedBlock): { transaction: RuntimeTransaction; error: unknown }[] {
  const rejected = executed.executed
    .filter(({ outcome }) => outcome.status === 'rejected')
    .map(({ transaction, outcome }) => ({ transaction, error: outcome.error }));
  return [...rejected, ...executed.poisonous.map((transaction) => ({ transaction, error: POISONOUS }))];
}

/** What is told of a transaction that killed the engine: Solana has no name for it, this comes closest. */
export const POISONOUS = 'CommitCancelled';

/** Lamports come from deposits alone, and go nowhere but, as burnt fees, out of the rollup. */
function checkConservation(changes: readonly AccountChange[], expected: bigint): void {
  const sum = new LamportSum();
  for (const { before, after } of changes) sum.add(before, after);
  const gained = sum.total;
  if (gained !== expected)
    throw new InvariantError(`a block that adds ${expected} lamports changed the total by ${gained}`);
}
