import type { Field } from '@polyproof/base';
import type { Address, Hex } from 'viem';

/** Where the rollup stands; see `State` of the contract. */
export interface SettlementState {
  verifiedStateRoot: Field;
  /** 0n for none, as the ones below. */
  verifiedSequence: bigint;
  verifiedBatch: bigint;
  lastSequence: bigint;
  lastBatch: bigint;
  lastDataHash: Field;
}

export interface SequenceRecord {
  firstBatch: bigint;
  lastBatch: bigint;
  blockNumber: bigint;
  prevDataHash: Field;
  newDataHash: Field;
  claimedStateRoot: Field;
}

/** Hashes of the base chain's transactions that a sequence has caused so far. */
export interface SequenceTransactions {
  submitted: Hex | undefined;
  /** of every commitment, in the order of the chain */
  committed: Hex[];
  verified: Hex | undefined;
}

/** What was fixed when the contracts were deployed. */
export interface SettlementConfig {
  rollupId: bigint;
  configHash: Field;
  keySetRoot: Field;
  verifier: Address;
  sequencer: Address;
  operators: Address;
  commitWindow: number;
  revealWindow: number;
  rewardWei: bigint;
  minimumStakeWei: bigint;
}
