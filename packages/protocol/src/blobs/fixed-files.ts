import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type BlobHash, type BlobSource, missing } from './blob-store.js';

export interface FixedFile {
  name: string;
  hash: BlobHash;
  bytes: number;
}

/** Files that lie somewhere and do not change, as blobs. */
export class FixedFiles implements BlobSource {
  readonly files: readonly FixedFile[];
  readonly #paths: ReadonlyMap<BlobHash, { file: string; bytes: number }>;

  private constructor(files: (FixedFile & { file: string })[]) {
    this.files = files.map(({ name, hash, bytes }) => ({ name, hash, bytes }));
    this.#paths = new Map(files.map((entry) => [entry.hash, entry]));
  }

  /** Reads all of them once. */
  static async of(files: readonly { name: string; file: string }[]): Promise<FixedFiles> {
    const known: (FixedFile & { file: string })[] = [];
    for (const { name, file } of files) {
      const digest = createHash('sha256');
      for await (const part of createReadStream(file)) digest.update(part as Uint8Array);
      known.push({ name, file, hash: digest.digest('hex'), bytes: (await stat(file)).size });
    }
    return new FixedFiles(known);
  }

  async size(hash: BlobHash): Promise<number | undefined> {
    return this.#paths.get(hash)?.bytes;
  }

  async *read(hash: BlobHash, start: number, end: number): AsyncIterable<Uint8Array> {
    const known = this.#paths.get(hash);
    if (known === undefined) throw missing(hash);
    if (start < end)
      for await (const part of createReadStream(known.file, { start, end: end - 1 }))
        yield part as Uint8Array;
  }
}
