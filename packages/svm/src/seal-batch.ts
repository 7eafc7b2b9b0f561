import { accountKey } from '@polyproof/state';
import type { BankStore, Head } from './bank-store.js';
import { chainDataHash } from './batch-data.js';
import { emptyBatch } from './open-head.js';
import { recordWitness } from './record-witness.js';
import type { RollupParameters } from './rollup-config.js';
import type { Batch } from './types.js';
import type { BatchWitness } from './witness.js';

/** Closes the open batch, which must not be empty, and writes it with its witness, in one transaction. */
export function sealBatch(
  store: BankStore,
  head: Head,
  config: RollupParameters,
): { head: Head; batch: Batch } {
  const { open, stateRoot } = head;
  const number = head.lastBatch + 1n;
  const link = {
    data: open.data,
    prevStateRoot: open.prevStateRoot,
    newStateRoot: stateRoot,
    prevDataHash: head.dataHash,
    newDataHash: chainDataHash(head.dataHash, open.data),
  };
  const batch: Batch = {
    number,
    firstSlot: open.blocks[0]!.slot,
    lastSlot: open.blocks.at(-1)!.slot,
    transactions: open.transactions,
    ...link,
  };
  const touched = open.before.map(([address, before]) => {
    return { address, before, after: store.getAccount(address) ?? null, key: accountKey(address) };
  });
  const { rollupId, collector, lamportsPerSignature } = config;
  const witness: BatchWitness = {
    batchNumber: number,
    config: { rollupId, collector, lamportsPerSignature },
    ...link,
    blocks: open.blocks,
    accounts: touched
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ address, before }) => [address, before]),
    nodes: recordWitness(store.nodes, open.prevStateRoot, touched),
  };
  const newHead: Head = {
    ...head,
    lastBatch: number,
    dataHash: link.newDataHash,
    open: emptyBatch(stateRoot),
  };
  store.commit(() => {
    store.putBatch(batch, witness);
    store.putHead(newHead);
  });
  return { head: newHead, batch };
}
