import type { Field } from '@polyproof/base';
import type { Deposit } from './deposits.js';
import type { Exit } from './exits.js';

/** A closed batch: whole blocks, at least one transaction or deposit. */
export interface Batch {
  /** from 1 */
  number: bigint;
  /** slots of its first and last block that changed the state, or have transactions */
  firstSlot: bigint;
  lastSlot: bigint;
  transactions: number;
  deposits: Deposit[];
  /** what left the rollup at its end, in the order of the tree of exits */
  exits: Exit[];
  /** what goes to the base chain: see batch-data.ts */
  data: Uint8Array;
  prevStateRoot: Field;
  newStateRoot: Field;
  prevDataHash: Field;
  newDataHash: Field;
}
