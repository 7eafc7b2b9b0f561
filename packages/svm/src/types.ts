import type { Field } from '@polyproof/base';

/** A closed batch: whole blocks, at least one transaction. */
export interface Batch {
  /** from 1 */
  number: bigint;
  /** slots of its first and last block that have transactions */
  firstSlot: bigint;
  lastSlot: bigint;
  transactions: number;
  /** what goes to the base chain: see batch-data.ts */
  data: Uint8Array;
  prevStateRoot: Field;
  newStateRoot: Field;
  prevDataHash: Field;
  newDataHash: Field;
}
