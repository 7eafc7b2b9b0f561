import type { Field } from '@polyproof/base';
import type { TaskKind } from '../database/schema.js';
import type { ProgramSet } from '../ports.js';

export interface ProofGeneratorOptions {
  programs: ProgramSet;
  /** hash of the rollup's configuration */
  configHash: Field;
  /** account, as a number, that final proofs are bound to; default nobody */
  prover?: Field;
  /** default 30,000 */
  leaseMs?: number;
  /** how long a prover may take for a task of a kind, however often it is heard of; default one hour each */
  timeoutMs?: Partial<Record<TaskKind, number>>;
  /** default 5 */
  maxAttempts?: number;
  /** wait before the second attempt, doubling with each further one; default 1,000 */
  retryDelayMs?: number;
  /** how often leases are checked, and longest time between looks for a task; default 1,000 */
  checkMs?: number;
  /** how long a prover gets no task after it sent a bad proof, doubling with each one; default 60,000 */
  suspensionMs?: number;
  /** so many bad proofs, and a prover gets no task until the operator lets it out; default 3 */
  mostFaults?: number;
  /** provers that may work at one task at once, where one is late or others have nothing to do; default 2 */
  mostCopies?: number;
  /** how long a prover is remembered that sends nothing; default 120,000 */
  forgetMs?: number;
}

/** Options with their defaults. */
export type Settings = Required<Omit<ProofGeneratorOptions, 'timeoutMs'>> & {
  timeoutMs: Record<TaskKind, number>;
};

const HOUR_MS = 3_600_000;

export function withDefaults(options: ProofGeneratorOptions): Settings {
  return {
    prover: 0n,
    leaseMs: 30_000,
    maxAttempts: 5,
    retryDelayMs: 1_000,
    checkMs: 1_000,
    suspensionMs: 60_000,
    mostFaults: 3,
    forgetMs: 120_000,
    mostCopies: 2,
    ...options,
    timeoutMs: {
      batch: HOUR_MS,
      aggregation: HOUR_MS,
      final: HOUR_MS,
      signatures: HOUR_MS,
      signatureAggregation: HOUR_MS,
      ...options.timeoutMs,
    },
  };
}
