import { PolyproofError } from '@polyproof/base';
import {
  type Account,
  type BlockLimits,
  decodeTransaction,
  encodeBase58,
  exceedsLimits,
  priority,
  type RuntimeTransaction,
  type SignatureVerifier,
  type Transaction,
} from '@polyproof/svm';
import {
  AlreadyProcessedError,
  BlockhashNotFoundError,
  EngineCrashingError,
  SignatureChecksFullError,
  SignatureFailureError,
  TransactionRefusedError,
} from '../errors.js';
import type { Dropped, DropReason } from '../events.js';
import { checkFeePayer } from './check-fee-payer.js';
import { DroppedReasons } from './dropped-reasons.js';
import type { AdmissionBank, CostModel } from './ports.js';
import { TransactionPool, type TransactionPoolOptions } from './transaction-pool.js';
import { isUsableNonce } from './usable-nonce.js';

export interface MempoolOptions extends TransactionPoolOptions {
  /** Most transactions whose signatures are being checked at a time. Default 8,192. */
  maxSignatureChecks?: number;
  /** Of so many dropped transactions the reason is remembered. Default 20,000. */
  rememberedDrops?: number;
  /** What asks for more than this alone is refused. Default: the limits of the cost model. */
  blockLimits?: BlockLimits;
}

export interface MempoolModules {
  bank: AdmissionBank;
  signatures: Pick<SignatureVerifier, 'verify'>;
  /** default: the cost model of the runtime */
  costs?: CostModel;
  /** told of every transaction that was admitted and will be in no block */
  onDropped?: (transaction: Transaction, dropped: Dropped) => void;
}

/** Transactions whose signatures are being checked, were found right, and were found wrong. */
export interface SignatureChecks {
  underWay: number;
  passed: number;
  failed: number;
}

/** The door of the rollup: what is admitted here can be executed, proved and paid for, as far as is known now. */
export class Mempool {
  /** The admitted transactions, for the block producer. */
  readonly pool: TransactionPool;
  readonly #maxSignatureChecks: number;
  readonly #blockLimits: BlockLimits | undefined;
  readonly #bank: AdmissionBank;
  readonly #signatures: Pick<SignatureVerifier, 'verify'>;
  readonly #costs: CostModel;
  readonly #onDropped: NonNullable<MempoolModules['onDropped']>;
  readonly #dropped: DroppedReasons;
  readonly #checks: SignatureChecks = { underWay: 0, passed: 0, failed: 0 };

  constructor(options: MempoolOptions, modules: MempoolModules) {
    this.#maxSignatureChecks = options.maxSignatureChecks ?? 8_192;
    this.#blockLimits = options.blockLimits;
    this.#bank = modules.bank;
    this.#signatures = modules.signatures;
    this.#costs = modules.costs ?? { priority, exceedsLimits };
    this.#onDropped = modules.onDropped ?? (() => undefined);
    this.#dropped = new DroppedReasons({ capacity: options.rememberedDrops ?? 20_000 });
    this.pool = new TransactionPool(options);
  }

  get signatureChecks(): SignatureChecks {
    return { ...this.#checks };
  }

  get isFull(): boolean {
    return this.pool.isFull || this.#checks.underWay >= this.#maxSignatureChecks;
  }

  /** Why a transaction that was admitted is in no block; undefined where it is not known to be dropped. */
  droppedReason(signature: Uint8Array): Dropped | undefined {
    return this.#dropped.get(signature);
  }

  /**
   * Admits a wire transaction; one that is here already is acknowledged again.
   * @returns its first signature, 64 bytes
   * @throws {TransactionDecodeError} {@link NotProvableError} or an {@link AdmissionError} saying why not
   */
  async add(bytes: Uint8Array): Promise<Uint8Array> {
    const transaction = decodeTransaction(bytes);
    const signature = transaction.signatures[0]!;
    if (this.pool.has(signature)) return signature;
    if (this.#checks.underWay >= this.#maxSignatureChecks)
      throw new SignatureChecksFullError(this.#maxSignatureChecks);
    const resolved = this.#resolve(transaction);
    // What the circuits prove has no priority fees: first come, first served.
    const rank = this.#bank.execution === 'zk' ? 0 : Number(this.#costs.priority(resolved));
    const payer = this.#checkState(resolved);
    this.pool.checkRoom(resolved, rank);

    const { slot } = this.#bank;
    await this.#checkSignatures(transaction); // last: it is the expensive check
    // Others were served during the check: the same transaction may have been admitted or even executed.
    if (this.pool.has(signature)) return signature;
    if (this.#bank.slot === slot) this.#checkPayer(payer, resolved);
    else this.#checkState(resolved);
    const evicted = this.pool.add(resolved, rank);
    this.#dropped.delete(signature);
    for (const one of evicted) this.#drop(one, { reason: 'Evicted' });
    return signature;
  }

  /** Gives up transactions that were taken for a block, with the reason. */
  drop(transactions: readonly RuntimeTransaction[], reason: DropReason): void {
    this.pool.settle(transactions);
    for (const transaction of transactions) this.#drop(transaction, { reason });
  }

  /** Gives up transactions that the runtime rejected: they changed nothing and are in no block. */
  reject(rejected: readonly { transaction: RuntimeTransaction; error: unknown }[]): void {
    this.pool.settle(rejected.map(({ transaction }) => transaction));
    for (const { transaction, error } of rejected) this.#drop(transaction, { reason: 'Rejected', error });
  }

  /** Gives up what waits with a blockhash that is too old by now. */
  dropExpired(): void {
    const expired = this.pool.dropExpired((hash) => this.#bank.isBlockhashRecent(hash));
    for (const transaction of expired) this.#drop(transaction, { reason: 'BlockhashExpired' });
  }

  #drop({ transaction }: RuntimeTransaction, dropped: Dropped): void {
    this.#dropped.set(transaction.signatures[0]!, dropped);
    this.#onDropped(transaction, dropped);
  }

  #resolve(transaction: Transaction): RuntimeTransaction {
    let resolved: RuntimeTransaction;
    try {
      resolved = this.#bank.resolve(transaction);
    } catch (error) {
      if (!(error instanceof PolyproofError) || !('transactionError' in error)) throw error;
      throw new TransactionRefusedError(error.transactionError, error.message, { cause: error });
    }
    const exceeded = this.#costs.exceedsLimits(resolved, this.#blockLimits);
    if (exceeded !== undefined)
      throw new TransactionRefusedError(
        exceeded,
        `no block can include the transaction (${exceeded}): set a lower compute unit limit.`,
      );
    return resolved;
  }

  /** @returns the fee payer's account */
  #checkState(resolved: RuntimeTransaction): Account | undefined {
    const { transaction, nonceAccount } = resolved;
    if (this.#bank.hasProcessed(transaction))
      throw new AlreadyProcessedError(encodeBase58(transaction.signatures[0]!));
    if (this.#bank.isPoisonous(transaction))
      throw new EngineCrashingError(encodeBase58(transaction.signatures[0]!));
    const { recentBlockhash, accountKeys } = transaction.message;
    const isCurrent =
      nonceAccount === undefined
        ? this.#bank.isBlockhashRecent(recentBlockhash)
        : isUsableNonce(this.#bank.getAccount(accountKeys[nonceAccount]!), resolved);
    if (!isCurrent) throw new BlockhashNotFoundError(encodeBase58(recentBlockhash));
    const payer = this.#bank.getAccount(accountKeys[0]!);
    this.#checkPayer(payer, resolved);
    return payer;
  }

  #checkPayer(payer: Account | undefined, resolved: RuntimeTransaction): void {
    const [address] = resolved.accountKeys;
    checkFeePayer(payer, resolved, this.pool.feesOf(address!));
  }

  async #checkSignatures(transaction: Transaction): Promise<void> {
    const checks = this.#checks;
    checks.underWay++;
    let isRight: boolean;
    try {
      isRight = await this.#signatures.verify(transaction);
    } finally {
      checks.underWay--;
    }
    if (isRight) checks.passed++;
    else {
      checks.failed++;
      const { accountKeys, header } = transaction.message;
      throw new SignatureFailureError(
        ...accountKeys.slice(0, header.numRequiredSignatures).map(encodeBase58),
      );
    }
  }
}
