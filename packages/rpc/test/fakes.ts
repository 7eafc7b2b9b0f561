import { type Field, silentLogger } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { type Batch, encodeBase58, type TransactionRecord } from '@polyproof/svm';
import {
  type BankPort,
  parseJson,
  RpcServer,
  type RpcServerOptions,
  type SequencerPort,
  type SettlementPort,
  stringifyJson,
} from '../src/index.js';

export class FakeBank implements BankPort {
  slot = 7n;
  stateRoot: Field = 0x1234n;
  latestBlockhash: Uint8Array = new Uint8Array(32).fill(9);
  readonly genesisBlockhash = new Uint8Array(32).fill(3);
  transactionCount = 3n;
  openBatch = { number: 3n, transactions: 1, blocks: 1 };
  lastBatch = 2n;
  readonly accounts = new Map<string, Account>();
  readonly records = new Map<string, TransactionRecord>();
  readonly batches = new Map<bigint, Batch>();

  get lastValidBlockHeight(): bigint {
    return this.slot + 150n;
  }
  isBlockhashRecent(hash: Uint8Array): boolean {
    return Buffer.compare(hash, this.latestBlockhash) === 0;
  }
  getAccount(address: Uint8Array): Account | undefined {
    return this.accounts.get(encodeBase58(address));
  }
  getTransactionStatus(signature: Uint8Array): TransactionRecord | undefined {
    return this.records.get(encodeBase58(signature));
  }
  proveAccount(address: Uint8Array, root = this.stateRoot) {
    const account = this.getAccount(address);
    const proof = { siblings: [5n, 0n], terminal: { kind: 'leaf' as const, key: 1n, value: 2n } };
    return account === undefined ? { proof, root } : { account, proof, root };
  }
  getBatch(number: bigint): Batch | undefined {
    return this.batches.get(number);
  }
  getWitness(): undefined {
    return undefined;
  }
}

export class FakeSequencer implements SequencerPort {
  unhealthyReason: string | undefined;
  readonly submitted: Uint8Array[] = [];
  refuseWith: unknown;

  async submitTransaction(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.refuseWith !== undefined) throw this.refuseWith;
    this.submitted.push(bytes);
    return bytes.subarray(1, 65);
  }
  status() {
    return { waitingTransactions: 2, lastSubmittedBatch: 2n };
  }
}

export class FakeSettlement implements SettlementPort {
  view = { lastSequence: 1n, lastBatch: 2n, verifiedSequence: 1n, verifiedStateRoot: 0xabcn };
  verified = 1n;
  verifiedBatch(): bigint {
    return this.verified;
  }
  async sequenceOfBatch(batch: bigint): Promise<bigint | undefined> {
    return batch <= this.view.lastBatch ? batch : undefined;
  }
}

export async function openFake(options: Partial<RpcServerOptions> = {}) {
  const [bank, sequencer, settlement] = [new FakeBank(), new FakeSequencer(), new FakeSettlement()];
  const server = await RpcServer.open(
    { port: 0, lamportsPerSignature: 5_000n, ...options },
    { bank, sequencer, settlement, logger: silentLogger },
  );
  const client = rawClient(server.url);
  return { bank, sequencer, settlement, server, ...client };
}

/** A client that shows results and errors as they are on the wire. */
export function rawClient(url: string) {
  const send = async (body: string) => (await fetch(url, { method: 'POST', body })).text();
  const request = async (method: string, params: unknown[]) =>
    parseJson(await send(stringifyJson({ jsonrpc: '2.0', id: 1, method, params }))) as {
      result?: unknown;
      error?: { code: number; message: string; data?: unknown };
    };
  return {
    send,
    /** The result; an error fails the test. */
    // biome-ignore lint/suspicious/noExplicitAny: the answer of any method
    call: async (method: string, ...params: unknown[]): Promise<any> => {
      const { result, error } = await request(method, params);
      if (error !== undefined) throw new TypeError(`${method}: ${JSON.stringify(error)}`);
      return result;
    },
    /** The error; a result fails the test. */
    refusal: async (method: string, ...params: unknown[]) => {
      const { result, error } = await request(method, params);
      if (error === undefined) throw new TypeError(`${method} answered ${JSON.stringify(result)}`);
      return error;
    },
  };
}
