import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trackChild } from '@polyproof/base';
import { NODE_FLAGS, REPOSITORY } from '@polyproof/node';
import { decodeBase58, encodeBase58 } from '@polyproof/svm';
import { type LoadResult, sendAll, sendTransactionRequest } from './load.js';
import { accountsOf, mixedPairs, tokenTransfers, type User } from './workload.js';

const CONNECTIONS = 128;
/** one in so many transactions is followed until it is confirmed */
const SAMPLE = 50;
const CONFIRM_MS = 60_000;
/** without a transaction in a block for so long, there are none left */
const STILL_MS = 5_000;

export interface IngestResult extends LoadResult {
  /** transactions a second that were in blocks before the last one was */
  confirmedRate: number;
  /** accepted, and in no block before their blockhash was too old */
  expired: number;
  /** milliseconds from sending to confirmed, of a sample, sorted */
  confirmedMs: number[];
  /** greatest resident memory of the node and its processes, by samples, in bytes */
  peakMemoryBytes: number;
}

/**
 * Sends pre-signed token transfers to a node of its own over HTTP, and waits until all are in blocks.
 * @param options.rate - transactions a second at most
 * @param options.batch - transactions in one request, as a JSON-RPC batch. Default 1.
 */
export async function ingest(
  everybody: readonly User[],
  options: { seconds: number; rate: number; batch?: number; flags?: string[] },
): Promise<IngestResult> {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const genesisFile = join(directory, 'genesis.json');
  writeFileSync(genesisFile, JSON.stringify(accountsOf(everybody).map(genesisEntry), replaceBigInts));
  const node = await startNode([
    '--data-directory',
    join(directory, 'node'),
    '--genesis-file',
    genesisFile,
    ...(options.flags ?? []),
  ]);
  try {
    const { rate, batch = 1 } = options;
    const count = options.seconds * rate;
    const { value } = (await node.call('getLatestBlockhash')) as { value: { blockhash: string } };
    const transactions = tokenTransfers(count, decodeBase58(value.blockhash), mixedPairs(everybody));
    const before = (await node.call('getTransactionCount')) as number;

    const watch = await watchSignatures(node.webSocketPort);
    const sentAt = new Map<number, number>();
    const confirmedMs: number[] = [];
    let peakMemoryBytes = 0;
    const meter = setInterval(() => {
      peakMemoryBytes = Math.max(peakMemoryBytes, residentBytes(node.pid));
    }, 500);
    const startedAt = performance.now();
    const requests = Array.from({ length: Math.ceil(count / batch) }, (_, i) =>
      sendTransactionRequest(transactions.slice(i * batch, (i + 1) * batch)),
    );
    const result = await sendAll(requests, {
      port: node.port,
      connections: CONNECTIONS,
      rate: rate / batch,
      onSend: (request) => {
        const index = request * batch;
        if (index % SAMPLE >= batch) return;
        sentAt.set(index, performance.now());
        watch.subscribe(encodeBase58(transactions[index]!.subarray(1, 65)), () =>
          confirmedMs.push(performance.now() - sentAt.get(index)!),
        );
      },
    });
    const accepted = count - [...result.refusals.values()].reduce((sum, n) => sum + n, 0);
    const deadline = performance.now() + CONFIRM_MS;
    let confirmed = 0;
    let confirmedAt = performance.now();
    // What waits until its blockhash is too old is dropped: nothing comes any more then.
    while (confirmed < accepted && performance.now() < Math.min(deadline, confirmedAt + STILL_MS)) {
      const now = ((await node.call('getTransactionCount', { commitment: 'confirmed' })) as number) - before;
      if (now > confirmed) confirmedAt = performance.now();
      confirmed = now;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const seconds = (confirmedAt - startedAt) / 1e3;
    clearInterval(meter);
    watch.close();
    return {
      ...result,
      sent: count,
      confirmedRate: confirmed / seconds,
      expired: accepted - confirmed,
      confirmedMs: confirmedMs.sort((a, b) => a - b),
      peakMemoryBytes,
    };
  } finally {
    await node.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function genesisEntry([address, { lamports, data, owner, executable }]: ReturnType<
  typeof accountsOf
>[number]) {
  return {
    pubkey: encodeBase58(address),
    account: {
      lamports: Number(lamports),
      data: [Buffer.from(data).toString('base64'), 'base64'],
      owner: encodeBase58(owner),
      executable,
    },
  };
}

function replaceBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

async function startNode(flags: string[]) {
  const cli = join(REPOSITORY, 'packages/node/dist/cli.js');
  const child = trackChild(
    spawn(process.execPath, [...NODE_FLAGS, cli, 'node', '--rpc-port', '0', '--accounts', '0', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /JSON-RPC\)\s+http:\/\/[^:]+:(\d+)/.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`the node ended: ${output}`)));
  });
  const call = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  return {
    port,
    webSocketPort: port + 1,
    pid: child.pid!,
    call,
    close: async () => {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Subscriptions to signatures over one websocket. */
async function watchSignatures(port: number) {
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const waiting = new Map<number, () => void>();
  const listeners = new Map<number, () => void>();
  let nextId = 1;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as {
      id?: number;
      result?: number;
      params?: { subscription: number };
    };
    if (message.id !== undefined && message.result !== undefined) {
      listeners.set(message.result, waiting.get(message.id)!);
      waiting.delete(message.id);
    } else if (message.params !== undefined) listeners.get(message.params.subscription)?.();
  });
  return {
    subscribe: (signature: string, listener: () => void) => {
      const id = nextId++;
      waiting.set(id, listener);
      const params = [signature, { commitment: 'confirmed' }];
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'signatureSubscribe', params }));
    },
    close: () => socket.close(),
  };
}

/** Of a process and its children. */
function residentBytes(pid: number): number {
  const own = (id: number) => {
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
    return Number(line ?? 0) * 1024;
  };
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return own(pid) + children.reduce((sum, child) => sum + own(Number(child)), 0);
  } catch {
    return 0; // a process ended meanwhile, or there is no /proc here
  }
}
