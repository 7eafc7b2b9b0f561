import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { open, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobError, type BlobHash, type BlobStore, corrupt, isBlobHash } from './blob-store.js';
import { storageError } from './file-blob-store.js';

export interface UploadsOptions {
  /** where blobs lie until all of their parts are there */
  directory: string;
  /** of one blob */
  mostBytes: number;
}

/**
 * Blobs that arrive in parts. What has arrived stays when a connection breaks, or the process ends: the sender goes on
 * from there.
 */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #store: BlobStore;
  /** one sender at a time writes to a blob */
  readonly #busy = new Set<BlobHash>();

  constructor(options: UploadsOptions, modules: { store: BlobStore }) {
    this.#options = options;
    this.#store = modules.store;
    mkdirSync(options.directory, { recursive: true });
  }

  /** How many bytes of a blob have arrived that is not complete. */
  async received(hash: BlobHash): Promise<number> {
    return stat(this.#file(hash)).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /**
   * Takes one part, and stores the blob when it is the last one.
   * @param part.offset - of its first byte in the blob. @param part.total - bytes of the whole blob
   * @returns bytes that are there now
   * @throws {BlobError} `BLOB_TOO_LARGE`, `WRONG_OFFSET`, `BLOB_CORRUPT`, `STORAGE_FULL`, `STORAGE_FAILED`
   */
  async append(
    hash: BlobHash,
    part: { offset: number; total: number; content: AsyncIterable<Uint8Array> },
  ): Promise<number> {
    const { mostBytes } = this.#options;
    if (part.total > mostBytes)
      throw new BlobError('BLOB_TOO_LARGE', `a blob has at most ${mostBytes} bytes here, not ${part.total}.`);
    if (this.#busy.has(hash))
      throw new BlobError('WRONG_OFFSET', `blob ${hash} is being sent already: wait for it, or go on later.`);
    this.#busy.add(hash);
    try {
      if ((await this.#store.size(hash)) !== undefined) return part.total;
      const received = await this.received(hash);
      if (part.offset !== received)
        throw new BlobError(
          'WRONG_OFFSET',
          `${received} bytes of blob ${hash} are there, go on from there.`,
          {
            received,
          },
        );
      const length = await this.#write(hash, part);
      if (length === part.total) await this.#finish(hash, length);
      return length;
    } finally {
      this.#busy.delete(hash);
    }
  }

  /** Forgets uploads that have not grown since `before` (ms since 1970). */
  async eraseOld(before: number): Promise<void> {
    for await (const { name } of await opendir(this.#options.directory)) {
      if (!isBlobHash(name) || this.#busy.has(name)) continue;
      const found = await stat(this.#file(name)).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < before) await rm(this.#file(name), { force: true });
    }
  }

  /** @returns length of the file after it */
  async #write(
    hash: BlobHash,
    part: { offset: number; total: number; content: AsyncIterable<Uint8Array> },
  ): Promise<number> {
    const handle = await open(this.#file(hash), 'a');
    let length = part.offset;
    try {
      for await (const bytes of part.content) {
        if (length + bytes.length > part.total)
          throw new BlobError(
            'BLOB_TOO_LARGE',
            `blob ${hash} was to have ${part.total} bytes, and has more.`,
          );
        await handle.writeFile(bytes);
        length += bytes.length;
      }
      if (length === part.total) await handle.sync();
      return length;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A connection that broke is no trouble of the store: what came stays.
      throw code === 'ECONNRESET' || code === 'ABORT_ERR' ? error : storageError(error);
    } finally {
      await handle.close();
    }
  }

  async #finish(hash: BlobHash, bytes: number): Promise<void> {
    const file = this.#file(hash);
    const digest = createHash('sha256');
    for await (const part of createReadStream(file)) digest.update(part as Uint8Array);
    if (digest.digest('hex') !== hash) {
      await rm(file, { force: true });
      throw corrupt(hash);
    }
    await this.#store.put(hash, { file, bytes });
    await rm(file, { force: true });
  }

  #file(hash: BlobHash): string {
    return join(this.#options.directory, hash);
  }
}
