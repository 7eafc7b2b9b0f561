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

/** In the order of the contract's enum. */
export const COMMITMENT_STATUSES = ['none', 'open', 'revealed', 'settled'] as const;

/** What an operator committed to in a round. */
export interface Commitment {
  round: bigint;
  proofHash: Hex;
  /** when it committed */
  stakeWei: bigint;
  /** open: not shown; revealed: checked, the share not booked; settled: booked, penalised or taken back */
  status: Exclude<(typeof COMMITMENT_STATUSES)[number], 'none'>;
}

/** How a rollup takes proofs, in the order of the contract's enum. */
export const PROOF_WAYS = ['twoSteps', 'bound', 'both'] as const;
export type ProofWays = (typeof PROOF_WAYS)[number];

/** In the order of the contract's enum. */
export const OFFENCES = ['wrongProof', 'missedReveal', 'failedRound'] as const;
export type Offence = (typeof OFFENCES)[number];

export interface OperatorRecord {
  /** whether it may commit: registered, with the least stake or more */
  active: boolean;
  stakeWei: bigint;
  /** of the stake, for open commitments */
  lockedWei: bigint;
  /** on its way out, beside the stake */
  unbondingWei: bigint;
  /** first block in which that may be withdrawn */
  withdrawableAt: bigint;
}

/** In blocks; see `WindowLengths` of the contract. */
export interface WindowLengths {
  /** T1: blocks after the first commitment in which others may commit */
  commitWindow: number;
  /** T2: blocks in which the first proof is taken */
  revealWindow: number;
  /** T3: blocks after the reveal window in which others may reveal theirs for a share */
  shareWindow: number;
}

/** What a sequence earns: both together. */
export interface RewardPolicy {
  /** split over the sequences that were submitted in one block */
  blockRewardWei: bigint;
  /** of one sequence */
  priceWei: bigint;
}

/** What is taken of an operator's stake. */
export interface Penalties {
  wrongProofWei: bigint;
  missedRevealWei: bigint;
  failedRoundWei: bigint;
}

/** The parameters of the contracts; the administrator may change windows and rewards. */
export interface SettlementConfig {
  rollupId: bigint;
  configHash: Field;
  keySetRoot: Field;
  verifier: Address;
  verifierGas: number;
  sequencer: Address;
  admin: Address;
  operators: Address;
  windows: WindowLengths;
  rewards: RewardPolicy;
  penalties: Penalties;
  /** stake that a commitment locks: the greatest penalty */
  lockWei: bigint;
  minimumStakeWei: bigint;
  unbondingBlocks: bigint;
}
