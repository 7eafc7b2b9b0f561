import { bytesToBigInt, type Field } from '@polyproof/base';
import { AccountTreeError, TreePageError } from '../errors.js';
import type { Hasher } from '../hash-pool/hasher.js';
import type { PageChange } from './change-part.js';
import { computeUpdate, type UpdateSource } from './compute-update.js';
import { encodeHead, encodeRoot, type TreeHead } from './head-record.js';
import { pageVersion } from './page.js';
import { PageCache } from './page-cache.js';
import { hashBytes, PlaceInner, type PlaceNode } from './place-node.js';
import { hexName } from './tree-path.js';
import { TreeReader } from './tree-reader.js';
import {
  HEAD_KEY,
  imageKey,
  imageKeysUpTo,
  pageKey,
  readHead,
  readImages,
  readRoots,
  rootKey,
} from './tree-tables.js';
import type { AccountTreeTables, PreparedUpdate, TableWriter } from './types.js';

/** pruned with each write, beside twice as many as it adds: old versions never pile up, and no write is long */
const PRUNED_AT_LEAST = 256;

class Update implements PreparedUpdate {
  readonly base: TreeHead;
  readonly head: TreeHead;
  readonly pages: readonly PageChange[];
  /** records of the history; undefined is removed */
  readonly history: readonly (readonly [key: Buffer, value: Buffer | undefined])[];
  #records: ReadonlyMap<string, boolean> | undefined;

  constructor(update: Pick<Update, 'base' | 'head' | 'pages' | 'history'>) {
    this.base = update.base;
    this.head = update.head;
    this.pages = update.pages;
    this.history = update.history;
  }

  get root(): Field {
    return rootHash(this.head.root);
  }

  get version(): bigint {
    return this.head.version;
  }

  /** Whether a record of the history is there after it, of those that it changes. */
  get records(): ReadonlyMap<string, boolean> {
    this.#records ??= new Map(
      this.history.map(([key, value]) => [key.toString('latin1'), value !== undefined]),
    );
    return this.#records;
  }
}

/** The tree of an `AccountTree`, from keys to values. */
export class VersionedTree {
  readonly #tables: AccountTreeTables;
  readonly #hasher: Hasher;
  readonly #keepVersions: bigint;
  readonly #cache: PageCache;
  readonly #roots: Map<bigint, PlaceNode | null>;
  #head: TreeHead;
  /** pages as they were before an update that is written and not adopted, perhaps not committed */
  #underWrite = new Map<string, Uint8Array | undefined>();

  constructor(
    options: { keepVersions: number; cacheBytes: number },
    modules: { tables: AccountTreeTables; hasher: Hasher },
  ) {
    this.#tables = modules.tables;
    this.#hasher = modules.hasher;
    this.#keepVersions = BigInt(options.keepVersions);
    this.#cache = new PageCache(options.cacheBytes);
    this.#head = readHead(this.#tables) ?? { root: null, version: 1n, oldest: 0n };
    this.#roots = readRoots(this.#tables);
    if (this.#head.oldest === 0n) this.#roots.set(0n, null);
  }

  get root(): Field {
    return rootHash(this.#head.root);
  }

  get version(): bigint {
    return this.#head.version;
  }

  get oldestVersion(): bigint {
    return this.#head.oldest;
  }

  rootOf(version: bigint): Field | undefined {
    const root = this.#rootNode(version);
    return root === undefined ? undefined : rootHash(root);
  }

  /** @throws {AccountTreeError} `VERSION_NOT_KEPT` */
  at(version = this.#head.version): TreeReader {
    const root = this.#rootNode(version);
    if (root === undefined) throw this.#notKept(version);
    return new TreeReader(root, (name) => this.#readPage(name, version));
  }

  /** @throws {AccountTreeError} `OUTDATED_UPDATE` where `after` does not belong to the tree as it is now */
  async prepare<T extends { key: Uint8Array }>(
    changes: readonly T[],
    {
      after,
      ...source
    }: Pick<UpdateSource<T>, 'valuesOf' | 'changeElsewhere'> & { after?: PreparedUpdate | undefined },
  ): Promise<PreparedUpdate> {
    const previous = after === undefined ? undefined : this.#checked(after);
    const base = previous?.head ?? this.#head;
    const { root, version } = base;
    const overlay = new Map(previous?.pages.map((page) => [page.name, page.after]));
    const readPage = (name: string) => overlay.get(name) ?? this.#readPage(name, this.version);
    const { root: newRoot, pages } = await computeUpdate(
      { root, version, changes, ...source },
      { hasher: this.#hasher, readPage },
    );
    return new Update({
      base,
      head: { ...base, root: withoutChildren(newRoot) },
      pages,
      history: pages.flatMap(({ name, before }) => this.#image({ version, name, before }, previous)),
    });
  }

  /** @throws {AccountTreeError} `OUTDATED_UPDATE` where `last` does not belong to the tree as it is now */
  seal(last?: PreparedUpdate): PreparedUpdate {
    const changed = last === undefined ? undefined : this.#checked(last);
    const base = this.#head;
    const root = changed === undefined ? base.root : changed.head.root;
    const version = base.version + 1n;
    const wanted = version - this.#keepVersions;
    const oldest = wanted > base.oldest ? wanted : base.oldest;
    const history: (readonly [Buffer, Buffer | undefined])[] = [
      ...(changed?.history ?? []),
      [rootKey(base.version), encodeRoot(root)],
    ];
    for (let pruned = base.oldest; pruned < oldest; pruned++) history.push([rootKey(pruned), undefined]);
    return new Update({ base, head: { root, version, oldest }, pages: changed?.pages ?? [], history });
  }

  /** @throws {AccountTreeError} `VERSION_NOT_KEPT` */
  rollBack(version: bigint): PreparedUpdate {
    const base = this.#head;
    const root = version < base.version ? this.#rootNode(version) : undefined;
    if (root === undefined) throw this.#notKept(version);
    const pages = new Map<string, PageChange>();
    const history: [Buffer, Buffer | undefined][] = [];
    for (const { key, name, value } of readImages(this.#tables, version + 1n, base.version)) {
      history.push([Buffer.from(key), undefined]);
      if (pages.has(name)) continue;
      const before = this.#newestPage(name);
      pages.set(name, {
        name,
        before,
        after: value.length === 0 ? undefined : new Uint8Array(value),
      });
    }
    for (let later = version + 1n; later < base.version; later++) history.push([rootKey(later), undefined]);
    // the version's own root is written again when it is sealed again
    return new Update({
      base,
      head: { root, version: version + 1n, oldest: base.oldest },
      pages: [...pages.values()],
      history,
    });
  }

  /** @throws {AccountTreeError} `OUTDATED_UPDATE` when the tree moved on since the update was prepared */
  write(prepared: PreparedUpdate, writer: TableWriter): void {
    const { head, pages, history } = this.#checked(prepared);
    const tables = this.#tables;
    for (const { name, after } of pages) {
      if (after === undefined) writer.remove(tables.pages, pageKey(name));
      else writer.put(tables.pages, pageKey(name), asBuffer(after));
    }
    const pruned = Math.max(PRUNED_AT_LEAST, 2 * history.length);
    for (const key of imageKeysUpTo(tables, head.oldest, pruned)) writer.remove(tables.history, key);
    for (const [key, value] of history) {
      if (value === undefined) writer.remove(tables.history, key);
      else writer.put(tables.history, key, value);
    }
    writer.put(tables.pages, HEAD_KEY, encodeHead(head));
    this.#underWrite = new Map(pages.map(({ name, before }) => [name, before]));
  }

  /** @throws {AccountTreeError} `OUTDATED_UPDATE` when the tree moved on since the update was prepared */
  adopt(prepared: PreparedUpdate): void {
    const { base, head, pages } = this.#checked(prepared);
    this.#underWrite.clear();
    for (const { name, after } of pages) {
      if (after === undefined) this.#cache.delete(name);
      else this.#cache.set(name, after);
    }
    if (head.version > base.version) this.#roots.set(base.version, head.root);
    for (const version of this.#roots.keys())
      if (version < head.oldest || version >= head.version) this.#roots.delete(version);
    this.#head = head;
  }

  #checked(prepared: PreparedUpdate): Update {
    if (prepared instanceof Update && prepared.base === this.#head) return prepared;
    throw new AccountTreeError(
      'OUTDATED_UPDATE',
      `the update to root ${prepared.root} does not belong to the tree as it is now, at root ${this.root}: ` +
        'prepare it again.',
      { updateRoot: prepared.root, root: this.root },
    );
  }

  #rootNode(version: bigint): PlaceNode | null | undefined {
    return version === this.#head.version ? this.#head.root : this.#roots.get(version);
  }

  #notKept(version: bigint): AccountTreeError {
    const { oldest, version: open } = this.#head;
    return new AccountTreeError(
      'VERSION_NOT_KEPT',
      `version ${version} of the account tree is not kept: there are versions ${oldest} to ${open - 1n}, and ` +
        `${open} is open.`,
      { version, oldest, open },
    );
  }

  /**
   * The record that keeps a page readable for earlier versions, where this version changes it for the first time.
   * @param previous - an update that is not written yet, and may have made the record
   */
  #image(
    page: { version: bigint; name: string; before: Uint8Array | undefined },
    previous: Update | undefined,
  ): (readonly [Buffer, Buffer])[] {
    const { version, name, before } = page;
    if (before !== undefined)
      return pageVersion(before) === version ? [] : [[imageKey(version, name), asBuffer(before)]];
    const key = imageKey(version, name);
    // a page that comes back within the version that removed it has its image already
    const isThere =
      previous?.records.get(key.toString('latin1')) ?? this.#tables.history.get(key) !== undefined;
    return isThere ? [] : [[key, Buffer.alloc(0)]];
  }

  #readPage(name: string, version: bigint): Uint8Array {
    const newest = this.#newestPage(name);
    if (newest !== undefined && (version === this.#head.version || pageVersion(newest) <= version))
      return newest;
    for (let later = version + 1n; later <= this.#head.version; later++) {
      const image = this.#tables.history.get(imageKey(later, name));
      if (image !== undefined && image.length > 0) return image;
    }
    throw new TreePageError(
      'BAD_TREE_PAGE',
      `page ${hexName(name)} of the account tree is missing at version ${version}: the store is damaged.`,
      { version },
    );
  }

  #newestPage(name: string): Uint8Array | undefined {
    if (this.#underWrite.has(name)) return this.#underWrite.get(name);
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const stored = this.#tables.pages.get(pageKey(name));
    if (stored === undefined) return undefined;
    this.#cache.set(name, stored);
    return stored;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function rootHash(root: PlaceNode | null): Field {
  return root === null ? 0n : bytesToBigInt(hashBytes(root));
}

/** The root without what an update hangs on it, so that old nodes can be forgotten. */
function withoutChildren(root: PlaceNode | null): PlaceNode | null {
  if (root === null || root.leaf) return root;
  return new PlaceInner({ bytes: new Uint8Array(hashBytes(root)), at: 0 });
}
