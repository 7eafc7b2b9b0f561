import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type S3Credentials, signV4 } from '../../src/blobs/signature-v4.js';

export interface S3DoubleOptions {
  credentials: S3Credentials;
  region: string;
  /** objects of one answer to a listing */
  pageSize: number;
}

/** As much of an S3-compatible service as a store of blobs uses, in memory. It checks signatures and hashes of bodies. */
export class S3Double {
  full = false;
  readonly objects = new Map<string, { content: Buffer; modified: Date }>();
  readonly #server: Server;
  readonly #options: S3DoubleOptions;

  private constructor(options: S3DoubleOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async listen(options: S3DoubleOptions): Promise<S3Double> {
    const double = new S3Double(options);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const end = (status: number, content: string | Buffer = '', headers = {}) =>
      response.writeHead(status, { 'content-length': Buffer.byteLength(content), ...headers }).end(content);
    const url = new URL(request.url ?? '/', this.url);
    const problem = this.#refusal(request, url, body);
    if (problem !== undefined) return void end(403, `<Error><Code>${problem}</Code></Error>`);
    const key = url.pathname;
    const found = this.objects.get(key);
    if (request.method === 'GET' && url.searchParams.get('list-type') === '2')
      return void end(200, this.#list(url));
    switch (request.method) {
      case 'PUT':
        if (this.full) return void end(507, '<Error><Code>XMinioStorageFull</Code></Error>');
        // As S3, which keeps times in whole seconds.
        this.objects.set(key, { content: body, modified: new Date(Math.floor(Date.now() / 1e3) * 1e3) });
        return void end(200);
      case 'DELETE':
        this.objects.delete(key);
        return void end(204);
      case 'HEAD':
        if (found === undefined) return void response.writeHead(404).end();
        return void response.writeHead(200, { 'content-length': found.content.length }).end();
      default: {
        if (found === undefined) return void end(404, '<Error><Code>NoSuchKey</Code></Error>');
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(request.headers.range))!;
        return void end(206, found.content.subarray(Number(first), Number(last) + 1));
      }
    }
  }

  #refusal(request: IncomingMessage, url: URL, body: Buffer): string | undefined {
    const bodyHash = createHash('sha256').update(body).digest('hex');
    if (request.headers['x-amz-content-sha256'] !== bodyHash) return 'XAmzContentSHA256Mismatch';
    const stamp = String(request.headers['x-amz-date']);
    const time = new Date(stamp.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
    if (Math.abs(Date.now() - time.getTime()) > 900_000) return 'RequestTimeTooSkewed';
    const expected = signV4({ method: request.method!, url, bodyHash, time }, this.#options);
    return request.headers.authorization === expected.authorization ? undefined : 'SignatureDoesNotMatch';
  }

  #list(url: URL): string {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = url.searchParams.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()]
      .filter((path) => path.startsWith(`${url.pathname}/${prefix}`))
      .map((path) => path.slice(url.pathname.length + 1))
      .filter((key) => key > after)
      .sort();
    const page = keys.slice(0, this.#options.pageSize);
    const contents = page.map((key) => {
      const { content, modified } = this.objects.get(`${url.pathname}/${key}`)!;
      return `<Contents><Key>${key}</Key><LastModified>${modified.toISOString()}</LastModified><Size>${content.length}</Size></Contents>`;
    });
    const token =
      keys.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return `<ListBucketResult>${contents.join('')}${token}</ListBucketResult>`;
  }
}
