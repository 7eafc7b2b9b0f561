import { createHash } from 'node:crypto';
import { EventHub, type Field, PolyproofError, silentLogger } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import {
  type BankEvents,
  type Batch,
  type BatchWitness,
  decodeBase58,
  decodeMessage,
  decodeTransaction,
  type Exit,
  encodeBase58,
  type SignatureInfo,
  type SignatureSearch,
  type SignatureStatus,
  type SimulateOptions,
  type Simulation,
  type StoredBlock,
  type StoredTransaction,
  type TokenAccountFilter,
  type TransactionMeta,
} from '@polyproof/svm';
import type { RpcBank } from '../src/index.js';

export const EMPTY_META: TransactionMeta = {
  logs: [],
  innerInstructions: [],
  preBalances: [],
  postBalances: [],
  preTokenBalances: [],
  postTokenBalances: [],
  loadedAddresses: { writable: [], readonly: [] },
};

/** What a transaction did, as a test wants it. */
export interface Outcome {
  error?: unknown;
  feeLamports?: bigint;
  computeUnits?: bigint;
  meta?: Partial<TransactionMeta>;
}

const TIME = 1_700_000_000n;

/** A bank in memory: accounts are put there, blocks are made of transactions whose outcome is given. */
export class FakeBank implements RpcBank {
  execution: 'zk' | 'any' = 'any';
  slot = 0n;
  readonly genesisBlockhash = new Uint8Array(32).fill(3);
  latestBlockhash: Uint8Array = new Uint8Array(32).fill(9);
  stateRoot: Field = 0x1234n;
  transactionCount = 0n;
  lastBatch = 0n;
  firstAvailableSlot = 0n;
  totalLamports = 1_000_000_000n;
  readonly accounts = new Map<string, Account>();
  readonly blocks = new Map<bigint, { block: StoredBlock; transactions: StoredTransaction[] }>();
  readonly batches = new Map<bigint, Batch>();
  readonly keptRoots = new Set<Field>();
  witness: BatchWitness | undefined;
  /** what simulating comes to */
  simulation: Partial<Simulation> = {};
  readonly simulated: { bytes: Uint8Array; options: SimulateOptions | undefined }[] = [];
  readonly #events = new EventHub<BankEvents>(silentLogger);

  constructor() {
    this.commit();
    this.slot = 0n;
  }

  get unixTimestamp(): bigint {
    return TIME + this.slot;
  }
  get lastValidBlockHeight(): bigint {
    return this.slot + 150n;
  }
  get openBatch() {
    return { number: this.lastBatch + 1n, transactions: 1, blocks: 1, deposits: 0 };
  }

  put(address: string, account: Partial<Account>): void {
    this.accounts.set(address, {
      lamports: 1n,
      data: new Uint8Array(),
      owner: new Uint8Array(32),
      executable: false,
      rentEpoch: 18_446_744_073_709_551_615n,
      ...account,
    });
  }

  /** Makes the next block. */
  commit(transactions: [bytes: Uint8Array, outcome?: Outcome][] = []): bigint {
    const slot = this.blocks.size === 0 ? 0n : this.slot + 1n;
    const previousBlockhash = this.latestBlockhash;
    this.slot = slot;
    this.latestBlockhash = createHash('sha256').update(previousBlockhash).digest();
    this.transactionCount += BigInt(transactions.length);
    const block: StoredBlock = {
      slot,
      unixTimestamp: this.unixTimestamp,
      blockhash: this.latestBlockhash,
      previousBlockhash,
      stateRoot: this.stateRoot,
      batch: this.lastBatch + 1n,
      transactions: transactions.length,
    };
    const stored = transactions.map(([bytes, outcome = {}], index): StoredTransaction => {
      const { error, feeLamports = 5_000n, computeUnits = 150n, meta } = outcome;
      return {
        bytes,
        slot,
        index,
        unixTimestamp: block.unixTimestamp,
        batch: block.batch,
        ...(error === undefined ? {} : { error }),
        feeLamports,
        computeUnits,
        meta: { ...EMPTY_META, ...meta },
      };
    });
    this.blocks.set(slot, { block, transactions: stored });
    this.#events.emit('blockCommitted', { block, transactions: [], accounts: [] });
    return slot;
  }

  closeBatch(): bigint {
    const number = this.lastBatch + 1n;
    this.batches.set(number, {
      number,
      firstSlot: 1n,
      lastSlot: this.slot,
      transactions: 1,
      deposits: [{ recipient: new Uint8Array(32).fill(1), lamports: 2n ** 63n }],
      exits: [{ recipient: new Uint8Array(20).fill(2), lamports: 2n ** 63n }],
      data: Uint8Array.of(1),
      prevStateRoot: 1n,
      newStateRoot: 2n,
      prevDataHash: 3n,
      newDataHash: 4n,
    });
    this.lastBatch = number;
    return number;
  }

  readonly nextDeposit = 1n;
  getExits(batch: bigint): Exit[] {
    return this.batches.get(batch)?.exits ?? [];
  }

  isBlockhashRecent(hash: Uint8Array): boolean {
    return Buffer.compare(hash, this.latestBlockhash) === 0;
  }
  getAccount(address: Uint8Array): Account | undefined {
    return this.accounts.get(encodeBase58(address));
  }
  *getProgramAccounts(program: Uint8Array): Generator<[Uint8Array, Account]> {
    for (const [address, account] of this.accounts)
      if (Buffer.compare(account.owner, program) === 0) yield [decodeBase58(address), account];
  }
  getTokenAccountsByOwner(wallet: Uint8Array, filter: TokenAccountFilter) {
    return this.#tokenAccounts(32, wallet, filter);
  }
  getTokenAccountsByDelegate(delegate: Uint8Array, filter: TokenAccountFilter) {
    return this.#tokenAccounts(76, delegate, filter);
  }
  getTokenAccountsByMint(mint: Uint8Array) {
    return this.#tokenAccounts(0, mint, { mint });
  }

  getBlock(slot: bigint): StoredBlock | undefined {
    return this.blocks.get(slot)?.block;
  }
  getBlockTransactions(slot: bigint): StoredTransaction[] {
    return this.blocks.get(slot)?.transactions ?? [];
  }
  getTransaction(signature: Uint8Array): StoredTransaction | undefined {
    return this.#all().find(({ bytes }) => Buffer.compare(bytes.subarray(1, 65), signature) === 0);
  }
  getSignatureStatus(signature: Uint8Array): SignatureStatus | undefined {
    return this.getTransaction(signature);
  }
  getSignaturesForAddress(address: Uint8Array, { limit, before, until }: SignatureSearch): SignatureInfo[] {
    const infos = this.#all()
      .filter(({ bytes }) =>
        decodeTransaction(bytes).message.accountKeys.some((key) => Buffer.compare(key, address) === 0),
      )
      .map((stored) => ({ ...stored, signature: stored.bytes.subarray(1, 65), memo: null }))
      .reverse();
    const indexOf = (signature: Uint8Array | undefined) =>
      infos.findIndex((info) => signature !== undefined && Buffer.compare(info.signature, signature) === 0);
    const end = indexOf(until);
    return infos.slice(indexOf(before) + 1, end < 0 ? undefined : end).slice(0, limit);
  }

  getBatch(number: bigint): Batch | undefined {
    return this.batches.get(number);
  }
  getWitness(): BatchWitness | undefined {
    return this.witness;
  }
  proveAccount(address: Uint8Array, root = this.stateRoot) {
    if (root !== this.stateRoot && !this.keptRoots.has(root))
      throw new PolyproofError('UNKNOWN_ROOT', `the state never had the root ${root}.`);
    const account = this.getAccount(address);
    const proof = {
      siblings: [[5n, 0n, 6n] as const],
      terminal: { kind: 'leaf' as const, key: 1n, value: 2n },
    };
    return account === undefined ? { proof, root } : { account, proof, root };
  }

  async simulate(bytes: Uint8Array, options?: SimulateOptions): Promise<Simulation> {
    decodeTransaction(bytes);
    this.simulated.push({ bytes, options });
    return {
      computeUnits: 150n,
      feeLamports: 5_000n,
      meta: EMPTY_META,
      account: (address) => this.getAccount(address),
      ...(options?.replaceRecentBlockhash === true
        ? {
            replacementBlockhash: {
              blockhash: this.latestBlockhash,
              lastValidBlockHeight: this.lastValidBlockHeight,
            },
          }
        : {}),
      ...this.simulation,
    };
  }
  feeForMessage(messageBytes: Uint8Array): bigint | undefined {
    const { header, recentBlockhash } = decodeMessage(messageBytes);
    return this.isBlockhashRecent(recentBlockhash)
      ? 5_000n * BigInt(header.numRequiredSignatures)
      : undefined;
  }
  recentPrioritizationFees(addresses: readonly Uint8Array[]) {
    return [{ slot: this.slot, prioritizationFee: BigInt(addresses.length) }];
  }
  minimumBalanceForRentExemption(dataBytes: bigint): bigint {
    return (dataBytes + 128n) * 6_960n;
  }
  on<Name extends keyof BankEvents>(name: Name, listener: (payload: BankEvents[Name]) => void) {
    return this.#events.on(name, listener);
  }

  #all(): StoredTransaction[] {
    return [...this.blocks.values()].flatMap(({ transactions }) => transactions);
  }

  *#tokenAccounts(at: number, key: Uint8Array, filter: TokenAccountFilter): Generator<[Uint8Array, Account]> {
    for (const [address, account] of this.accounts) {
      const { data, owner } = account;
      const has = (offset: number, bytes: Uint8Array) =>
        data.length >= 165 && Buffer.compare(data.subarray(offset, offset + 32), bytes) === 0;
      const matches = 'mint' in filter ? has(0, filter.mint) : Buffer.compare(owner, filter.programId) === 0;
      if (has(at, key) && matches && (at !== 76 || data[72] === 1)) yield [decodeBase58(address), account];
    }
  }
}
