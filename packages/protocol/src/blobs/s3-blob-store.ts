import { createReadStream } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  BlobError,
  type BlobHash,
  type BlobStore,
  isBlobHash,
  missing,
  type StoredBlob,
} from './blob-store.js';
import { type S3Credentials, signV4 } from './signature-v4.js';

export interface S3BlobStoreOptions {
  /** of the service, with the bucket as its path: `https://s3.example.com/bucket`, and a prefix of keys behind it */
  url: string;
  region: string;
  credentials: S3Credentials;
  /** how long a request may go without a byte in either direction; default 60,000 */
  timeoutMs?: number;
}

/** SHA-256 of no bytes: what requests without a body are signed with. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MOST_ERROR_CHARACTERS = 300;

/** Blobs in a bucket of an S3-compatible service, each under its hash. */
export class S3BlobStore implements BlobStore {
  readonly #options: Required<S3BlobStoreOptions>;
  readonly #base: URL;
  /** keys of this store begin with it */
  readonly #prefix: string;
  readonly #now: () => number;

  constructor(options: S3BlobStoreOptions, modules: { now: () => number } = { now: Date.now }) {
    this.#options = { timeoutMs: 60_000, ...options };
    this.#base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
    this.#prefix = this.#base.pathname.split('/').slice(2).join('/');
    this.#now = modules.now;
  }

  async size(hash: BlobHash): Promise<number | undefined> {
    const response = await this.#send('HEAD', this.#at(hash));
    response.resume();
    if (response.statusCode === 404) return undefined;
    await this.#expect(response, 200);
    return Number(response.headers['content-length']);
  }

  async *read(hash: BlobHash, start: number, end: number): AsyncIterable<Uint8Array> {
    if (start >= end) return;
    const response = await this.#send('GET', this.#at(hash), { range: `bytes=${start}-${end - 1}` });
    if (response.statusCode === 404) {
      response.resume();
      throw missing(hash);
    }
    await this.#expect(response, 206);
    for await (const part of response) yield part as Uint8Array;
  }

  async put(hash: BlobHash, content: Uint8Array | { file: string; bytes: number }): Promise<void> {
    const body =
      content instanceof Uint8Array
        ? { stream: Readable.from([content]), bytes: content.length }
        : { stream: createReadStream(content.file), bytes: content.bytes };
    const response = await this.#send('PUT', this.#at(hash), {}, { ...body, hash });
    await this.#expect(response, 200);
    response.resume();
  }

  async erase(hash: BlobHash): Promise<void> {
    const response = await this.#send('DELETE', this.#at(hash));
    if (response.statusCode !== 404) await this.#expect(response, 200, 204);
    response.resume();
  }

  async *list(): AsyncIterable<StoredBlob> {
    const bucket = new URL(`/${this.#base.pathname.split('/')[1]}`, this.#base);
    for (let token: string | undefined; ; ) {
      bucket.search = new URLSearchParams({
        'list-type': '2',
        prefix: this.#prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      }).toString();
      const response = await this.#send('GET', bucket);
      await this.#expect(response, 200);
      const page = await text(response);
      for (const [, item] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const hash = (element(item!, 'Key') ?? '').slice(this.#prefix.length);
        if (!isBlobHash(hash)) continue;
        const storedAt = Date.parse(element(item!, 'LastModified') ?? '');
        yield { hash, bytes: Number(element(item!, 'Size')), storedAt };
      }
      token = element(page, 'NextContinuationToken');
      if (token === undefined) return;
    }
  }

  #at(hash: BlobHash): URL {
    return new URL(hash, this.#base);
  }

  async #send(
    method: string,
    url: URL,
    headers: Record<string, string> = {},
    body?: { stream: Readable; bytes: number; hash: BlobHash },
  ): Promise<IncomingMessage> {
    const { credentials, region, timeoutMs } = this.#options;
    const time = new Date(this.#now());
    const signed = signV4({ method, url, bodyHash: body?.hash ?? NO_BODY, time }, { credentials, region });
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      timeout: timeoutMs,
      headers: { ...headers, ...signed, ...(body === undefined ? {} : { 'content-length': body.bytes }) },
    });
    request.once('timeout', () => request.destroy(new Error(`no answer for ${timeoutMs} ms`)));
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
    });
    try {
      // A service that refuses may answer before it has read the body, and close.
      const sent = body === undefined ? request.end() : pipeline(body.stream, request).catch(() => undefined);
      const response = await answered;
      void sent;
      return response;
    } catch (cause) {
      const message = `the object store at ${url.origin} does not answer: ${(cause as Error).message}`;
      throw new BlobError('STORAGE_FAILED', message, {}, { cause });
    }
  }

  async #expect(response: IncomingMessage, ...statuses: number[]): Promise<void> {
    const { statusCode = 0 } = response;
    if (statuses.includes(statusCode)) return;
    const reason = (await text(response)).slice(0, MOST_ERROR_CHARACTERS);
    const full = statusCode === 507 || /QuotaExceeded|XMinioStorageFull/.test(reason);
    throw new BlobError(
      full ? 'STORAGE_FULL' : 'STORAGE_FAILED',
      `the object store at ${this.#base.origin} answered ${statusCode}: ${reason}`,
      { statusCode },
    );
  }
}

async function text(stream: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part as Uint8Array);
  return Buffer.concat(parts).toString();
}

/** Content of an XML element; keys here are hashes and tokens, which have nothing to unescape but these. */
function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1];
  return found?.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
