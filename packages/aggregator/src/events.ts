import type { Hex } from '@polyproof/base';
import type { Offence } from '@polyproof/chain';
import type { TaskKind } from './database/schema.js';

export interface TaskEvent {
  taskId: string;
  sequence: bigint;
  kind: TaskKind;
  /** for people: "sequence 2, batch 3" */
  label: string;
  /** name of the prover */
  prover: string;
  /** since the lease was given */
  elapsedSeconds: number;
}

export interface AggregatorEvents {
  sequenceSeen: { sequence: bigint; firstBatch: bigint; lastBatch: bigint };
  taskLeased: TaskEvent;
  taskProgress: TaskEvent & { stage: string };
  taskDone: TaskEvent & { gates: number; witnessSeconds: number; proveSeconds: number };
  /** `retry`: it will be tried again */
  taskFailed: TaskEvent & { code: string; message: string; retry: boolean };
  sequenceProved: { sequence: bigint };
  sequenceFailed: { sequence: bigint; reason: string };
  proofCommitted: { sequence: bigint; transactionHash: Hex | undefined; gasUsed: bigint | undefined };
  proofRevealed: { sequence: bigint; transactionHash: Hex; gasUsed: bigint };
  /** The contract does not accept our proof, which verified here: it is not sent again. */
  proofRefused: { sequence: bigint; reason: string };
  /** The round passed without a verified proof; ours will be committed again. */
  roundMissed: { sequence: bigint };
  /** A reorganisation took our commitment or our proof out of the chain: it is sent again while that is of use. */
  reorganised: { sequence: bigint; what: 'commitment' | 'reveal' };
  /** `mine`: with our proof */
  sequenceVerified: { sequence: bigint; operator: Hex; mine: boolean };
  /** Stake of ours was taken. */
  penalised: { sequence: bigint; round: bigint; offence: Offence; amountWei: bigint };
  /** Our share of the sequence's reward was booked. */
  rewardEarned: { sequence: bigint; amountWei: bigint };
  /** The contract paid what was booked. */
  rewardsClaimed: { amountWei: bigint; transactionHash: Hex };
}
