import type { RuntimeTransaction } from '@polyproof/svm';
import { FeePayerLimitError, MempoolFullError, NonceInUseError } from '../errors.js';
import { Line } from './line.js';
import { bytesKey, type PoolEntry, signatureKey } from './pool-entry.js';
import { Ranking } from './ranking.js';

export interface TransactionPoolOptions {
  /** Most transactions that wait or are being executed. Default 50,000. */
  capacity?: number;
  /** Most bytes of them: wire bytes, and 32 for each address from a lookup table. Default 32 MiB. */
  maxPoolBytes?: number;
  /** Most transactions of one fee payer. Default: a quarter of `capacity`. */
  maxPerFeePayer?: number;
}

/** Of so many transactions taken for a block, one is the oldest that waits. */
const OLDEST_EVERY = 4;
const ADDRESS_BYTES = 32;

/** What waits and is being executed for one fee payer. */
interface PayerUse {
  transactions: number;
  feeLamports: bigint;
}

/**
 * Admitted transactions until a block has them.
 *
 * Order: the highest priority first, among equals the earliest arrival; but the first and then every fourth
 * transaction of a block is the one that has waited longest. So however much others pay, with `n` older transactions
 * in the pool a transaction goes into a block after at most `n + 1` blocks that hold any, and after about
 * `4n / 4,096` where blocks are full.
 *
 * Bound: a full pool takes a transaction in only by giving up worse paying ones that wait. Of the transactions that use
 * one nonce it holds the best paying one, because at most one of them can succeed, and the others would cost nobody a fee.
 *
 * A transaction that was taken stays known until it is settled or put back, so that a copy that arrives meanwhile is
 * recognised.
 */
export class TransactionPool {
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #maxPerFeePayer: number;
  readonly #entries = new Map<string, PoolEntry>();
  readonly #payers = new Map<string, PayerUse>();
  readonly #byBlockhash = new Map<string, Set<PoolEntry>>();
  readonly #byNonce = new Map<string, PoolEntry>();
  readonly #ranking = new Ranking({ bit: 1 });
  readonly #line = new Line({ bit: 2 });
  #arrivals = 0;
  #waiting = 0;
  #bytes = 0;

  constructor(options: TransactionPoolOptions = {}) {
    this.#capacity = options.capacity ?? 50_000;
    this.#maxBytes = options.maxPoolBytes ?? 32 * 1024 * 1024;
    this.#maxPerFeePayer = options.maxPerFeePayer ?? Math.max(1, Math.floor(this.#capacity / 4));
  }

  /** How many transactions wait. */
  get size(): number {
    return this.#waiting;
  }

  /** Bytes of all that wait or are being executed. */
  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#capacity || this.#bytes >= this.#maxBytes;
  }

  has(signature: Uint8Array): boolean {
    return this.#entries.has(bytesKey(signature));
  }

  /** Fees of everything that waits or is being executed for a fee payer. */
  feesOf(payer: Uint8Array): bigint {
    return this.#payers.get(bytesKey(payer))?.feeLamports ?? 0n;
  }

  /**
   * Whether {@link add} might take the transaction now.
   * @throws {MempoolFullError} {@link FeePayerLimitError} {@link NonceInUseError}
   */
  checkRoom(transaction: RuntimeTransaction, priority: number): void {
    const rival = this.#rivalOf(transaction, priority);
    this.#checkPayer(transaction, rival);
    // Whether one victim is enough, `add` finds out.
    if (rival === undefined && this.#lacksRoom(bytesOf(transaction), 0, 0) && !this.#hasWorseThan(priority))
      throw new MempoolFullError(this.#capacity);
  }

  /**
   * Takes a transaction in that the pool does not have.
   * @returns worse paying ones that made room, the worst first: they are no longer in the pool
   * @throws {MempoolFullError} {@link FeePayerLimitError} {@link NonceInUseError} when it cannot; nothing has changed then
   */
  add(transaction: RuntimeTransaction, priority: number): RuntimeTransaction[] {
    const rival = this.#rivalOf(transaction, priority);
    this.#checkPayer(transaction, rival);
    const bytes = bytesOf(transaction);
    const evicted = this.#makeRoom(bytes, priority, rival);
    const entry = newEntry(transaction, { priority, bytes, arrival: this.#arrivals++ });
    this.#entries.set(entry.key, entry);
    this.#bytes += bytes;
    this.#charge(entry);
    this.#index(entry);
    this.#wait(entry);
    return evicted.map((one) => one.transaction);
  }

  /**
   * Takes the next ones in line, at most `limit`; they must be settled or put back afterwards.
   * @param picked - how many were taken for the same block before
   */
  take(limit: number, picked = 0): RuntimeTransaction[] {
    const taken: RuntimeTransaction[] = [];
    while (taken.length < limit) {
      const isTurnOfOldest = (picked + taken.length) % OLDEST_EVERY === 0;
      const entry = (isTurnOfOldest ? this.#line : this.#ranking).first();
      if (entry === undefined) break;
      entry.state = 'taken';
      this.#waiting--;
      taken.push(entry.transaction);
    }
    return taken;
  }

  /** Forgets transactions: the bank knows them now, or they are given up. */
  settle(transactions: readonly RuntimeTransaction[]): void {
    for (const transaction of transactions) {
      const entry = this.#entries.get(signatureKey(transaction));
      if (entry !== undefined) this.#remove(entry);
    }
    this.#cleanUp();
  }

  /** Taken transactions wait again, each as long as it did before. */
  putBack(transactions: readonly RuntimeTransaction[]): void {
    for (const transaction of transactions) {
      const entry = this.#entries.get(signatureKey(transaction));
      if (entry?.state === 'taken') this.#wait(entry);
    }
  }

  /** Forgets those that wait with a blockhash that no block may hold any more, and returns them. */
  dropExpired(isBlockhashRecent: (hash: Uint8Array) => boolean): RuntimeTransaction[] {
    const expired: PoolEntry[] = [];
    for (const [key, entries] of this.#byBlockhash) {
      if (isBlockhashRecent(Buffer.from(key, 'latin1'))) continue;
      for (const entry of entries) if (entry.state === 'waiting') expired.push(entry);
    }
    for (const entry of expired) this.#remove(entry);
    this.#cleanUp();
    return expired.map((entry) => entry.transaction);
  }

  /** The transaction that uses the same nonce and would make room. */
  #rivalOf({ accountKeys, nonceAccount }: RuntimeTransaction, priority: number): PoolEntry | undefined {
    if (nonceAccount === undefined) return undefined;
    const rival = this.#byNonce.get(bytesKey(accountKeys[nonceAccount]!));
    if (rival !== undefined && (rival.state !== 'waiting' || rival.priority >= priority))
      throw new NonceInUseError(accountKeys[nonceAccount]!);
    return rival;
  }

  #checkPayer({ transaction }: RuntimeTransaction, rival: PoolEntry | undefined): void {
    const payer = transaction.message.accountKeys[0]!;
    const key = bytesKey(payer);
    const held = (this.#payers.get(key)?.transactions ?? 0) - (rival?.payer === key ? 1 : 0);
    if (held >= this.#maxPerFeePayer) throw new FeePayerLimitError(payer, this.#maxPerFeePayer);
  }

  /** Whether one more transaction does not fit, were so many transactions and bytes taken out. */
  #lacksRoom(bytes: number, lessTransactions: number, lessBytes: number): boolean {
    return (
      this.#entries.size - lessTransactions >= this.#capacity ||
      this.#bytes - lessBytes + bytes > this.#maxBytes
    );
  }

  #hasWorseThan(priority: number): boolean {
    const worst = this.#ranking.last();
    return worst !== undefined && worst.priority < priority;
  }

  /** Removes the rival, and then as many worse paying ones as it takes; or none. */
  #makeRoom(bytes: number, priority: number, rival: PoolEntry | undefined): PoolEntry[] {
    const victims: PoolEntry[] = [];
    let freed = 0;
    const take = (victim: PoolEntry) => {
      victim.state = 'taken'; // out of the way of the next one
      this.#waiting--;
      victims.push(victim);
      freed += victim.bytes;
    };
    if (rival !== undefined) take(rival);
    while (this.#lacksRoom(bytes, victims.length, freed)) {
      const worst = this.#ranking.last();
      if (worst === undefined || worst.priority >= priority) {
        for (const victim of victims.reverse()) this.#wait(victim); // each behind those that it came after
        throw new MempoolFullError(this.#capacity);
      }
      take(worst);
    }
    for (const victim of victims) this.#remove(victim);
    if (victims.length > 0) this.#cleanUp();
    return victims;
  }

  #wait(entry: PoolEntry): void {
    entry.state = 'waiting';
    this.#waiting++;
    this.#ranking.add(entry);
    this.#line.add(entry);
  }

  #remove(entry: PoolEntry): void {
    if (entry.state === 'waiting') this.#waiting--;
    entry.state = 'gone';
    this.#entries.delete(entry.key);
    this.#bytes -= entry.bytes;
    this.#discharge(entry);
    this.#unindex(entry);
  }

  #charge({ payer, transaction }: PoolEntry): void {
    const feeLamports = feeOf(transaction);
    const use = this.#payers.get(payer);
    if (use === undefined) this.#payers.set(payer, { transactions: 1, feeLamports });
    else {
      use.transactions++;
      use.feeLamports += feeLamports;
    }
  }

  #discharge({ payer, transaction }: PoolEntry): void {
    const use = this.#payers.get(payer)!;
    if (--use.transactions === 0) this.#payers.delete(payer);
    else use.feeLamports -= feeOf(transaction);
  }

  #index(entry: PoolEntry): void {
    if (entry.nonce !== undefined) this.#byNonce.set(entry.nonce, entry);
    if (entry.blockhash === undefined) return;
    const entries = this.#byBlockhash.get(entry.blockhash);
    if (entries === undefined) this.#byBlockhash.set(entry.blockhash, new Set([entry]));
    else entries.add(entry);
  }

  #unindex(entry: PoolEntry): void {
    if (entry.nonce !== undefined) this.#byNonce.delete(entry.nonce);
    if (entry.blockhash === undefined) return;
    const entries = this.#byBlockhash.get(entry.blockhash)!;
    entries.delete(entry);
    if (entries.size === 0) this.#byBlockhash.delete(entry.blockhash);
  }

  #cleanUp(): void {
    this.#ranking.cleanUp(this.#waiting);
    this.#line.cleanUp(this.#waiting);
  }
}

function newEntry(
  transaction: RuntimeTransaction,
  { priority, bytes, arrival }: { priority: number; bytes: number; arrival: number },
): PoolEntry {
  const { accountKeys, nonceAccount } = transaction;
  const { recentBlockhash } = transaction.transaction.message;
  return {
    key: signatureKey(transaction),
    transaction,
    priority,
    arrival,
    bytes,
    payer: bytesKey(accountKeys[0]!),
    blockhash: nonceAccount === undefined ? bytesKey(recentBlockhash) : undefined,
    nonce: nonceAccount === undefined ? undefined : bytesKey(accountKeys[nonceAccount]!),
    state: 'waiting',
    rankings: 0,
  };
}

function feeOf({ baseFeeLamports, priorityFeeLamports }: RuntimeTransaction): bigint {
  return baseFeeLamports + priorityFeeLamports;
}

function bytesOf({ transaction, loadedAddresses }: RuntimeTransaction): number {
  const { writable, readonly } = loadedAddresses;
  return transaction.bytes.length + ADDRESS_BYTES * (writable.length + readonly.length);
}
