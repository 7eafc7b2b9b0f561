import type { Hex } from '@polyproof/base';
import type { ProgramName } from '@polyproof/proofs';
import { asc, count, eq, inArray, ne } from 'drizzle-orm';
import type { Connection, Database } from './database/database.js';
import {
  proofs,
  type SequenceStatus,
  type SubmissionState,
  sequences,
  submissions,
  type TaskKind,
  type TaskStatus,
  tasks,
  transactions,
} from './database/schema.js';
import { taskLabel } from './proof-generator/plan-tasks.js';

export interface ProofReport {
  kind: TaskKind;
  /** for people: "sequence 2, batch 3" */
  label: string;
  program: ProgramName;
  gates: number;
  witnessSeconds: number;
  proveSeconds: number;
  peakMemoryBytes: bigint;
  /** name of the prover that made it */
  prover: string;
}

/** All that is known of one sequence. `null`: not yet, or not by us. */
export interface SequenceReport {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  /** number of batches */
  batches: number;
  status: SequenceStatus;
  /** why it failed */
  error: string | null;
  /** in the order of the tree, batches first */
  proofs: ProofReport[];
  submission: SubmissionState | null;
  commitTx: Hex | null;
  commitGas: bigint | null;
  commitBlock: bigint | null;
  revealTx: Hex | null;
  revealGas: bigint | null;
  revealBlock: bigint | null;
  rewardWei: bigint | null;
  verifiedBy: Hex | null;
  seenAt: Date;
  provedAt: Date | null;
  verifiedAt: Date | null;
}

/** A sequence on its way. */
export interface OpenSequence {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  status: SequenceStatus;
  error: string | null;
  submission: SubmissionState | null;
  /** why the last step towards the chain failed */
  submissionError: string | null;
  tasks: Partial<Record<TaskStatus, number>>;
}

export async function sequenceReport(
  database: Database,
  sequence: bigint,
): Promise<SequenceReport | undefined> {
  const { connection } = database;
  const [row] = await connection
    .select()
    .from(sequences)
    .leftJoin(submissions, eq(submissions.sequence, sequences.number))
    .where(eq(sequences.number, sequence));
  if (row === undefined) return undefined;
  const made = await connection
    .select()
    .from(proofs)
    .innerJoin(tasks, eq(tasks.id, proofs.task))
    .where(eq(tasks.sequence, sequence))
    .orderBy(asc(tasks.level), asc(tasks.position));
  const { sequences: s, submissions: sent } = row;
  const gas = await gasUsed(connection, [sent?.commitTx ?? null, sent?.revealTx ?? null]);
  return {
    sequence,
    firstBatch: s.firstBatch,
    lastBatch: s.lastBatch,
    batches: Number(s.lastBatch - s.firstBatch) + 1,
    status: s.status,
    error: s.error,
    proofs: made.map(({ proofs: proof, tasks: task }) => ({
      kind: task.kind,
      label: taskLabel(task),
      program: task.program as ProgramName,
      gates: proof.gates,
      witnessSeconds: proof.witnessSeconds,
      proveSeconds: proof.proveSeconds,
      peakMemoryBytes: proof.peakMemoryBytes,
      prover: proof.prover,
    })),
    submission: sent?.state ?? null,
    commitTx: sent?.commitTx ?? null,
    commitGas: sent?.commitGas ?? gas.get(sent?.commitTx ?? null) ?? null,
    commitBlock: sent?.commitBlock ?? null,
    revealTx: sent?.revealTx ?? null,
    revealGas: sent?.revealGas ?? gas.get(sent?.revealTx ?? null) ?? null,
    revealBlock: sent?.revealBlock ?? null,
    rewardWei: sent?.rewardWei ?? null,
    verifiedBy: s.verifiedBy,
    seenAt: s.createdAt,
    provedAt: s.provedAt,
    verifiedAt: s.verifiedAt,
  };
}

/** From the journal of transactions: the answer to one may be lost, and then it is known by its event alone. */
async function gasUsed(
  connection: Connection,
  hashes: readonly (Hex | null)[],
): Promise<Map<Hex | null, bigint | null>> {
  const known = hashes.filter((hash) => hash !== null);
  const rows = await connection
    .select({ hash: transactions.hash, gasUsed: transactions.gasUsed })
    .from(transactions)
    .where(inArray(transactions.hash, known));
  return new Map(rows.map((row) => [row.hash, row.gasUsed]));
}

/** Every sequence that is not verified, lowest first. */
export async function openSequences(database: Database): Promise<OpenSequence[]> {
  const { connection } = database;
  const rows = await connection
    .select()
    .from(sequences)
    .leftJoin(submissions, eq(submissions.sequence, sequences.number))
    .where(ne(sequences.status, 'verified'))
    .orderBy(asc(sequences.number));
  const counts = await connection
    .select({ sequence: tasks.sequence, status: tasks.status, tasks: count() })
    .from(tasks)
    .innerJoin(sequences, eq(sequences.number, tasks.sequence))
    .where(ne(sequences.status, 'verified'))
    .groupBy(tasks.sequence, tasks.status);
  return rows.map(({ sequences: s, submissions: sent }) => ({
    sequence: s.number,
    firstBatch: s.firstBatch,
    lastBatch: s.lastBatch,
    status: s.status,
    error: s.error,
    submission: sent?.state ?? null,
    submissionError: sent?.error ?? null,
    tasks: Object.fromEntries(
      counts.filter(({ sequence }) => sequence === s.number).map((c) => [c.status, c.tasks]),
    ),
  }));
}
