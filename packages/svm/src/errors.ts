import { PolyproofError } from '@polyproof/base';

/** Bytes that are not a transaction or message in Solana's canonical wire format. */
export class TransactionDecodeError extends PolyproofError<'TRANSACTION_DECODE'> {
  constructor(what: string, details: Record<string, unknown> = {}) {
    super('TRANSACTION_DECODE', `the bytes are not a canonical Solana transaction: ${what}.`, details);
  }
}

/** A transaction that the circuits cannot prove yet. `details`: `program` (base58, or null) and `reason`. */
export class NotProvableError extends PolyproofError<'NOT_PROVABLE'> {
  constructor(reason: string, program: string | null = null) {
    super('NOT_PROVABLE', `this rollup cannot prove the transaction: ${reason}.`, { program, reason });
  }
}

/** Bytes that are not batch data. */
export class BatchDataError extends PolyproofError<'BAD_BATCH_DATA'> {
  constructor(what: string, details: Record<string, unknown> = {}) {
    super('BAD_BATCH_DATA', `the bytes are not batch data: ${what}.`, details);
  }
}

/** A rollup configuration that contradicts the rules of the rollup. */
export class RollupConfigError extends PolyproofError<'BAD_ROLLUP_CONFIG'> {
  constructor(what: string, details: Record<string, unknown> = {}) {
    super('BAD_ROLLUP_CONFIG', `the rollup configuration is not valid: ${what}.`, details);
  }
}

/**
 * The process that executes transactions died, was killed for taking too long, or failed in a call. Its state is
 * lost: it is started again and loaded by the next {@link Executor.reset}.
 */
export class ExecutorCrashedError extends PolyproofError<'EXECUTOR_CRASHED'> {}

export class BankError extends PolyproofError<
  /** the directory holds the state of another rollup */
  | 'CONFIG_MISMATCH'
  /** a block that the machine that proves it does not follow: nothing has changed */
  | 'UNPROVABLE_BLOCK'
  /** transactions beyond what the open batch can take: ask `fits` first, close the batch */
  | 'BATCH_FULL'
  /** deposits come before everything else in a batch: close the open one */
  | 'BATCH_NOT_EMPTY'
  /** a deposit that was credited already, or that no batch could be proved with */
  | 'BAD_DEPOSIT'
  /** a state root that this bank never had, or has no more */
  | 'UNKNOWN_ROOT'
  /** a batch that this bank never had, or has no more */
  | 'UNKNOWN_BATCH'
  /** the directory holds records that this version does not read */
  | 'BAD_DATABASE'
  /** an option out of its range */
  | 'BAD_OPTIONS'
  /** a commit that the disk refused: nothing has changed */
  | 'DISK_FAILED'
  | 'CLOSED'
> {}

/** A witness that does not prove its batch. */
export class WitnessError extends PolyproofError<
  | 'BAD_WITNESS_ENCODING'
  | 'BAD_BATCH_DATA'
  | 'WRONG_DATA_HASH'
  | 'WRONG_BLOCKS'
  | 'WRONG_SIGNATURES'
  | 'WRONG_ACCOUNT'
  | 'MISSING_ACCOUNT'
  | 'MISSING_NODE'
  | 'REJECTED_TRANSACTION'
  | 'WRONG_STATE_ROOT'
> {}
