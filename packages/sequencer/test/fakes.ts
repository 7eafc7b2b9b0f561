import { PolyproofError } from '@polyproof/base';
import { SettlementError, type SettlementState } from '@polyproof/chain';
import { type Account, type Batch, chainDataHash, type Transaction } from '@polyproof/svm';
import type { BankPort, ProducedBlock, SettlementPort } from '../src/index.js';

/** A transaction of which only the identity and the blockhash matter. */
export function fakeTransaction(n: number, blockhash = 1): Transaction {
  return {
    signatures: [Uint8Array.from({ length: 64 }, (_, i) => (i < 4 ? n >> (8 * i) : 0) & 0xff)],
    message: { recentBlockhash: new Uint8Array(32).fill(blockhash) },
  } as unknown as Transaction;
}

export function numberOf(transaction: Transaction): number {
  return Buffer.from(transaction.signatures[0]!).readUInt32LE(0);
}

/** A bank that executes nothing: it keeps blocks and batches of up to `capacity` transactions. */
export class FakeBank implements BankPort {
  slot = 0n;
  lastBatch = 0n;
  readonly blocks: number[][] = [];
  readonly batches: Batch[] = [];
  readonly accounts = new Map<string, bigint>();
  readonly statuses = new Map<string, 'ok' | 'failed' | 'rejected'>();
  readonly staleBlockhashes = new Set<number>();
  readonly neverFit = new Set<number>();
  readonly poisonous = new Set<number>();
  #open: number[] = [];
  #blocksInBatch = 0;

  constructor(readonly capacity = 4) {}

  get openBatch() {
    return { number: this.lastBatch + 1n, transactions: this.#open.length, blocks: this.#blocksInBatch };
  }

  isBlockhashRecent(hash: Uint8Array): boolean {
    return !this.staleBlockhashes.has(hash[0]!);
  }

  getAccount(address: Uint8Array): Account | undefined {
    const lamports = this.accounts.get(Buffer.from(address).toString('hex'));
    if (lamports === undefined) return undefined;
    return { lamports, data: new Uint8Array(), owner: new Uint8Array(32), executable: false, rentEpoch: 0n };
  }

  getTransactionStatus(signature: Uint8Array) {
    const status = this.statuses.get(Buffer.from(signature).toString('hex'));
    return status === undefined ? undefined : { status };
  }

  fits(transaction: Transaction, pending: readonly Transaction[] = []): boolean {
    if (this.neverFit.has(numberOf(transaction))) return false;
    return this.#open.length + pending.length < this.capacity;
  }

  async produceBlock(transactions: Transaction[]): Promise<ProducedBlock> {
    const numbers = transactions.map(numberOf);
    if (numbers.some((n) => this.poisonous.has(n))) throw new PolyproofError('EXECUTOR_DIED', 'it died');
    this.slot++;
    this.blocks.push(numbers);
    if (numbers.length > 0) this.#blocksInBatch++;
    this.#open.push(...numbers);
    return { slot: this.slot, signatures: transactions.map((t) => t.signatures[0]!) };
  }

  async closeBatch(): Promise<Batch | undefined> {
    if (this.#open.length === 0) return undefined;
    const number = ++this.lastBatch;
    const data = Uint8Array.from(this.#open);
    const prevDataHash = this.batches.at(-1)?.newDataHash ?? 0n;
    const batch: Batch = {
      number,
      firstSlot: 0n,
      lastSlot: this.slot,
      transactions: this.#open.length,
      data,
      prevStateRoot: number - 1n,
      newStateRoot: number,
      prevDataHash,
      newDataHash: chainDataHash(prevDataHash, data),
    };
    this.batches.push(batch);
    this.#open = [];
    this.#blocksInBatch = 0;
    return batch;
  }

  getBatch(number: bigint): Batch | undefined {
    return this.batches[Number(number) - 1];
  }
}

interface FakeSequence {
  firstBatch: bigint;
  lastBatch: bigint;
  batches: Uint8Array[];
  claimedRoot: bigint;
}

/**
 * A settlement contract in memory; `fail` makes the next submissions go wrong: before they are sent, after they are
 * in a block, or while they wait for one, which they get with {@link land}.
 */
export class FakeSettlement implements SettlementPort {
  readonly sequences: FakeSequence[] = [];
  readonly fail: ('before' | 'after' | 'waiting')[] = [];
  /** Refusals of batches that were not the expected ones. */
  refusals = 0;
  onRefusal: () => void = () => undefined;
  readonly #waiting: FakeSequence[] = [];
  attempts: Uint8Array[][] = [];
  verifiedSequence = 0n;
  calls = 0;
  #dataHash = 0n;

  async getState(): Promise<SettlementState> {
    this.calls++;
    return {
      verifiedStateRoot: 0n,
      verifiedSequence: this.verifiedSequence,
      verifiedBatch: this.sequences[Number(this.verifiedSequence) - 1]?.lastBatch ?? 0n,
      lastSequence: BigInt(this.sequences.length),
      lastBatch: this.sequences.at(-1)?.lastBatch ?? 0n,
      lastDataHash: this.#dataHash,
    };
  }

  async getSequence(sequence: bigint) {
    this.calls++;
    return this.sequences[Number(sequence) - 1]!;
  }

  async sequence(
    firstBatch: bigint,
    batches: Uint8Array[],
    claimedRoot: bigint,
  ): Promise<{ sequence: bigint; transactionHash: string }> {
    this.attempts.push(batches);
    const failure = this.fail.shift();
    if (failure === 'before') throw new PolyproofError('UNREACHABLE', 'not sent');
    // As the real client, which simulates against the block to come, with what waits for it.
    const expected = ([...this.sequences, ...this.#waiting].at(-1)?.lastBatch ?? 0n) + 1n;
    if (firstBatch !== expected) {
      this.refusals++;
      this.onRefusal();
      throw new SettlementError('UnexpectedBatch', 'not the next batch', { expected, given: firstBatch });
    }
    const lastBatch = firstBatch + BigInt(batches.length) - 1n;
    this.#waiting.push({ firstBatch, lastBatch, batches, claimedRoot });
    if (failure === 'waiting') throw new PolyproofError('TRANSACTION_PENDING', 'sent, and not in a block');
    this.land();
    if (failure === 'after') throw new PolyproofError('TIMEOUT', 'sent, but the answer was lost');
    return { sequence: BigInt(this.sequences.length), transactionHash: `0x${this.sequences.length}` };
  }

  /** A block with everything that waits for one. */
  land(): void {
    for (const sequence of this.#waiting.splice(0)) {
      this.sequences.push(sequence);
      for (const data of sequence.batches) this.#dataHash = chainDataHash(this.#dataHash, data);
    }
  }
}
