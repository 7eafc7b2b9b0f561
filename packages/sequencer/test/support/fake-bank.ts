import { PolyproofError } from '@polyproof/base';
import {
  type Account,
  type Batch,
  chainDataHash,
  checkProvable,
  type ExecutionMode,
  type ProducedBlock,
  type QueuedDeposit,
  type RuntimeTransaction,
  type StoredBlock,
  type Transaction,
} from '@polyproof/svm';
import type { AdmissionBank } from '../../src/mempool/ports.js';
import type { ProducerBank } from '../../src/producer/ports.js';
import { numberOf } from './fake-transactions.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A bank that executes nothing: it keeps the numbers of transactions, in blocks and batches of up to `capacity`. */
export class FakeBank implements AdmissionBank, ProducerBank {
  slot = 0n;
  lastBatch = 0n;
  readonly blocks: number[][] = [];
  readonly batches: Batch[] = [];
  readonly accounts = new Map<string, Account>();
  readonly staleBlockhashes = new Set<number>();
  /** messages, in hex */
  readonly processed = new Set<string>();
  readonly poisonous = new Set<string>();
  /** what `resolve` throws, once */
  refusal: Error | undefined;
  /** numbers of transactions that do not fit even in an empty batch */
  readonly neverFit = new Set<number>();
  /** numbers of transactions that the runtime rejects */
  readonly rejects = new Map<number, unknown>();
  /** numbers of transactions with which no block succeeds */
  readonly failing = new Set<number>();
  /** nothing succeeds */
  isBroken = false;
  /** most transactions that a block takes; the others are deferred */
  blockCapacity = Number.POSITIVE_INFINITY;
  /** what a block waits for before it is done */
  work: () => Promise<void> = async () => undefined;
  deadlines: (number | undefined)[] = [];
  fittingCalls = 0;
  nextDeposit = 0n;
  #open: number[] = [];
  #deposits: readonly QueuedDeposit[] = [];
  #blocksInBatch = 0;

  constructor(
    readonly capacity = 4,
    readonly execution: ExecutionMode = 'zk',
  ) {}

  get openBatch() {
    return {
      number: this.lastBatch + 1n,
      transactions: this.#open.length,
      blocks: this.#blocksInBatch,
      deposits: this.#deposits.length,
    };
  }

  /** At most two a batch. */
  async creditDeposits(deposits: readonly QueuedDeposit[]): Promise<readonly QueuedDeposit[]> {
    if (this.#open.length + this.#deposits.length > 0) throw new Error('the batch is not empty');
    this.#deposits = deposits.slice(0, 2);
    this.nextDeposit = this.#deposits.at(-1)!.index + 1n;
    return this.#deposits;
  }

  fund(address: Uint8Array, lamports: bigint, parts: Partial<Account> = {}): void {
    const plain = { data: new Uint8Array(), owner: new Uint8Array(32), executable: false, rentEpoch: 0n };
    this.accounts.set(hex(address), { lamports, ...plain, ...parts });
  }

  isBlockhashRecent(hash: Uint8Array): boolean {
    return !this.staleBlockhashes.has(hash[0]!);
  }

  getAccount(address: Uint8Array): Account | undefined {
    return this.accounts.get(hex(address));
  }

  hasProcessed({ messageBytes }: Transaction): boolean {
    return this.processed.has(hex(messageBytes));
  }

  isPoisonous({ messageBytes }: Transaction): boolean {
    return this.poisonous.has(hex(messageBytes));
  }

  /** A message with a stale blockhash is taken for one with a nonce account in second place, where it has three keys. */
  resolve(transaction: Transaction): RuntimeTransaction {
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) throw refusal;
    if (this.execution === 'zk') checkProvable(transaction.message);
    const { accountKeys, recentBlockhash, header } = transaction.message;
    const usesNonce = !this.isBlockhashRecent(recentBlockhash) && accountKeys.length > 2;
    return {
      transaction,
      accountKeys,
      writable: accountKeys.map((_, index) => index < accountKeys.length - 1),
      loadedAddresses: { writable: [], readonly: [] },
      tables: [],
      computeUnitLimit: 150,
      computeUnitPrice: 0n,
      baseFeeLamports: 5_000n * BigInt(header.numRequiredSignatures),
      priorityFeeLamports: 0n,
      ...(usesNonce ? { nonceAccount: 1 } : {}),
    };
  }

  fitting(transactions: readonly Transaction[]): number {
    this.fittingCalls++;
    const numbers = transactions.map((transaction) => numberOf({ transaction }));
    const never = numbers.findIndex((n) => this.neverFit.has(n));
    const room = this.capacity - this.#open.length;
    return Math.min(room, never === -1 ? numbers.length : never);
  }

  async produceBlock(
    candidates: readonly RuntimeTransaction[],
    options: { deadlineMs?: number } = {},
  ): Promise<ProducedBlock> {
    this.deadlines.push(options.deadlineMs);
    await this.work();
    if (this.isBroken || candidates.some((one) => this.failing.has(numberOf(one))))
      throw new PolyproofError('BROKEN', 'no block today');
    const isRejected = (one: RuntimeTransaction) => this.rejects.has(numberOf(one));
    const good = candidates.filter((one) => !isRejected(one));
    const included = good.slice(0, this.blockCapacity);
    const numbers = included.map(numberOf);
    this.slot++;
    this.blocks.push(numbers);
    if (numbers.length > 0) this.#blocksInBatch++;
    this.#open.push(...numbers);
    const rejected = candidates.filter(isRejected);
    return {
      block: { slot: this.slot, transactions: included.length } as StoredBlock,
      included,
      rejected: rejected.map((transaction) => ({
        transaction,
        error: this.rejects.get(numberOf(transaction)),
      })),
      deferred: good.slice(this.blockCapacity),
    };
  }

  async closeBatch(): Promise<Batch | undefined> {
    if (this.#open.length + this.#deposits.length === 0) return undefined;
    const number = ++this.lastBatch;
    const data = Uint8Array.from(this.#open);
    const prevDataHash = this.batches.at(-1)?.newDataHash ?? 0n;
    const batch: Batch = {
      number,
      firstSlot: 0n,
      lastSlot: this.slot,
      transactions: this.#open.length,
      deposits: [...this.#deposits],
      exits: [],
      data,
      prevStateRoot: number - 1n,
      newStateRoot: number,
      prevDataHash,
      newDataHash: chainDataHash(prevDataHash, data),
    };
    this.batches.push(batch);
    this.#open = [];
    this.#deposits = [];
    this.#blocksInBatch = 0;
    return batch;
  }

  getBatch(number: bigint): Batch | undefined {
    return this.batches[Number(number) - 1];
  }
}
