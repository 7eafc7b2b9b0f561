import { connect, type Socket } from 'node:net';

export interface LoadResult {
  sent: number;
  seconds: number;
  /** answers other than a signature, by their text */
  refusals: Map<string, number>;
  /** milliseconds from request to answer, sorted */
  answerMs: number[];
}

export interface LoadOptions {
  port: number;
  /** each has one request under way */
  connections: number;
  /** requests a second at most; default: as many as are answered */
  rate?: number;
  /** told before a request leaves */
  onSend?: (index: number) => void;
}

/** the error of one call in an answer */
const ERROR = /"error":\{"code":-?\d+,"message":"[^"]*"/g;

/**
 * Sends every body as an HTTP request of its own over keep-alive connections. Written on bare sockets, because a client that
 * costs as much as the server would halve what is measured on a small machine.
 */
export async function sendAll(bodies: readonly Buffer[], options: LoadOptions): Promise<LoadResult> {
  const refusals = new Map<string, number>();
  const answerMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const mayStart = () =>
    options.rate === undefined ? 0 : startedAt + (next / options.rate) * 1000 - performance.now();

  const client = async () => {
    const connection = await open(options.port);
    try {
      for (;;) {
        const waitMs = mayStart();
        if (next >= bodies.length) return;
        if (waitMs > 1) {
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          continue;
        }
        const index = next++;
        options.onSend?.(index);
        const sentAt = performance.now();
        const answer = await connection.request(bodies[index]!);
        answerMs.push(performance.now() - sentAt);
        for (const error of answer.matchAll(ERROR)) refusals.set(error[0], (refusals.get(error[0]) ?? 0) + 1);
      }
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: options.connections }, client));
  return {
    sent: bodies.length,
    seconds: (performance.now() - startedAt) / 1000,
    refusals,
    answerMs: answerMs.sort((a, b) => a - b),
  };
}

/** A request of JSON-RPC's sendTransaction without preflight, with its HTTP head; several transactions are one JSON-RPC batch. */
export function sendTransactionRequest(transactions: readonly Uint8Array[]): Buffer {
  const calls = transactions.map((transaction, id) => {
    const text = Buffer.from(transaction).toString('base64');
    return `{"jsonrpc":"2.0","id":${id},"method":"sendTransaction","params":["${text}",{"encoding":"base64","skipPreflight":true}]}`;
  });
  const body = calls.length === 1 ? calls[0]! : `[${calls.join(',')}]`;
  const head = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body, 'latin1');
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

interface Connection {
  request(bytes: Buffer): Promise<string>;
  close(): void;
}

async function open(port: number): Promise<Connection> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect({ port, host: '127.0.0.1', noDelay: true });
    opening.once('connect', () => resolve(opening));
    opening.once('error', reject);
  });
  let received = '';
  let settle: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;
  const fail = (error: Error) => settle?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /content-length: (\d+)/i.exec(received.slice(0, headEnd))?.[1];
    if (length === undefined) {
      fail(new Error(`an answer without content-length: ${received.slice(0, headEnd)}`));
      return;
    }
    const end = headEnd + 4 + Number(length);
    if (received.length < end) return;
    const body = received.slice(headEnd + 4, end);
    received = received.slice(end);
    const { resolve } = settle!;
    settle = undefined;
    resolve(body);
  });
  return {
    request: (bytes) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}
