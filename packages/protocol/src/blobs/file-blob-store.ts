import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '@polyproof/base';
import {
  BlobError,
  type BlobHash,
  type BlobStore,
  isBlobHash,
  missing,
  type StoredBlob,
} from './blob-store.js';

/** Blobs as files of a directory, each under its hash. */
export class FileBlobStore implements BlobStore {
  readonly #directory: string;

  /** Makes the directory where there is none. */
  constructor(options: { directory: string }) {
    this.#directory = options.directory;
    mkdirSync(options.directory, { recursive: true });
  }

  async size(hash: BlobHash): Promise<number | undefined> {
    try {
      return (await stat(this.#file(hash))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storageError(error);
    }
  }

  async *read(hash: BlobHash, start: number, end: number): AsyncIterable<Uint8Array> {
    if (start >= end) return;
    try {
      for await (const part of createReadStream(this.#file(hash), { start, end: end - 1 }))
        yield part as Uint8Array;
    } catch (error) {
      throw isMissing(error) ? missing(hash) : storageError(error);
    }
  }

  async put(hash: BlobHash, content: Uint8Array | { file: string; bytes: number }): Promise<void> {
    // Under its name only when all of it is on the disk.
    const file = content instanceof Uint8Array ? join(this.#directory, `.${randomUUID()}`) : content.file;
    try {
      if (content instanceof Uint8Array) await writeDurably(file, content);
      await rename(file, this.#file(hash));
    } catch (error) {
      await rm(file, { force: true });
      throw storageError(error);
    }
  }

  async erase(hash: BlobHash): Promise<void> {
    await rm(this.#file(hash), { force: true });
  }

  async *list(): AsyncIterable<StoredBlob> {
    for await (const { name } of await opendir(this.#directory)) {
      if (!isBlobHash(name)) continue;
      const found = await stat(this.#file(name)).catch((error: unknown) => {
        if (isMissing(error)) return undefined; // erased meanwhile
        throw storageError(error);
      });
      if (found !== undefined) yield { hash: name, bytes: found.size, storedAt: found.mtimeMs };
    }
  }

  #file(hash: BlobHash): string {
    return join(this.#directory, hash);
  }
}

async function writeDurably(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What the disk said, with what to do about it. */
export function storageError(error: unknown): BlobError {
  if (error instanceof BlobError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
    ? new BlobError(
        'STORAGE_FULL',
        `there is no room for blobs (${code}): make room, or erase them sooner; what is stored is kept.`,
        {},
        { cause: error },
      )
    : new BlobError(
        'STORAGE_FAILED',
        `the store of blobs failed: ${errorMessage(error)}`,
        {},
        { cause: error },
      );
}
