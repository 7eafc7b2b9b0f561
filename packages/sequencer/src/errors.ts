import { PolyproofError } from '@polyproof/base';

export type AdmissionCode =
  | 'BLOCKHASH_NOT_FOUND'
  | 'ALREADY_PROCESSED'
  | 'SIGNATURE_FAILURE'
  | 'ACCOUNT_NOT_FOUND'
  | 'INSUFFICIENT_FUNDS_FOR_FEE'
  | 'MEMPOOL_FULL';

/**
 * Why a transaction was not admitted. A transaction that does not decode or that cannot be proved is refused
 * with the errors of the svm package (TransactionDecodeError, NotProvableError) instead.
 */
export abstract class AdmissionError<
  Code extends AdmissionCode = AdmissionCode,
> extends PolyproofError<Code> {
  /** Solana's name for the reason (its JSON TransactionError); `undefined` where Solana has none. */
  abstract readonly transactionError: string | undefined;
}

export class BlockhashNotFoundError extends AdmissionError<'BLOCKHASH_NOT_FOUND'> {
  readonly transactionError = 'BlockhashNotFound';
  constructor(blockhash: string) {
    super(
      'BLOCKHASH_NOT_FOUND',
      `Blockhash not found: ${blockhash} is not among the last 150 blocks. Take the latest blockhash and sign again.`,
      { blockhash },
    );
  }
}

export class AlreadyProcessedError extends AdmissionError<'ALREADY_PROCESSED'> {
  readonly transactionError = 'AlreadyProcessed';
  constructor(signature: string) {
    super('ALREADY_PROCESSED', `This transaction has already been processed: ${signature}.`, { signature });
  }
}

export class SignatureFailureError extends AdmissionError<'SIGNATURE_FAILURE'> {
  readonly transactionError = 'SignatureFailure';
  constructor(signer: string) {
    super(
      'SIGNATURE_FAILURE',
      `Transaction signature verification failure: the signature of ${signer} is wrong.`,
      {
        signer,
      },
    );
  }
}

export class AccountNotFoundError extends AdmissionError<'ACCOUNT_NOT_FOUND'> {
  readonly transactionError = 'AccountNotFound';
  constructor(feePayer: string) {
    super(
      'ACCOUNT_NOT_FOUND',
      `Attempt to debit an account but found no record of a prior credit: the fee payer ${feePayer} has no lamports.`,
      { feePayer },
    );
  }
}

export class InsufficientFundsForFeeError extends AdmissionError<'INSUFFICIENT_FUNDS_FOR_FEE'> {
  readonly transactionError = 'InsufficientFundsForFee';
  constructor(feePayer: string, balanceLamports: bigint, feeLamports: bigint) {
    super(
      'INSUFFICIENT_FUNDS_FOR_FEE',
      `Insufficient funds for fee: ${feePayer} has ${balanceLamports} lamports, the fee is ${feeLamports}.`,
      { feePayer, balanceLamports, feeLamports },
    );
  }
}

export class MempoolFullError extends AdmissionError<'MEMPOOL_FULL'> {
  readonly transactionError = undefined;
  constructor(capacity: number) {
    super('MEMPOOL_FULL', `The mempool is full (${capacity} transactions): send again in a few seconds.`, {
      capacity,
    });
  }
}

/** The rollup's own data and the base chain do not belong together. */
export class SequenceSubmitterError extends PolyproofError<'CHAIN_AHEAD' | 'CHAIN_DIVERGED'> {}
