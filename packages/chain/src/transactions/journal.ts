import type { Address, Hex } from 'viem';
import type { Fees } from './fees.js';

/**
 * Where a transaction is: pending (sent, or about to be) → included (in a block, which a reorganisation may undo: then
 * pending again) → final. Superseded when another transaction took its nonce; withdrawn when ours did, an empty one,
 * because it was no longer wanted; refused when no node took it.
 */
export type TransactionState = 'pending' | 'included' | 'final' | 'superseded' | 'withdrawn' | 'refused';

/** A signed transaction. Versions of one transaction have the same nonce, so at most one gets into a block. */
export interface TransactionVersion extends Fees {
  hash: Hex;
  raw: Hex;
  /** does nothing but use up the nonce */
  empty: boolean;
}

export interface TransactionInclusion {
  hash: Hex;
  blockNumber: bigint;
  blockHash: Hex;
  gasUsed: bigint;
  /** gas used times its price */
  feeWei: bigint;
  reverted: boolean;
}

export interface JournaledTransaction {
  /** hash of the first version */
  id: Hex;
  chainId: number;
  account: Address;
  nonce: number;
  /** for people: "committing a proof of sequence 3" */
  what: string;
  /** the sequence that its cost is booked for */
  sequence: bigint | null;
  /** none for a contract's creation */
  to: Address | null;
  data: Hex;
  valueWei: bigint;
  gas: bigint;
  /** what the call has to return when it is tried; anything else means that it is not wanted */
  mustReturn: Hex | null;
  /** oldest first */
  versions: TransactionVersion[];
  state: TransactionState;
  /** why it was withdrawn, superseded or refused */
  reason: string | null;
  inclusion: TransactionInclusion | null;
}

/**
 * Where transactions are written down before they are sent, so that a process that dies at any instant finds them
 * again. Without one that outlives the process, nothing is sent twice either, but what was on its way is forgotten.
 */
export interface TransactionJournal {
  /** Those that are pending or included, lowest nonce first. */
  unfinished(account: Address, chainId: number): Promise<JournaledTransaction[]>;
  /** Stores a transaction, or how it is now. Is on disk when it resolves. */
  save(transaction: JournaledTransaction): Promise<void>;
}

export const isUnfinished = ({ state }: JournaledTransaction): boolean =>
  state === 'pending' || state === 'included';

/** A journal for processes that have nothing to go on with after their end. */
export class MemoryJournal implements TransactionJournal {
  readonly #transactions = new Map<Hex, JournaledTransaction>();

  async unfinished(account: Address, chainId: number): Promise<JournaledTransaction[]> {
    return [...this.#transactions.values()]
      .filter((one) => one.account === account && one.chainId === chainId && isUnfinished(one))
      .sort((a, b) => a.nonce - b.nonce);
  }

  async save(transaction: JournaledTransaction): Promise<void> {
    if (isUnfinished(transaction)) this.#transactions.set(transaction.id, structuredClone(transaction));
    else this.#transactions.delete(transaction.id);
  }
}
