import { silentLogger } from '@polyproof/base';
import {
  type DroppedTransaction,
  parseJson,
  RpcServer,
  type RpcServerOptions,
  type SequencerPort,
  type SequenceTransactions,
  type SettlementPort,
  stringifyJson,
} from '../src/index.js';
import { FakeBank } from './fake-bank.js';

export class FakeSequencer implements SequencerPort {
  unhealthyReason: string | undefined;
  readonly submitted: Uint8Array[] = [];
  dropped: DroppedTransaction | undefined;
  refuseWith: unknown;

  async submitTransaction(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.refuseWith !== undefined) throw this.refuseWith;
    this.submitted.push(bytes);
    return bytes.subarray(1, 65);
  }
  status() {
    return { waitingTransactions: 2, lastSubmittedBatch: 2n };
  }
  droppedReason(): DroppedTransaction | undefined {
    return this.dropped;
  }
}

export class FakeSettlement implements SettlementPort {
  view = { lastSequence: 1n, lastBatch: 2n, verifiedSequence: 1n, verifiedStateRoot: 0xabcn };
  verified = 0n;
  transactions: SequenceTransactions = { submitted: '0x51', committed: [], verified: undefined };

  verifiedBatch(): bigint {
    return this.verified;
  }
  async sequenceOfBatch(batch: bigint): Promise<bigint | undefined> {
    return batch <= this.view.lastBatch ? batch : undefined;
  }
  async sequenceTransactions(): Promise<SequenceTransactions> {
    return this.transactions;
  }
}

/** The fee collector that a fake node shows as its identity. */
export const COLLECTOR = new Uint8Array(32).fill(0xc0);

/** A server on a bank in memory. */
export async function openFake(options: Partial<RpcServerOptions> = {}) {
  const [bank, sequencer, settlement] = [new FakeBank(), new FakeSequencer(), new FakeSettlement()];
  const server = await RpcServer.open(
    { port: 0, identity: COLLECTOR, ...options },
    { bank, sequencer, settlement, logger: silentLogger },
  );
  return { bank, sequencer, settlement, server, ...rawClient(server.url) };
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
