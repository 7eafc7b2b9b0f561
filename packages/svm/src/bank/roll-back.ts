import { BankError } from '../errors.js';
import { readBatchRecord, removeBatchContents } from './close-batch.js';
import type { Head } from './head.js';
import { numberKey } from './keys.js';
import { type Ledger, treeVersion } from './ledger.js';

/**
 * Goes back to the end of a kept batch (0: the genesis state): the open batch goes, then closed ones from the newest,
 * each in one commit, so that a crash in between leaves the end of a later batch.
 * @throws {BankError} `UNKNOWN_BATCH` when the batch is not kept; then nothing has changed
 */
export async function rollBack(ledger: Ledger, batch: bigint): Promise<void> {
  const { head } = ledger;
  const kept = batch >= head.firstBatch - 1n && batch <= head.lastBatch;
  if (
    !kept ||
    ledger.tree.rootOf(treeVersion(batch)) === undefined ||
    lastBlockOf(ledger, batch) === undefined
  )
    throw new BankError(
      'UNKNOWN_BATCH',
      `the bank cannot go back to the end of batch ${batch}: it keeps the ends of batches ` +
        `${head.firstBatch - 1n} to ${head.lastBatch}.`,
      { batch, first: head.firstBatch - 1n, last: head.lastBatch },
    );
  try {
    for (let number = head.lastBatch + 1n; number > batch; number--) await removeBatch(ledger, number);
  } finally {
    ledger.reload();
  }
}

/** Removes the newest batch, open or closed: the one before it was the last. */
async function removeBatch(ledger: Ledger, number: bigint): Promise<void> {
  const { tables, tree, accounts, history } = ledger;
  const last = number - 1n;
  const writes = ledger.newWrites();
  for (const { address, before } of accounts.undo.of(number))
    accounts.writeChange(writes, { address, before: accounts.peek(address), after: before });
  const update = tree.rollBack(treeVersion(last));
  tree.write(update, writes);
  const block = lastBlockOf(ledger, last)!;
  for (let slot = block.slot + 1n; slot <= ledger.head.slot; slot++) history.remove(writes, slot);
  removeBatchContents(ledger, writes, number);
  writes.remove(tables.exits, numberKey(number));
  writes.remove(tables.batches, numberKey(number));
  const record = readBatchRecord(ledger, last);
  const head: Head = {
    ...ledger.head,
    slot: block.slot,
    stateRoot: update.root,
    lastBatch: last,
    dataHash: record?.newDataHash ?? 0n,
    nextDeposit: record?.nextDeposit ?? 0n,
  };
  if (ledger.finalBatch > last) ledger.finalBatch = last;
  ledger.writeHead(writes, head);
  await tables.commit(writes);
  tree.adopt(update);
  ledger.rewind(head);
}

/** The last block of a batch; block 0 for batch 0. */
function lastBlockOf(ledger: Ledger, batch: bigint) {
  const slot = batch === 0n ? 0n : readBatchRecord(ledger, batch)?.lastSlot;
  return slot === undefined ? undefined : ledger.history.getBlock(slot);
}
