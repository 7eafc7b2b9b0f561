import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '@polyproof/base';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BlobStore,
  blobHash,
  createProverClient,
  eraseOld,
  FileBlobStore,
  type ProverApi,
  type ProverClient,
  ProverServer,
  readBlob,
  S3BlobStore,
  Uploads,
} from '../src/index.js';
import { S3Double } from './support/s3-double.js';

const MOST_BYTES = 20_000_000;
const closers: (() => unknown)[] = [];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-blobs-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

const CREDENTIALS = { accessKeyId: 'operator', secretAccessKey: 'a secret' };

async function s3(): Promise<{ store: S3BlobStore; service: S3Double }> {
  const service = await S3Double.listen({ credentials: CREDENTIALS, region: 'eu-1', pageSize: 2 });
  closers.push(() => service.close());
  const url = `${service.url}/bucket/proofs`;
  return { store: new S3BlobStore({ url, region: 'eu-1', credentials: CREDENTIALS }), service };
}

const STORES: [string, () => Promise<BlobStore>][] = [
  ['files', async () => new FileBlobStore({ directory: join(directory, 'blobs') })],
  ['S3', async () => (await s3()).store],
];

describe.each(STORES)('blobs in %s', (_name, open) => {
  it('are read back, whole and in parts, and are gone when erased', async () => {
    const store = await open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.nat(), fc.nat(), async (content, a, b) => {
        const hash = blobHash(content);
        expect(await store.size(hash)).toBeUndefined();
        await store.put(hash, content);
        expect(await store.size(hash)).toBe(content.length);
        expect(await readBlob(store, hash)).toEqual(content);
        const [start, end] = [a % (content.length + 1), b % (content.length + 1)].sort((x, y) => x - y);
        const parts: Uint8Array[] = [];
        for await (const part of store.read(hash, start!, end!)) parts.push(part);
        expect(new Uint8Array(Buffer.concat(parts))).toEqual(content.slice(start, end));
        await store.erase(hash);
        expect(await store.size(hash)).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });

  it('take a file over', async () => {
    const store = await open();
    const content = randomBytes(100_000);
    const file = join(directory, 'file');
    writeFileSync(file, content);
    await store.put(blobHash(content), { file, bytes: content.length });
    expect(await readBlob(store, blobHash(content))).toEqual(new Uint8Array(content));
  });

  it('are erased after their time, but for those that are kept', async () => {
    const store = await open();
    const contents = [1, 2, 3, 4, 5].map((byte) => new Uint8Array(byte).fill(byte));
    for (const content of contents) await store.put(blobHash(content), content);
    expect(await eraseOld(store, { before: Date.now() - 60_000 })).toBe(0);
    const keep = new Set([blobHash(contents[1]!)]);
    expect(await eraseOld(store, { before: Date.now() + 60_000, keep })).toBe(4);
    expect(await readBlob(store, blobHash(contents[1]!))).toEqual(contents[1]);
    await expect(readBlob(store, blobHash(contents[0]!))).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });
});

describe('a bucket', () => {
  it('is not opened by another secret, and says so', async () => {
    const { service } = await s3();
    const credentials = { ...CREDENTIALS, secretAccessKey: 'guessed' };
    const store = new S3BlobStore({ url: `${service.url}/bucket`, region: 'eu-1', credentials });
    const content = Uint8Array.of(1);
    await expect(store.put(blobHash(content), content)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('SignatureDoesNotMatch'),
    });
  });

  it('that is full is a full store', async () => {
    const { store, service } = await s3();
    service.full = true;
    const content = randomBytes(3_000_000);
    await expect(store.put(blobHash(content), content)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  });

  it('that is gone is told from one that refuses', async () => {
    const { store, service } = await s3();
    await service.close();
    await expect(store.size('00'.repeat(32))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });
});

describe('a full disk', () => {
  it('refuses a blob, loses none, and takes it when there is room', async () => {
    // Files of at most so many blocks of 512 or 1,024 bytes: what is written beyond is refused as by a full disk.
    const script = 'ulimit -f 512 && exec "$0" "$1" "$2"';
    const fixture = fileURLToPath(new URL('./fixtures/full-disk.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, fixture, directory]);
    const { small, large, codes } = JSON.parse(stdout) as { small: string; large: string; codes: string[] };
    expect(codes).toEqual(['STORAGE_FULL', 'STORAGE_FULL']);
    const store = new FileBlobStore({ directory: join(directory, 'blobs') });
    expect((await readBlob(store, small)).length).toBe(1_000);
    expect(await store.size(large)).toBeUndefined();
    expect(readdirSync(join(directory, 'blobs'))).toEqual([small]);
    const content = new Uint8Array(2_000_000).fill(7);
    await store.put(large, content);
    expect(await readBlob(store, large)).toEqual(content);
  });
});

describe('blobs over HTTP', () => {
  async function serve(mostBytes = MOST_BYTES) {
    const store = new FileBlobStore({ directory: join(directory, 'blobs') });
    const uploads = new Uploads({ directory: join(directory, 'uploads'), mostBytes }, { store });
    const server = await ProverServer.listen(
      { host: '127.0.0.1', port: 0 },
      { implementation: {} as ProverApi, blobs: { sources: [store], uploads }, logger: silentLogger },
    );
    closers.push(() => server.close());
    return { store, uploads, server };
  }

  function connect(url: string): ProverClient {
    const client = createProverClient(url);
    closers.push(() => client.close());
    return client;
  }

  it('travel both ways, in parts', async () => {
    const { server, store } = await serve();
    const { blobs } = connect(server.url);
    for (const length of [0, 1, 70_000, 17_000_000]) {
      const content = new Uint8Array(randomBytes(length));
      const hash = await blobs.put(content);
      expect(await blobs.put(content)).toBe(hash);
      expect(Buffer.compare(await readBlob(store, hash), content)).toBe(0);
      expect(Buffer.compare(await blobs.get(hash, { mostBytes: MOST_BYTES }), content)).toBe(0);
    }
  });

  it('go on where a broken connection left them, in both directions', async () => {
    const { server, store, uploads } = await serve();
    const content = new Uint8Array(randomBytes(18_000_000));
    const hash = blobHash(content);
    const proxy = await CuttingProxy.listen(Number(new URL(server.url).port), 10_000_000);
    await expect(connect(proxy.url).blobs.put(content)).rejects.toThrow();
    const received = await uploads.received(hash);
    expect(received).toBeGreaterThanOrEqual(8 * 1024 * 1024);
    proxy.reset(12_000_000); // enough for the rest, too little for all
    await connect(proxy.url).blobs.put(content);
    expect(Buffer.compare(await readBlob(store, hash), content)).toBe(0);

    const file = join(directory, 'downloaded');
    proxy.reset(10_000_000);
    await expect(connect(proxy.url).blobs.download(hash, file)).rejects.toThrow();
    expect(existsSync(file)).toBe(false);
    proxy.reset(17_000_000);
    await connect(proxy.url).blobs.download(hash, file);
    expect(Buffer.compare(readFileSync(file), content)).toBe(0);
  });

  it('are refused when they are too large, before they are read', async () => {
    const { server, uploads } = await serve(1_000);
    const content = randomBytes(1_001);
    await expect(connect(server.url).blobs.put(content)).rejects.toMatchObject({ code: 'BLOB_TOO_LARGE' });
    expect(await uploads.received(blobHash(content))).toBe(0);
  });

  it('are refused under another name than their own, and the right ones are taken afterwards', async () => {
    const { server, store, uploads } = await serve();
    const content = new Uint8Array(randomBytes(1_000));
    const hash = blobHash(content);
    const lie = async function* () {
      yield new Uint8Array(1_000);
    };
    await expect(uploads.append(hash, { offset: 0, total: 1_000, content: lie() })).rejects.toMatchObject({
      code: 'BLOB_CORRUPT',
    });
    await connect(server.url).blobs.put(content);
    expect(await readBlob(store, hash)).toEqual(content);
  });

  it('that rot on the disk are not taken for what they were', async () => {
    const { server, store } = await serve();
    const client = connect(server.url);
    const hash = await client.blobs.put(new Uint8Array(randomBytes(1_000)));
    writeFileSync(join(directory, 'blobs', hash), new Uint8Array(1_000));
    await expect(client.blobs.get(hash, { mostBytes: 1_000 })).rejects.toMatchObject({
      code: 'BLOB_CORRUPT',
    });
    const file = join(directory, 'file');
    await expect(client.blobs.download(hash, file)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await expect(readBlob(store, hash)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(existsSync(file)).toBe(false);
  });

  it('have no other names than hashes', async () => {
    const { server } = await serve();
    const { blobs } = connect(server.url);
    for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), '..%2f..%2fpackage.json'])
      await expect(blobs.get(name, { mostBytes: 1_000 })).rejects.toMatchObject({ code: 'BAD_BLOB_NAME' });
  });

  it('that nobody goes on sending are forgotten', async () => {
    const { uploads } = await serve();
    const hash = blobHash(Uint8Array.of(1));
    const half = async function* () {
      yield new Uint8Array(10);
    };
    await uploads.append(hash, { offset: 0, total: 20, content: half() });
    utimesSync(join(directory, 'uploads', hash), 1, 1);
    await uploads.eraseOld(2_000);
    expect(await uploads.received(hash)).toBe(0);
  });
});

it('names what it stores by SHA-256', () => {
  const content = randomBytes(10);
  expect(blobHash(content)).toBe(createHash('sha256').update(content).digest('hex'));
});

/** Cuts every connection after so many bytes in both directions together. */
class CuttingProxy {
  readonly url: string;
  #left: number;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, left: number) {
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    this.#left = left;
  }

  static async listen(port: number, left: number): Promise<CuttingProxy> {
    let proxy: CuttingProxy;
    const server = createServer((inner) => proxy.#join(inner, createConnection(port, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = new CuttingProxy(server, left);
    closers.push(() => {
      for (const socket of proxy.#sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  reset(left: number): void {
    this.#left = left;
  }

  #join(a: Socket, b: Socket): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (bytes: Buffer) => {
        this.#left -= bytes.length;
        if (this.#left > 0) return void to.write(bytes);
        a.destroy();
        b.destroy();
      });
      from.on('close', () => to.destroy());
    }
  }
}
