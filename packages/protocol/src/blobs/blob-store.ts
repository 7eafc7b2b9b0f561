import { createHash } from 'node:crypto';
import { PolyproofError } from '@polyproof/base';

/** SHA-256 of the content, 64 lower-case hex digits: a blob's only name. */
export type BlobHash = string;

export interface StoredBlob {
  hash: BlobHash;
  bytes: number;
  /** milliseconds since 1970 */
  storedAt: number;
}

export type BlobErrorCode =
  | 'BAD_BLOB_NAME'
  /** nothing is stored under the name, or it was erased after its time */
  | 'BLOB_MISSING'
  | 'BLOB_TOO_LARGE'
  /** the content has another hash than its name says */
  | 'BLOB_CORRUPT'
  /** a part that does not begin where the last one ended */
  | 'WRONG_OFFSET'
  /** no room: nothing that was stored before is lost, and what is given again later is taken */
  | 'STORAGE_FULL'
  /** the connection broke: go on from there */
  | 'INTERRUPTED'
  | 'STORAGE_FAILED';

export class BlobError extends PolyproofError<BlobErrorCode> {}

/** What can be read of blobs. */
export interface BlobSource {
  /** in bytes; `undefined` where there is no such blob */
  size(hash: BlobHash): Promise<number | undefined>;
  /**
   * The bytes from `start` up to, not including, `end`.
   * @throws {BlobError} `BLOB_MISSING`
   */
  read(hash: BlobHash, start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Where blobs are kept. A blob is there whole, or not at all. */
export interface BlobStore extends BlobSource {
  /**
   * Stores a content whose hash the caller knows; a file is left to the store, which may move it.
   * @throws {BlobError} `STORAGE_FULL`, `STORAGE_FAILED`
   */
  put(hash: BlobHash, content: Uint8Array | { file: string; bytes: number }): Promise<void>;
  erase(hash: BlobHash): Promise<void>;
  list(): AsyncIterable<StoredBlob>;
}

export function blobHash(content: Uint8Array): BlobHash {
  return createHash('sha256').update(content).digest('hex');
}

export function isBlobHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** @throws {BlobError} `BAD_BLOB_NAME`, so that a name is never a path */
export function checkBlobHash(text: string): BlobHash {
  if (!isBlobHash(text))
    throw new BlobError(
      'BAD_BLOB_NAME',
      `"${text.slice(0, 80)}" is no name of a blob: give the 64 hex digits of its SHA-256.`,
    );
  return text;
}

/** Whole content of a blob, compared with its name. @throws {BlobError} `BLOB_MISSING`, `BLOB_CORRUPT` */
export async function readBlob(source: BlobSource, hash: BlobHash): Promise<Uint8Array> {
  const bytes = await source.size(hash);
  if (bytes === undefined) throw missing(hash);
  const parts: Uint8Array[] = [];
  for await (const part of source.read(hash, 0, bytes)) parts.push(part);
  const content = new Uint8Array(Buffer.concat(parts));
  if (blobHash(content) !== hash) throw corrupt(hash);
  return content;
}

/** Erases what was stored before `before` (ms since 1970) and is not to be kept. @returns how many */
export async function eraseOld(
  store: BlobStore,
  options: { before: number; keep?: ReadonlySet<BlobHash> },
): Promise<number> {
  let erased = 0;
  for await (const { hash, storedAt } of store.list()) {
    if (storedAt >= options.before || options.keep?.has(hash)) continue;
    await store.erase(hash);
    erased++;
  }
  return erased;
}

export function missing(hash: BlobHash): BlobError {
  return new BlobError('BLOB_MISSING', `there is no blob ${hash}: it was never stored, or is erased again.`);
}

export function corrupt(hash: BlobHash): BlobError {
  return new BlobError('BLOB_CORRUPT', `what came as blob ${hash} has another SHA-256: send it again.`);
}
