import { accountKey, decodeAccount, MemoryNodeStore } from '@polyproof/state';
import { type BatchEntry, blocksOf, chainDataHash } from '../batch-data.js';
import { decodeDeposits, decodeProvedData } from '../deposits.js';
import { isExitAddress } from '../exits.js';
import { recordWitness } from '../record-witness.js';
import type { AccountBytes } from '../runtime/types.js';
import { touchedByBatch } from '../touched.js';
import { decodeTransaction } from '../transaction.js';
import type { Batch } from '../types.js';
import type { BatchWitness } from '../witness.js';
import { encodeExits, openExits, readExits } from './batch-exits.js';
import { type BatchRecord, decodeBatch, encodeBatch } from './batch-record.js';
import type { BlockRecord } from './block-record.js';
import type { Head } from './head.js';
import { byteString, numberKey } from './keys.js';
import { type Ledger, treeVersion } from './ledger.js';
import { batchDataOf } from './open-batch.js';
import { keysWithPrefix } from './scan.js';
import { encodeStoredWitness } from './stored-witness.js';
import type { WriteSet } from './write-set.js';

/** old batches removed with each new one, where they are beyond the ones to keep */
const RETIRED_PER_BATCH = 2;

/** Ends the open batch, which must not be empty: one commit, then what is in memory follows. */
export async function closeBatch(ledger: Ledger): Promise<Batch> {
  const { tables, tree, accounts, batch: open } = ledger;
  const { number, data } = open;
  const { addresses, exits } = openExits(ledger);
  const changes = accounts.changesOf(addresses.map((address) => [address, null]));
  const emptied =
    changes.length === 0 ? undefined : await tree.prepare(addresses.map((address) => [address, null]));
  const stateRoot = emptied?.root ?? ledger.head.stateRoot;
  const batch: Batch = {
    number,
    firstSlot: open.slots.first,
    lastSlot: emptied === undefined ? open.slots.last : ledger.head.slot,
    transactions: open.transactions,
    deposits: open.deposits.map(({ recipient, lamports }) => ({ recipient, lamports })),
    exits,
    data,
    prevStateRoot: open.prevStateRoot,
    newStateRoot: stateRoot,
    prevDataHash: ledger.head.dataHash,
    newDataHash: chainDataHash(ledger.head.dataHash, data),
  };
  const writes = ledger.newWrites();
  if (ledger.options.execution === 'zk')
    writes.put(tables.witnesses, numberKey(number), encodeStoredWitness(witnessOf(ledger, batch)));
  const { nextDeposit } = ledger.head;
  writes.put(tables.batches, numberKey(number), encodeBatch({ ...batch, nextDeposit }));
  if (exits.length > 0) writes.put(tables.exits, numberKey(number), encodeExits(exits));
  const head: Head = { ...ledger.head, stateRoot, lastBatch: number, dataHash: batch.newDataHash };
  // What leaves the rollup does so at the end of the newest block.
  const newest: BlockRecord = { ...ledger.newest, stateRoot };
  for (const { lamports } of exits) newest.totalLamports -= lamports;
  if (emptied !== undefined) ledger.history.writeHeader(writes, newest);
  accounts.write(writes, number, head.slot, changes);
  for (let i = 0; i < RETIRED_PER_BATCH && isRetired(ledger, head); i++)
    retireBatch(ledger, writes, head.firstBatch++);
  ledger.writeHead(writes, head);
  const sealed = tree.seal(emptied);
  tree.write(sealed, writes);
  try {
    await tables.commit(writes);
  } catch (error) {
    accounts.abandon();
    throw error;
  }

  tree.adopt(sealed);
  accounts.adopt(number, changes);
  ledger.head = head;
  ledger.newest = newest;
  accounts.startBatch();
  ledger.startBatch();
  return batch;
}

/** A closed batch; undefined where it is not kept. */
export function readBatch(ledger: Ledger, number: bigint): Batch | undefined {
  const record = number < ledger.head.firstBatch ? undefined : readBatchRecord(ledger, number);
  if (record === undefined) return undefined;
  const { batchParts } = ledger.tables;
  const parts = [...keysWithPrefix(batchParts, numberKey(number))].map((key) => batchParts.get(key)!);
  const deposits = [...keysWithPrefix(ledger.tables.deposits, numberKey(number))].flatMap((key) =>
    decodeDeposits(ledger.tables.deposits.get(key)!),
  );
  const { nextDeposit: _, ...batch } = record;
  return {
    ...batch,
    deposits,
    exits: readExits(ledger, number),
    data: batchDataOf(parts, ledger.options.execution === 'zk' ? deposits : undefined),
  };
}

export function readBatchRecord(ledger: Ledger, number: bigint): BatchRecord | undefined {
  if (number < 1n) return undefined;
  const bytes = ledger.tables.batches.get(numberKey(number));
  return bytes === undefined ? undefined : decodeBatch(bytes);
}

/** Removes what a batch has beside its record: its data, its witness, and what accounts were before it. */
export function removeBatchContents(ledger: Ledger, writes: WriteSet, number: bigint): void {
  const { tables } = ledger;
  for (const key of keysWithPrefix(tables.batchParts, numberKey(number)))
    writes.remove(tables.batchParts, key);
  for (const key of keysWithPrefix(tables.deposits, numberKey(number))) writes.remove(tables.deposits, key);
  ledger.accounts.undo.remove(writes, number);
  writes.remove(tables.witnesses, numberKey(number));
}

function isRetired(ledger: Ledger, head: Head): boolean {
  const kept = head.lastBatch - head.firstBatch + 1n;
  return kept > ledger.options.keepBatches && head.firstBatch <= ledger.finalBatch;
}

/** The record of the newest batch that goes stays: going back to its end needs it. */
function retireBatch(ledger: Ledger, writes: WriteSet, number: bigint): void {
  removeBatchContents(ledger, writes, number);
  writes.remove(ledger.tables.batches, numberKey(number - 1n));
}

function witnessOf(ledger: Ledger, batch: Batch): BatchWitness {
  const { config } = ledger.options;
  const { entries } = decodeProvedData(batch.data);
  const messages = entries.map(({ message }) => message);
  const changed = new Map<string, AccountBytes>();
  for (const { address, before } of ledger.accounts.undo.of(batch.number))
    changed.set(byteString(address), before);
  const touched = [...touchedByBatch(messages, batch.deposits, config.collector).values()].map((address) => {
    const now = ledger.accounts.peek(address);
    const before = changed.get(byteString(address));
    return {
      address,
      key: accountKey(address),
      before: decoded(before === undefined ? now : before),
      after: isExitAddress(address) ? null : decoded(now),
    };
  });
  const nodes = ledger.tree.nodesFor(
    touched.map(({ address }) => address),
    treeVersion(batch.number - 1n),
  );
  const { rollupId, collector, lamportsPerSignature } = config;
  const { prevStateRoot, newStateRoot, prevDataHash, newDataHash, data } = batch;
  return {
    batchNumber: batch.number,
    config: { rollupId, collector, lamportsPerSignature },
    prevStateRoot,
    newStateRoot,
    prevDataHash,
    newDataHash,
    data,
    signatures: signaturesOf(ledger, entries),
    blocks: [...ledger.batch.blocks],
    accounts: touched
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ address, before }) => [address, before]),
    nodes: recordWitness(MemoryNodeStore.of(nodes), prevStateRoot, touched),
  };
}

/** Signatures of the open batch's transactions, from the history; none of blocks that it has dropped already. */
function signaturesOf({ history, batch }: Ledger, entries: readonly BatchEntry[]): Uint8Array[][] {
  return blocksOf(entries).flatMap((block, i) => {
    const transactions = history.getTransactions(batch.blocks[i]!.slot);
    return block.map((_, index) => {
      const stored = transactions[index];
      return stored === undefined ? [] : decodeTransaction(stored.bytes).signatures;
    });
  });
}

function decoded(bytes: AccountBytes) {
  return bytes === null ? null : decodeAccount(bytes);
}
