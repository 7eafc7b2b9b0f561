import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, loop, type Service } from '@polyproof/base';
import {
  type BlobHash,
  type BlobStore,
  blobHash,
  eraseOld,
  FileBlobStore,
  S3BlobStore,
  type S3BlobStoreOptions,
  Uploads,
} from '@polyproof/protocol';

export interface BlobRoomOptions {
  /** for blobs, and for those on their way; default: a temporary one, gone at the end */
  directory?: string;
  /** keeps whole blobs in an S3-compatible service instead */
  s3?: S3BlobStoreOptions;
  /** of one blob; default 256 MiB */
  mostBytes?: number;
  /** how long a blob is kept that nothing refers to; default 24 hours */
  retentionMs?: number;
  /** how often old ones are looked for; default 60,000 */
  checkMs?: number;
}

const DAY_MS = 86_400_000;

/** Where an aggregator keeps what is too large for messages: made again when it is needed, so it may be erased after a time. */
export class BlobRoom implements Service {
  readonly store: BlobStore;
  readonly uploads: Uploads;
  readonly #retentionMs: number;
  readonly #temporary: string | undefined;
  readonly #modules: BlobRoomModules;
  readonly #abort = new AbortController();
  readonly #erasing: Promise<void>;

  constructor(options: BlobRoomOptions, modules: BlobRoomModules) {
    const { s3, mostBytes = 256 * 1024 * 1024, retentionMs = DAY_MS, checkMs = 60_000 } = options;
    this.#temporary =
      options.directory === undefined ? mkdtempSync(join(tmpdir(), 'polyproof-blobs-')) : undefined;
    const directory = options.directory ?? this.#temporary!;
    // Side by side, so that a file is moved from one into the other, not copied.
    this.store =
      s3 === undefined ? new FileBlobStore({ directory: join(directory, 'blobs') }) : new S3BlobStore(s3);
    this.uploads = new Uploads({ directory: join(directory, 'uploads'), mostBytes }, { store: this.store });
    this.#retentionMs = retentionMs;
    this.#modules = modules;
    this.#erasing = loop({
      step: () => this.eraseOld(),
      intervalMs: checkMs,
      signal: this.#abort.signal,
      onError: (error) => modules.logger.error('old blobs could not be erased', {}, error),
    });
  }

  /** Stores a content and names it; nothing happens where it is there already. */
  async put(content: Uint8Array): Promise<BlobHash> {
    const hash = blobHash(content);
    if ((await this.store.size(hash)) === undefined) await this.store.put(hash, content);
    return hash;
  }

  /** Erases what is older than its time and not referred to. Runs by itself. */
  async eraseOld(): Promise<void> {
    const before = this.#modules.now() - this.#retentionMs;
    await this.uploads.eraseOld(before);
    const keep = await this.#modules.keep();
    const erased = await eraseOld(this.store, { before, keep });
    if (erased > 0) this.#modules.logger.info('old blobs erased', { erased });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#erasing;
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }
}

export interface BlobRoomModules {
  /** blobs that are still referred to */
  keep: () => Promise<ReadonlySet<BlobHash>>;
  now: () => number;
  logger: Logger;
}
