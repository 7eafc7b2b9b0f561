import type { MethodContext } from './context.js';

/**
 * How far a transaction has come: `dropped` by the sequencer after it was admitted, in a `block`, its `batch` closed, a
 * `sequence` on the base chain, `proved` (a proof is committed to), or `verified`.
 */
export type Stage = 'dropped' | 'block' | 'batch' | 'sequence' | 'proved' | 'verified';

/** The answer of polyproof_getTransactionStage; null where nothing is known of the signature. */
export async function transactionStage(
  signature: Uint8Array,
  { bank, sequencer, settlement, finality }: MethodContext,
) {
  const status = bank.getSignatureStatus(signature);
  if (status === undefined) {
    const dropped = sequencer.droppedReason?.(signature);
    return dropped === undefined
      ? null
      : { stage: 'dropped' satisfies Stage, reason: dropped.reason, err: dropped.error ?? null };
  }
  const { slot, batch } = status;
  const closed = batch <= bank.lastBatch;
  const sequence = closed ? await settlement.sequenceOfBatch(batch) : undefined;
  const transactions = sequence === undefined ? undefined : await settlement.sequenceTransactions?.(sequence);
  const verified = finality.has(batch);
  const proved = verified || (transactions?.committed.length ?? 0) > 0;
  const stage: Stage = verified
    ? 'verified'
    : proved
      ? 'proved'
      : sequence !== undefined
        ? 'sequence'
        : closed
          ? 'batch'
          : 'block';
  return {
    stage,
    slot,
    batch,
    sequence: sequence ?? null,
    proved,
    verified,
    err: status.error ?? null,
    baseChainTransactions:
      transactions === undefined
        ? null
        : {
            sequence: transactions.submitted ?? null,
            commits: transactions.committed,
            verify: transactions.verified ?? null,
          },
  };
}
