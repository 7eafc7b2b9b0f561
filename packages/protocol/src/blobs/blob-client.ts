import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http2';
import type { Http2SessionManager } from '@connectrpc/connect-node';
import { errorMessage } from '@polyproof/base';
import { BLOB_PATH, CODE_HEADER, RECEIVED_HEADER } from './blob-server.js';
import { BlobError, type BlobErrorCode, type BlobHash, blobHash, corrupt, missing } from './blob-store.js';

/** What one request of an upload carries: after a broken connection, at most this is sent again. */
const PART_BYTES = 8 * 1024 * 1024;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: AsyncIterable<Uint8Array>;
}

/** Blobs of an aggregator. Everything that is read is compared with its name. */
export class BlobClient {
  readonly #sessions: Http2SessionManager;
  readonly #headers: () => Promise<Record<string, string>>;

  /** @param modules.headers - that authorise a request */
  constructor(modules: { sessions: Http2SessionManager; headers: () => Promise<Record<string, string>> }) {
    this.#sessions = modules.sessions;
    this.#headers = modules.headers;
  }

  /** @throws {BlobError} `BLOB_MISSING`, `BLOB_CORRUPT`, `BLOB_TOO_LARGE` for more than `mostBytes` */
  async get(hash: BlobHash, options: { mostBytes: number; signal?: AbortSignal }): Promise<Uint8Array> {
    const answer = await this.#request(
      'GET',
      hash,
      options.signal === undefined ? {} : { signal: options.signal },
    );
    await expectStatus(answer, hash, 200);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of answer.body) {
      length += part.length;
      if (length > options.mostBytes)
        throw new BlobError('BLOB_TOO_LARGE', `blob ${hash} has more than ${options.mostBytes} bytes.`);
      parts.push(part);
    }
    checkLength(hash, length, Number(answer.headers['content-length']));
    const content = new Uint8Array(Buffer.concat(parts));
    if (blobHash(content) !== hash) throw corrupt(hash);
    return content;
  }

  /**
   * Fetches a blob into a file, going on where an earlier call was interrupted; the file is there only when it is whole.
   * @throws {BlobError} `BLOB_MISSING`, `BLOB_CORRUPT`
   */
  async download(hash: BlobHash, file: string, signal?: AbortSignal): Promise<void> {
    const partial = `${file}.part`;
    const have = await stat(partial).then(
      ({ size }) => size,
      () => 0,
    );
    const answer = await this.#request('GET', hash, {
      headers: { range: `bytes=${have}-` },
      ...(signal === undefined ? {} : { signal }),
    });
    // A range that the blob does not have: what lies here is of something else.
    if (answer.status === 416) {
      await rm(partial);
      throw corrupt(hash);
    }
    await expectStatus(answer, hash, 206);
    const handle = await open(partial, 'a');
    let length = 0;
    try {
      for await (const part of answer.body) {
        await handle.writeFile(part);
        length += part.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    checkLength(hash, length, Number(answer.headers['content-length']));
    const digest = createHash('sha256');
    for await (const part of createReadStream(partial)) digest.update(part as Uint8Array);
    if (digest.digest('hex') !== hash) {
      await rm(partial);
      throw corrupt(hash);
    }
    await rename(partial, file);
  }

  /**
   * Stores a blob, in parts; what the other side has already is not sent again.
   * @throws {BlobError} as the other side refused it
   */
  async put(content: Uint8Array, signal?: AbortSignal): Promise<BlobHash> {
    const hash = blobHash(content);
    const options = signal === undefined ? {} : { signal };
    const state = await this.#request('HEAD', hash, options);
    await drain(state);
    if (state.status === 200) return hash;
    if (state.status !== 404) await expectStatus(state, hash, 404);
    let offset = Number(state.headers[RECEIVED_HEADER] ?? 0);
    do {
      const end = Math.min(content.length, offset + PART_BYTES);
      const answer = await this.#request('PUT', hash, {
        ...options,
        headers: { 'content-range': `bytes ${offset}-${Math.max(offset, end - 1)}/${content.length}` },
        body: content.subarray(offset, end),
      });
      await expectStatus(answer, hash, 201, 202);
      await drain(answer);
      offset = end;
    } while (offset < content.length);
    return hash;
  }

  async #request(
    method: string,
    hash: BlobHash,
    options: { headers?: Record<string, string>; body?: Uint8Array; signal?: AbortSignal },
  ): Promise<Answer> {
    const { body, signal, headers = {} } = options;
    signal?.throwIfAborted();
    const authorised = { ...headers, ...(await this.#headers()) };
    const stream = await this.#sessions.request(method, `${BLOB_PATH}${hash}`, authorised, {
      endStream: false,
    });
    const cancel = () => stream.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', cancel, { once: true });
    stream.once('close', () => signal?.removeEventListener('abort', cancel));
    const answered = new Promise<IncomingHttpHeaders & { ':status'?: number }>((resolve, reject) => {
      stream.once('response', resolve);
      stream.once('error', reject);
      stream.once('close', () => reject(new Error('the connection was closed')));
    });
    stream.end(body);
    const received = await answered;
    // Errors after the answer reach who reads the body.
    stream.on('error', () => undefined);
    return { status: received[':status'] ?? 0, headers: received, body: stream };
  }
}

/** A connection that breaks ends a body as if that were all of it. */
function checkLength(hash: BlobHash, length: number, announced: number): void {
  if (length < announced)
    throw new BlobError(
      'INTERRUPTED',
      `the connection broke after ${length} of ${announced} bytes of blob ${hash}.`,
    );
}

async function drain({ body }: Answer): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function expectStatus(answer: Answer, hash: BlobHash, ...statuses: number[]): Promise<void> {
  if (statuses.includes(answer.status)) return;
  const text = await drain(answer).catch(errorMessage);
  const code = answer.headers[CODE_HEADER] as BlobErrorCode | undefined;
  if (code === 'BLOB_MISSING') throw missing(hash);
  throw new BlobError(
    code ?? 'STORAGE_FAILED',
    code === undefined ? `blob ${hash} was refused with status ${answer.status}: ${text}` : text,
  );
}
