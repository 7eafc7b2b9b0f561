import { EventHub, type Field, silentLogger } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import type {
  BankEvents,
  BankReader,
  Batch,
  CommittedBlock,
  SignatureStatus,
  StoredTransaction,
} from '@polyproof/svm';
import { decodeBase58, encodeBase58, encodeMeta } from '@polyproof/svm';
import {
  RpcServer,
  type RpcServerOptions,
  type SequencerPort,
  type SettlementPort,
} from '../../src/index.js';

export const SYSTEM = '11111111111111111111111111111111';
export const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const VOTE = 'Vote111111111111111111111111111111111111111';

/** An address that nothing else has. */
export function addressOf(n: number): string {
  const bytes = new Uint8Array(32).fill(1);
  new DataView(bytes.buffer).setUint32(0, n);
  return encodeBase58(bytes);
}

export function signatureOf(n: number): string {
  const bytes = new Uint8Array(64).fill(2);
  new DataView(bytes.buffer).setUint32(0, n);
  return encodeBase58(bytes);
}

export function account(lamports: bigint, members: Partial<Account> = {}): Account {
  return {
    lamports,
    owner: decodeBase58(SYSTEM),
    executable: false,
    rentEpoch: 2n ** 64n - 1n,
    data: new Uint8Array(0),
    ...members,
  };
}

export interface FakeTransaction {
  signature: string;
  /** addresses; the last one is the program */
  accounts?: string[];
  logs?: string[];
  error?: unknown;
}

/** A chain whose blocks are made by hand. */
export class FakeChain {
  slot = 0n;
  openBatch = 1n;
  verified = 0n;
  readonly accounts = new Map<string, Account>();
  readonly transactions = new Map<string, SignatureStatus & { logs: string[] }>();
  readonly lastSlots = new Map<bigint, bigint>();
  readonly #events = new EventHub<BankEvents>(silentLogger);

  /** Makes a block. An account that is `null` is gone. */
  commit(block: { transactions?: FakeTransaction[]; accounts?: Record<string, Account | null> } = {}): void {
    this.slot++;
    const { slot } = this;
    this.lastSlots.set(this.openBatch, slot);
    const accounts = Object.entries(block.accounts ?? {}).map(([address, value]) => {
      if (value === null) this.accounts.delete(address);
      else this.accounts.set(address, value);
      return { address: decodeBase58(address), account: value };
    });
    const transactions = (block.transactions ?? []).map((one, index) => {
      const { signature, logs = [], error } = one;
      const status = { slot, index, batch: this.openBatch, ...(error === undefined ? {} : { error }) };
      this.transactions.set(signature, { ...status, logs });
      const keys = (one.accounts ?? [SYSTEM]).map(decodeBase58);
      return {
        signature: decodeBase58(signature),
        transaction: {
          accountKeys: keys,
          transaction: { message: { instructions: [{ programIdIndex: keys.length - 1 }] } },
        },
        outcome: { status: error === undefined ? 'ok' : 'failed', error, meta: metaWith(logs) },
      };
    });
    const header = { slot, batch: this.openBatch, transactions: transactions.length };
    this.#events.emit('blockCommitted', {
      block: header,
      transactions,
      accounts,
    } as unknown as CommittedBlock);
  }

  closeBatch(): bigint {
    return this.openBatch++;
  }

  /** Closes the open batch; the base chain verifies it. */
  finalize(): void {
    this.verified = this.closeBatch();
  }

  /** Goes back to the end of a batch; accounts stay as they are. */
  rollBack(batch: bigint): void {
    this.openBatch = batch + 1n;
    this.slot = this.lastSlots.get(batch) ?? 0n;
    for (const [signature, status] of this.transactions)
      if (status.batch > batch) this.transactions.delete(signature);
    this.#events.emit('rolledBack', { batch, slot: this.slot });
  }

  /** The chain as methods and subscriptions read it. */
  bank(): BankReader {
    const chain = this;
    const parts: Partial<BankReader> = {
      execution: 'any',
      get slot() {
        return chain.slot;
      },
      unixTimestamp: 1_700_000_000n,
      stateRoot: 1n as Field,
      latestBlockhash: new Uint8Array(32).fill(9),
      genesisBlockhash: new Uint8Array(32).fill(3),
      get lastValidBlockHeight() {
        return chain.slot + 150n;
      },
      transactionCount: 0n,
      openBatch: { number: 1n, transactions: 0, blocks: 0, deposits: 0 },
      nextDeposit: 0n,
      getExits: () => [],
      lastBatch: 0n,
      firstAvailableSlot: 0n,
      getAccount: (address) => this.accounts.get(encodeBase58(address)),
      minimumBalanceForRentExemption: (bytes) => (bytes + 128n) * 6_960n,
      getSignatureStatus: (signature) => this.transactions.get(encodeBase58(signature)),
      getTransaction: (signature) => {
        const known = this.transactions.get(encodeBase58(signature));
        return known && ({ ...known, meta: { logs: known.logs } } as unknown as StoredTransaction);
      },
      getBatch: (number) => {
        const lastSlot = this.lastSlots.get(number);
        return lastSlot === undefined ? undefined : ({ number, lastSlot } as Batch);
      },
      on: (name, listener) => this.#events.on(name, listener),
    };
    return parts as BankReader;
  }

  readonly settlement: SettlementPort = {
    view: { lastSequence: 0n, lastBatch: 0n, verifiedSequence: 0n, verifiedStateRoot: 0n },
    verifiedBatch: () => this.verified,
    sequenceOfBatch: async () => undefined,
  };
}

export const fakeSequencer: SequencerPort = {
  unhealthyReason: undefined,
  submitTransaction: async (bytes) => bytes.subarray(1, 65),
  status: () => ({ waitingTransactions: 0, lastSubmittedBatch: undefined }),
};

/** A server on a fake chain. */
export async function openFakeChain(options: Partial<RpcServerOptions> = {}) {
  const chain = new FakeChain();
  const server = await RpcServer.open(
    { port: 0, ...options },
    {
      bank: chain.bank(),
      sequencer: fakeSequencer,
      settlement: chain.settlement,
      logger: silentLogger,
    },
  );
  return { chain, server };
}

function metaWith(logs: string[]): Uint8Array {
  return encodeMeta({
    logs,
    innerInstructions: [],
    preBalances: [],
    postBalances: [],
    preTokenBalances: [],
    postTokenBalances: [],
    loadedAddresses: { writable: [], readonly: [] },
  });
}
