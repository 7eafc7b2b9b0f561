import { concatBytes, InvariantError } from '@polyproof/base';
import { type Account, accountKey, accountValue, StateTree } from '@polyproof/state';
import type { BankStore, Head, OpenBatch } from './bank-store.js';
import { encodeBase58 } from './base58.js';
import { encodeBatchData } from './batch-data.js';
import { nextBlockhash, RECENT_BLOCKHASHES } from './blockhash.js';
import type { BlockResult, TransactionOutcome } from './executor.js';
import { messageHash, type Refused } from './sift.js';
import { touchedByBatch } from './touched.js';
import type { Transaction } from './transaction.js';
import type { Block, TransactionRecord } from './types.js';
import type { BlockContext } from './witness.js';

export interface ExecutedBlock extends BlockContext {
  /** what the executor was given, in order */
  accepted: Transaction[];
  /** what was rejected before */
  refused: Refused[];
  result: BlockResult;
}

interface Change {
  address: Uint8Array;
  before: Account | undefined;
  after: Account | null;
  value: bigint | null;
}

/** Writes an executed block and the state after it, in one transaction. */
export function applyBlock(
  store: BankStore,
  head: Head,
  collector: Uint8Array,
  executed: ExecutedBlock,
): { head: Head; block: Block; included: Transaction[] } {
  const { slot, unixTimestamp, accepted, refused, result } = executed;
  const included = accepted.filter((_, i) => result.outcomes[i]!.status !== 'rejected');
  const changes = changesOf(store, result);
  checkConservation(changes, result.outcomes);
  const tree = new StateTree(store.nodes, head.stateRoot);
  const stateRoot = tree.update(new Map(changes.map(({ address, value }) => [accountKey(address), value])));

  const previousBlockhash = head.blockhashes.at(-1)!;
  const context = { slot, unixTimestamp, batch: head.lastBatch + 1n };
  const block: Block = {
    ...context,
    blockhash: nextBlockhash(previousBlockhash, slot, included),
    previousBlockhash,
    stateRoot,
    signatures: included.map(({ signatures }) => signatures[0]!),
  };
  const record = (transaction: Transaction, outcome: TransactionOutcome): TransactionRecord => ({
    signature: transaction.signatures[0]!,
    bytes: transaction.bytes,
    ...outcome,
    ...context,
  });
  const records = [
    ...accepted.map((transaction, i) => record(transaction, result.outcomes[i]!)),
    ...refused.map(([transaction, error]) => record(transaction, rejectedWith(error))),
  ];
  const newHead: Head = {
    ...head,
    slot,
    unixTimestamp,
    stateRoot,
    blockhashes: [...head.blockhashes, block.blockhash].slice(-RECENT_BLOCKHASHES),
    transactionCount: head.transactionCount + BigInt(included.length),
    open: extendBatch(store, head.open, collector, included, { slot, unixTimestamp }),
  };
  store.commit(() => {
    for (const { address, after, value } of changes) {
      if (after === null || value === null) store.removeAccount(address);
      else store.putAccount(address, after, value);
    }
    for (const entry of records) if (!isSettled(store, entry)) store.putTransaction(entry);
    for (const transaction of included)
      store.putMessage(messageHash(transaction), transaction.signatures[0]!);
    store.putBlock(block);
    store.putHead(newHead);
  });
  return { head: newHead, block, included };
}

function changesOf(store: BankStore, { accounts }: BlockResult): Change[] {
  return accounts
    .map(([address, after]) => {
      const value = after === null ? null : accountValue(after);
      return { address, before: store.getAccount(address), after, value };
    })
    .filter(({ before, value }) => value !== (before === undefined ? null : accountValue(before)));
}

/** Lamports come from nowhere, and go nowhere but, as burnt fees, out of the rollup. */
function checkConservation(changes: readonly Change[], outcomes: readonly TransactionOutcome[]): void {
  const gained = changes.reduce(
    (sum, { before, after }) => sum + (after?.lamports ?? 0n) - (before?.lamports ?? 0n),
    0n,
  );
  const fees = outcomes.reduce((sum, { feeLamports }) => sum + feeLamports, 0n);
  if (gained !== 0n && gained !== -fees)
    throw new InvariantError(`a block with ${fees} lamports of fees changed the total by ${gained}`);
}

/** The open batch with one more block; a block without transactions leaves no trace. */
function extendBatch(
  store: BankStore,
  open: OpenBatch,
  collector: Uint8Array,
  included: readonly Transaction[],
  context: BlockContext,
): OpenBatch {
  if (included.length === 0) return open;
  const messages = included.map(({ message }) => message);
  const added = touchedByBatch(messages, collector);
  for (const [address] of open.before) added.delete(encodeBase58(address));
  return {
    ...open,
    transactions: open.transactions + included.length,
    data: concatBytes(open.data, encodeBatchData([included.map(({ messageBytes }) => messageBytes)])),
    blocks: [...open.blocks, context],
    before: open.before.concat(
      [...added.values()].map((address) => [address, store.getAccount(address) ?? null]),
    ),
  };
}

/** A transaction that was included once keeps that record, whatever comes later under its signature. */
function isSettled(store: BankStore, { status, signature }: TransactionRecord): boolean {
  const known = store.getTransaction(signature)?.status;
  return status === 'rejected' && known !== undefined && known !== 'rejected';
}

function rejectedWith(error: string): TransactionOutcome {
  return { status: 'rejected', error, logs: [], computeUnits: 0n, feeLamports: 0n };
}
