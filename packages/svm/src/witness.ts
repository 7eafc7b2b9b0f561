import type { Field } from '@polyproof/base';
import type { Account, TreeNode } from '@polyproof/state';
import type { RollupParameters } from './rollup-config.js';

/** Everything that is needed to execute one batch again, and to prove it, with no other state. */
export interface BatchWitness {
  batchNumber: bigint;
  config: RollupParameters;
  prevStateRoot: Field;
  newStateRoot: Field;
  prevDataHash: Field;
  newDataHash: Field;
  /** the batch data: see batch-data.ts */
  data: Uint8Array;
  /** of each transaction in the data its signatures, 64 bytes each, in the order of its signers; nothing in the data binds them */
  signatures: Uint8Array[][];
  /** context of each block that has transactions, in order; nothing in the batch data binds it */
  blocks: BlockContext[];
  /** every touched account before the batch (null where there is none), by ascending key */
  accounts: [address: Uint8Array, account: Account | null][];
  /** nodes of the state tree before the batch that its updates read, together or one by one */
  nodes: TreeNode[];
}

export interface BlockContext {
  slot: bigint;
  /** seconds */
  unixTimestamp: bigint;
}
