import { asc, eq, sql } from 'drizzle-orm';
import type { Database } from './database/database.js';
import {
  proofs,
  type SequenceStatus,
  type SubmissionState,
  sequences,
  submissions,
  tasks,
  transactions,
} from './database/schema.js';
import { provingCostWei } from './proof-sender/margin.js';

/** What a sequence cost an operator, and what it earned. */
export interface OperatorSequence {
  sequence: bigint;
  status: SequenceStatus;
  /** `null`: there is no final proof of ours */
  submission: SubmissionState | null;
  /** of all transactions for it, failed ones too */
  gasUsed: bigint;
  feeWei: bigint;
  /** of all its proofs, witnesses included */
  provingSeconds: number;
  provingWei: bigint;
  /** `null`: not booked yet, or none */
  rewardWei: bigint | null;
  /** reward less fees and proving */
  marginWei: bigint;
}

export interface OperatorReport {
  /** lowest first */
  sequences: OperatorSequence[];
  /** transactions for no sequence in particular, as claims of rewards */
  other: { gasUsed: bigint; feeWei: bigint };
  totals: Pick<OperatorSequence, 'gasUsed' | 'feeWei' | 'provingSeconds' | 'provingWei' | 'marginWei'> & {
    rewardWei: bigint;
  };
}

/** @param options.provingSecondWei - wei that a second of proving costs; default 0 */
export async function operatorReport(
  database: Database,
  options: { provingSecondWei?: bigint } = {},
): Promise<OperatorReport> {
  const { connection } = database;
  const [rows, spent, proved] = await Promise.all([
    connection
      .select({
        sequence: sequences.number,
        status: sequences.status,
        submission: submissions.state,
        rewardWei: submissions.rewardWei,
      })
      .from(sequences)
      .leftJoin(submissions, eq(submissions.sequence, sequences.number))
      .orderBy(asc(sequences.number)),
    connection
      .select({
        sequence: transactions.sequence,
        gasUsed: sql<string>`coalesce(sum(${transactions.gasUsed}), 0)`,
        feeWei: sql<string>`coalesce(sum(${transactions.feeWei}), 0)`,
      })
      .from(transactions)
      .groupBy(transactions.sequence),
    connection
      .select({
        sequence: tasks.sequence,
        seconds: sql<number>`sum(${proofs.witnessSeconds} + ${proofs.proveSeconds})`,
      })
      .from(proofs)
      .innerJoin(tasks, eq(tasks.id, proofs.task))
      .groupBy(tasks.sequence),
  ]);
  const spentFor = (sequence: bigint | null) => {
    const found = spent.find((one) => one.sequence === sequence);
    return { gasUsed: BigInt(found?.gasUsed ?? 0), feeWei: BigInt(found?.feeWei ?? 0) };
  };
  const report = rows.map((row): OperatorSequence => {
    const costs = spentFor(row.sequence);
    const provingSeconds = Number(proved.find(({ sequence }) => sequence === row.sequence)?.seconds ?? 0);
    const provingWei = provingCostWei(options, provingSeconds);
    const marginWei = (row.rewardWei ?? 0n) - costs.feeWei - provingWei;
    return { ...row, ...costs, provingSeconds, provingWei, marginWei };
  });
  const other = spentFor(null);
  const sum = (of: (one: OperatorSequence) => bigint) => report.reduce((total, one) => total + of(one), 0n);
  return {
    sequences: report,
    other,
    totals: {
      gasUsed: sum(({ gasUsed }) => gasUsed) + other.gasUsed,
      feeWei: sum(({ feeWei }) => feeWei) + other.feeWei,
      provingSeconds: report.reduce((total, { provingSeconds }) => total + provingSeconds, 0),
      provingWei: sum(({ provingWei }) => provingWei),
      rewardWei: sum(({ rewardWei }) => rewardWei ?? 0n),
      marginWei: sum(({ marginWei }) => marginWei) - other.feeWei,
    },
  };
}
