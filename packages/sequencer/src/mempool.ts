import { checkProvable, decodeTransaction, encodeBase58, type Transaction } from '@polyproof/svm';
import {
  AccountNotFoundError,
  AlreadyProcessedError,
  BlockhashNotFoundError,
  InsufficientFundsForFeeError,
  MempoolFullError,
  SignatureFailureError,
} from './errors.js';
import type { BankPort } from './ports.js';
import { TransactionQueue } from './transaction-queue.js';
import { findBadSignature } from './verify-signatures.js';

export interface MempoolOptions {
  /** Most transactions that wait or are being executed. Default 10,000. */
  capacity?: number;
  lamportsPerSignature: bigint;
}

/** The door of the rollup: what is admitted here can be executed, proved and paid for, as far as is known now. */
export class Mempool {
  /** The admitted transactions, for the block producer. */
  readonly queue: TransactionQueue;
  readonly #capacity: number;
  readonly #lamportsPerSignature: bigint;
  readonly #bank: BankPort;

  constructor(options: MempoolOptions, modules: { bank: BankPort }) {
    this.#capacity = options.capacity ?? 10_000;
    this.#lamportsPerSignature = options.lamportsPerSignature;
    this.#bank = modules.bank;
    this.queue = new TransactionQueue({ capacity: this.#capacity });
  }

  /**
   * Admits a wire transaction; one that already waits is acknowledged again.
   * @returns its first signature, 64 bytes
   * @throws {TransactionDecodeError} {@link NotProvableError} or an {@link AdmissionError} saying why not
   */
  async add(bytes: Uint8Array): Promise<Uint8Array> {
    const transaction = decodeTransaction(bytes);
    const signature = transaction.signatures[0]!;
    if (this.queue.has(transaction)) return signature;
    checkProvable(transaction.message);
    this.#checkState(transaction, signature);

    const badSigner = await findBadSignature(transaction); // last: it is the expensive check
    if (badSigner !== undefined) throw new SignatureFailureError(encodeBase58(badSigner));
    // Others were served during the check: the same transaction may have been admitted or even executed.
    if (this.queue.has(transaction)) return signature;
    this.#checkState(transaction, signature);
    this.queue.push(transaction);
    return signature;
  }

  #checkState({ message, signatures }: Transaction, signature: Uint8Array): void {
    if (this.queue.isFull) throw new MempoolFullError(this.#capacity);
    if (!this.#bank.isBlockhashRecent(message.recentBlockhash))
      throw new BlockhashNotFoundError(encodeBase58(message.recentBlockhash));
    const status = this.#bank.getTransactionStatus(signature)?.status;
    // A rejected transaction changed nothing: it may be sent again, say, once its fee payer has funds.
    if (status !== undefined && status !== 'rejected')
      throw new AlreadyProcessedError(encodeBase58(signature));

    const feePayer = message.accountKeys[0]!;
    const balanceLamports = this.#bank.getAccount(feePayer)?.lamports ?? 0n;
    const feeLamports = BigInt(signatures.length) * this.#lamportsPerSignature;
    if (balanceLamports === 0n) throw new AccountNotFoundError(encodeBase58(feePayer));
    if (balanceLamports < feeLamports)
      throw new InsufficientFundsForFeeError(encodeBase58(feePayer), balanceLamports, feeLamports);
  }
}
