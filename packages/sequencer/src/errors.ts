import { PolyproofError } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';

export type AdmissionCode =
  | 'BLOCKHASH_NOT_FOUND'
  | 'ALREADY_PROCESSED'
  | 'SIGNATURE_FAILURE'
  | 'ACCOUNT_NOT_FOUND'
  | 'INSUFFICIENT_FUNDS_FOR_FEE'
  | 'TRANSACTION_REFUSED'
  | 'ENGINE_CRASHING'
  | 'NONCE_IN_USE'
  | 'MEMPOOL_FULL';

/**
 * Why a transaction was not admitted. A transaction that does not decode or that cannot be proved is refused
 * with the errors of the svm package (TransactionDecodeError, NotProvableError) instead.
 */
export abstract class AdmissionError<
  Code extends AdmissionCode = AdmissionCode,
> extends PolyproofError<Code> {
  /** The reason as Solana's JSON-RPC shows it (its TransactionError); `undefined` where Solana has none. */
  abstract readonly transactionError: unknown;
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
  /** @param signers - whose signatures were checked; one of them is wrong */
  constructor(...signers: string[]) {
    const which =
      signers.length === 1
        ? `the signature of ${signers[0]}`
        : `one of the signatures of ${signers.join(', ')}`;
    super('SIGNATURE_FAILURE', `Transaction signature verification failure: ${which} is wrong.`, { signers });
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
  /** @param waitingFeesLamports - fees of the payer's transactions that wait in the mempool */
  constructor(feePayer: string, balanceLamports: bigint, feeLamports: bigint, waitingFeesLamports = 0n) {
    const waiting =
      waitingFeesLamports === 0n ? '' : `, and ${waitingFeesLamports} for its transactions that wait already`;
    super(
      'INSUFFICIENT_FUNDS_FOR_FEE',
      `Insufficient funds for fee: ${feePayer} has ${balanceLamports} lamports, the fee is ${feeLamports}${waiting}.`,
      { feePayer, balanceLamports, feeLamports, waitingFeesLamports },
    );
  }
}

/** The runtime would not include the transaction in any block; `transactionError` says why. */
export class TransactionRefusedError extends AdmissionError<'TRANSACTION_REFUSED'> {
  readonly transactionError: unknown;
  constructor(transactionError: unknown, message: string, options?: ErrorOptions) {
    super('TRANSACTION_REFUSED', message, { transactionError }, options);
    this.transactionError = transactionError;
  }
}

/** The transaction ended the execution engine before, whenever it was tried. */
export class EngineCrashingError extends AdmissionError<'ENGINE_CRASHING'> {
  /** Solana has no name for it; the bank gives this one too. */
  readonly transactionError = 'CommitCancelled';
  constructor(signature: string) {
    super(
      'ENGINE_CRASHING',
      `The transaction ${signature} ended the execution engine each time that it was tried: it is not tried again.`,
      { signature },
    );
  }
}

/** Back-pressure: there is no room now. Sending again later may succeed. */
export class MempoolFullError extends AdmissionError<'MEMPOOL_FULL'> {
  readonly transactionError = undefined;
  constructor(capacity: number) {
    super(
      'MEMPOOL_FULL',
      `The mempool is full (${capacity} transactions): send again in a few seconds, or with a higher priority fee.`,
      { capacity },
    );
  }
}

/** The fee payer has its share of the mempool. */
export class FeePayerLimitError extends AdmissionError<'MEMPOOL_FULL'> {
  readonly transactionError = undefined;
  constructor(feePayer: Uint8Array, limit: number) {
    const payer = encodeBase58(feePayer);
    super(
      'MEMPOOL_FULL',
      `The fee payer ${payer} has ${limit} transactions in the mempool, the most for one: send again in a few seconds.`,
      { feePayer: payer, limit },
    );
  }
}

/** Another transaction waits that uses the same nonce: only one of them could succeed. */
export class NonceInUseError extends AdmissionError<'NONCE_IN_USE'> {
  /** What it would be told once the other one is in a block. */
  readonly transactionError = 'BlockhashNotFound';
  constructor(nonceAccount: Uint8Array) {
    const account = encodeBase58(nonceAccount);
    super(
      'NONCE_IN_USE',
      `A transaction with the nonce of ${account} waits already: only one with a higher priority fee takes its place.`,
      { nonceAccount: account },
    );
  }
}

/** More signatures wait for their check than this node takes on. */
export class SignatureChecksFullError extends AdmissionError<'MEMPOOL_FULL'> {
  readonly transactionError = undefined;
  constructor(limit: number) {
    super(
      'MEMPOOL_FULL',
      `The mempool is full: the signatures of ${limit} transactions are being checked. Send again in a few seconds.`,
      { limit },
    );
  }
}

/** The rollup's own data and the base chain do not belong together. */
export class SequenceSubmitterError extends PolyproofError<'CHAIN_AHEAD' | 'CHAIN_DIVERGED'> {}
