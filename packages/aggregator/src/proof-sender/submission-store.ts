import type { Hex } from '@polyproof/base';
import { type ProgramName, type Proof, proverFromPublicInputs } from '@polyproof/proofs';
import { and, asc, eq, gte, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { Connection, Database } from '../database/database.js';
import { proofs, type SubmissionState, sequences, submissions, tasks } from '../database/schema.js';

export type SubmissionRow = typeof submissions.$inferSelect;
type Patch = Partial<Omit<SubmissionRow, 'sequence' | 'operator' | 'updatedAt'>>;

const OPEN_STATES: SubmissionState[] = ['none', 'committing', 'committed', 'revealing'];

/** Whether nothing is left to do: verified, lost or refused. */
export function isSealed(state: SubmissionState): boolean {
  return !OPEN_STATES.includes(state);
}

/** What one operator has done, and has to do, to bring its proofs to the base chain. */
export class SubmissionStore {
  readonly #operator: Hex;
  readonly #database: Database;
  readonly #now: () => number;

  constructor(options: { operator: Hex }, modules: { database: Database; now: () => number }) {
    this.#operator = options.operator;
    this.#database = modules.database;
    this.#now = modules.now;
  }

  /** Belongs into the transaction that stores the final proof. */
  async create(tx: Connection, sequence: bigint, proofHash: Hex): Promise<void> {
    const updatedAt = new Date(this.#now());
    await tx
      .insert(submissions)
      .values({ sequence, operator: this.#operator, state: 'none', proofHash, updatedAt })
      .onConflictDoNothing();
  }

  async get(sequence: bigint): Promise<SubmissionRow | undefined> {
    const [row] = await this.#database.connection.select().from(submissions).where(this.#is(sequence));
    return row;
  }

  /** Lowest sequence first. */
  async inState(...states: SubmissionState[]): Promise<SubmissionRow[]> {
    return this.#database.connection
      .select()
      .from(submissions)
      .where(and(eq(submissions.operator, this.#operator), inArray(submissions.state, states)))
      .orderBy(asc(submissions.sequence));
  }

  /** Sequences whose final proof waits to be committed, or to be given up. */
  async unsent(): Promise<bigint[]> {
    const rows = await this.#database.connection
      .select({ sequence: submissions.sequence })
      .from(submissions)
      .innerJoin(sequences, eq(sequences.number, submissions.sequence))
      .where(
        and(
          eq(submissions.operator, this.#operator),
          eq(submissions.state, 'none'),
          inArray(sequences.status, ['proved', 'verified']),
        ),
      )
      .orderBy(asc(submissions.sequence));
    return rows.map(({ sequence }) => sequence);
  }

  /**
   * Changes a submission, unless its fate is sealed (verified, lost or refused).
   * @returns whether it was changed
   */
  async update(sequence: bigint, patch: Patch, connection?: Connection): Promise<boolean> {
    const rows = await (connection ?? this.#database.connection)
      .update(submissions)
      .set({ ...patch, updatedAt: new Date(this.#now()) })
      .where(and(this.#is(sequence), inArray(submissions.state, OPEN_STATES)))
      .returning({ sequence: submissions.sequence });
    return rows.length > 0;
  }

  /** Proofs of ours that were verified, and whose share of the reward is not known. */
  unpaid(): Promise<SubmissionRow[]> {
    return this.#verified(isNull(submissions.rewardWei));
  }

  /** Proofs of ours that were verified in this block or a later one. */
  verifiedSince(block: bigint): Promise<SubmissionRow[]> {
    return this.#verified(gte(submissions.revealBlock, block));
  }

  /** A reorganisation took back what had made the proof count: it is as it was before. */
  async reopen(
    sequence: bigint,
    patch: { state: 'none' | 'committed'; round: bigint | null },
  ): Promise<void> {
    const reveal = { revealTx: null, revealGas: null, revealBlock: null, rewardWei: null };
    await this.#database.connection
      .update(submissions)
      .set({ ...reveal, ...patch, updatedAt: new Date(this.#now()) })
      .where(this.#is(sequence));
  }

  /** What the proofs of a sequence took, witnesses included. */
  async provingSeconds(sequence: bigint): Promise<number> {
    const [row] = await this.#database.connection
      .select({ seconds: sql<number>`coalesce(sum(${proofs.witnessSeconds} + ${proofs.proveSeconds}), 0)` })
      .from(proofs)
      .innerJoin(tasks, eq(tasks.id, proofs.task))
      .where(eq(tasks.sequence, sequence));
    return Number(row?.seconds ?? 0);
  }

  /** Records that our proof was verified, whatever was known before: the chain is right. */
  async setVerified(sequence: bigint, patch: Patch, connection?: Connection): Promise<void> {
    await (connection ?? this.#database.connection)
      .update(submissions)
      .set({ ...patch, state: 'verified', error: null, updatedAt: new Date(this.#now()) })
      .where(this.#is(sequence));
  }

  /** Adds the transaction of a commitment whose answer was lost. */
  async fillCommitment(
    tx: Connection,
    sequence: bigint,
    commitment: { round: bigint; proofHash: Hex },
    transaction: { commitTx: Hex; commitBlock: bigint },
  ): Promise<void> {
    await tx
      .update(submissions)
      .set(transaction)
      .where(
        and(
          this.#is(sequence),
          eq(submissions.round, commitment.round),
          eq(submissions.proofHash, commitment.proofHash),
          isNull(submissions.commitTx),
        ),
      );
  }

  /** The stored final proof of a sequence. */
  async finalProof(sequence: bigint): Promise<Proof | undefined> {
    const [row] = await this.#database.connection
      .select({ program: tasks.program, proof: proofs.bytes, publicInputs: proofs.publicInputs })
      .from(proofs)
      .innerJoin(tasks, eq(tasks.id, proofs.task))
      .where(and(eq(tasks.sequence, sequence), eq(tasks.kind, 'final')));
    return row && { ...row, program: row.program as ProgramName };
  }

  /** Whether the final proof is bound to its prover, so that it is shown in one step. */
  async isBound(sequence: bigint): Promise<boolean> {
    const proof = await this.finalProof(sequence);
    return proof !== undefined && proverFromPublicInputs(proof.publicInputs) !== 0n;
  }

  async #verified(which: SQL): Promise<SubmissionRow[]> {
    return this.#database.connection
      .select()
      .from(submissions)
      .where(and(eq(submissions.operator, this.#operator), eq(submissions.state, 'verified'), which))
      .orderBy(asc(submissions.sequence));
  }

  #is(sequence: bigint) {
    return and(eq(submissions.sequence, sequence), eq(submissions.operator, this.#operator));
  }
}
