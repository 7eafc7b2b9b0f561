import type { Field, Hex } from '@polyproof/base';
import type { Commitment, Offence, Windows } from '@polyproof/chain';
import type { CircuitInputs, ProgramName, Proof, ProofSystem } from '@polyproof/proofs';

/** A batch as one of the batch circuits takes it: the smallest that it fits in. */
export interface BatchInputs {
  program: ProgramName;
  /** with the statement (and the key set's root in it) under `statement` */
  inputs: CircuitInputs;
}

/** Where the inputs of batch circuits come from: the operator's own node. */
export interface BatchSource {
  /** An error means "not yet": it is asked again. */
  getBatchInputs(batchNumber: bigint): Promise<BatchInputs>;
  /** Of the proof that a batch's transactions are signed; asked for where signatures are proved. */
  getSignatureInputs(batchNumber: bigint): Promise<BatchInputs>;
}

export type ProofVerifier = Pick<ProofSystem, 'verify'>;

/** Builds the inputs of the circuits that verify proofs. */
export interface InputComposer {
  aggregateInputs(left: Proof, right: Proof): CircuitInputs;
  /**
   * @param prover - the account, as a number, that the proof is bound to; 0 for nobody
   * @param signatures - the proof of all signatures, where they are proved
   */
  finalInputs(batches: Proof, prover: Field, signatures?: Proof): CircuitInputs;
}

/** The circuits in use: what a task names, and what proofs must say of them. */
export interface ProgramSet {
  hashes: Readonly<Partial<Record<ProgramName, string>>>;
  /** their sizes, which is what expectations of proving times go by */
  gates: Readonly<Partial<Record<ProgramName, number>>>;
  /** of the proofs of batches and their aggregations */
  keySetRoot: Field;
  /** where signatures are proved: the roots that their proofs have, and final proofs */
  signed?: { keySetRoot: Field; finalKeySetRoot: Field };
}

/** A sequence as the base chain has it. */
export interface SequenceInfo {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  prevDataHash: Field;
  newDataHash: Field;
  claimedRoot: Field;
  blockNumber: bigint;
}

export type SettlementEvent =
  | ({ type: 'SequenceSubmitted' } & SequenceInfo)
  | {
      type: 'ProofCommitted';
      sequence: bigint;
      operator: Hex;
      round: bigint;
      proofHash: Hex;
      transactionHash: Hex;
      blockNumber: bigint;
    }
  | {
      type: 'SequenceVerified';
      sequence: bigint;
      operator: Hex;
      transactionHash: Hex;
      blockNumber: bigint;
    }
  | {
      type: 'ProofRevealed';
      sequence: bigint;
      operator: Hex;
      round: bigint;
      transactionHash: Hex;
      blockNumber: bigint;
    }
  | {
      type: 'CommitmentPenalised';
      sequence: bigint;
      operator: Hex;
      round: bigint;
      offence: Offence;
      amountWei: bigint;
      transactionHash: Hex;
      blockNumber: bigint;
    }
  | {
      type: 'RewardEarned';
      sequence: bigint;
      operator: Hex;
      amountWei: bigint;
      transactionHash: Hex;
      blockNumber: bigint;
    };

/** An included transaction. */
export interface Inclusion {
  transactionHash: Hex;
  gasUsed: bigint;
  blockNumber: bigint;
}

/** What the aggregator needs of the settlement contract. Sending resolves on inclusion and rejects on a revert. */
export interface SettlementPort {
  blockNumber(): Promise<bigint>;
  /** `undefined` where the chain has no such block, or the RPC not yet. */
  blockHash(block: bigint): Promise<Hex | undefined>;
  getState(): Promise<{ verifiedSequence: bigint }>;
  /** State root after a sequence, as claimed; of sequence 0, the genesis root. */
  getClaimedRoot(sequence: bigint): Promise<Field>;
  /** The newest round of a sequence; all zero when there was none. */
  windows(sequence: bigint): Promise<Windows>;
  /** Commitment of the operator in a round of the sequence, default the newest. */
  getCommitment(
    sequence: bigint,
    operator: Hex,
    round?: bigint,
  ): Promise<Pick<Commitment, 'round' | 'proofHash' | 'status'> | undefined>;
  commit(sequence: bigint, proofHash: Hex): Promise<Inclusion>;
  /** Rejects with `PROOF_REFUSED` or `PROOF_PENALISED` when the contract does not accept the proof. */
  reveal(sequence: bigint, proof: Uint8Array, newStateRoot: Field, exitRoot: Field): Promise<Inclusion>;
  /** Shows a proof that is bound to the operator, in one step; rejects with `PROOF_REFUSED` when the verifier refuses it. */
  submit(sequence: bigint, proof: Uint8Array, newStateRoot: Field, exitRoot: Field): Promise<Inclusion>;
  /** Ends commitments of a round that is over: takes penalties, books shares of rewards. */
  settleCommitments(sequence: bigint, round: bigint, operators: readonly Hex[]): Promise<Inclusion>;
  /**
   * Looks after transactions that nobody waits for: those of an earlier run, and those that a reorganisation took out
   * of their blocks.
   */
  maintain(): Promise<void>;
  /** Wei that the operators share who prove a sequence. */
  getReward(sequence: bigint): Promise<bigint>;
  /** Wei for a unit of gas, now. */
  gasPriceWei(): Promise<bigint>;
  getRewards(operator: Hex): Promise<{ earnedWei: bigint; claimedWei: bigint; availableWei: bigint }>;
  claimRewards(): Promise<Inclusion>;
  /** In the order of the chain; both blocks inclusive. */
  getEvents(fromBlock: bigint, toBlock: bigint): Promise<SettlementEvent[]>;
  /** `keccak256(abi.encodePacked(keccak256(proof), operator))` */
  proofHash(proof: Uint8Array, operator: Hex): Hex;
}
