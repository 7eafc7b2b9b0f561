import { InvariantError } from '@polyproof/base';
import { WIDTH } from '../path.js';
import { ByteSink, ByteSource } from './byte-stream.js';
import type { ChangedPart, PageChange } from './change-part.js';
import type { DistantPart } from './compute-update.js';
import type { KeyedChange } from './hash-accounts.js';
import { hasPageBelow, PAGE_LEVELS, Page } from './page.js';
import { FIELD_BYTES, LEAF_BYTES, PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';
import { digitAt, hexName, pathOf, placeName } from './tree-path.js';

/*
 * Parts of the tree on their way to another thread and back. A job holds all pages that the changes can touch, so
 * that the thread needs nothing else, and keeps nothing.
 */

const NO_ACCOUNT = 0xffffffff;
const NO_PAGE = 0xffffffff;
const NONE = 0;
const INNER = 1;
const LEAF = 2;
/** of a name, a length or a kind, at most */
const ROOM = 64;

type Pages = ReadonlyMap<string, Uint8Array>;

/** Pages on the paths of keys below the uppermost page. */
export function pagesOnPaths(
  keys: readonly Uint8Array[],
  top: Uint8Array,
  readPage: (name: string) => Uint8Array,
): Map<string, Uint8Array> {
  const pages = new Map<string, Uint8Array>();
  for (const key of keys) {
    const path = pathOf(key);
    let page = top;
    for (let depth = 0; hasPageBelow(page, turnsAt(path, depth)); ) {
      depth += PAGE_LEVELS;
      const name = placeName(path, depth);
      const known = pages.get(name);
      page = known ?? readPage(name);
      if (known === undefined) pages.set(name, page);
    }
  }
  return pages;
}

/** The turns of a path below a depth, as many as a page has levels, as a number in base four. */
function turnsAt(path: Uint8Array, depth: number): number {
  let turns = 0;
  for (let level = 0; level < PAGE_LEVELS; level++) turns = WIDTH * turns + digitAt(path, depth + level);
  return turns;
}

export function encodePartJob(part: DistantPart<KeyedChange>, pages: Pages): Uint8Array<ArrayBuffer> {
  const { top, slot, version, changes } = part;
  let bytes = top.bytes.length + 4 * ROOM;
  for (const page of pages.values()) bytes += page.length + 2 * ROOM;
  for (const { account } of changes) bytes += (account?.length ?? 0) + ROOM;
  const sink = new ByteSink(bytes);
  sink
    .u32(slot)
    .u32(Number(version >> 32n))
    .u32(Number(version & 0xffffffffn))
    .block(top.bytes);
  sink.u32(pages.size);
  for (const [name, page] of pages) sink.text(name).block(page);
  sink.u32(changes.length);
  for (const { key, account } of changes) {
    sink.bytes(key);
    if (account === null) sink.u32(NO_ACCOUNT);
    else sink.block(account);
  }
  return sink.finish();
}

export interface PartJob {
  node: PlaceNode | null;
  version: bigint;
  changes: KeyedChange[];
  readPage(name: string): Uint8Array;
}

export function decodePartJob(bytes: Uint8Array): PartJob {
  const source = new ByteSource(bytes);
  const slot = source.u32();
  const version = (BigInt(source.u32()) << 32n) | BigInt(source.u32());
  const top = new Page(source.block());
  const pages = new Map<string, Uint8Array>();
  for (let left = source.u32(); left > 0; left--) pages.set(source.text(), source.block());
  const changes = Array.from({ length: source.u32() }, (): KeyedChange => {
    const key = source.bytes(FIELD_BYTES);
    const length = source.u32();
    return { key, account: length === NO_ACCOUNT ? null : source.bytes(length) };
  });
  const readPage = (name: string) => {
    const page = pages.get(name);
    if (page === undefined) throw new InvariantError(`a part of the tree came without page ${hexName(name)}`);
    return page;
  };
  return { node: top.node(slot), version, changes, readPage };
}

export function encodeChangedPart({ node, pages }: ChangedPart): Uint8Array<ArrayBuffer> {
  let bytes = LEAF_BYTES + ROOM;
  for (const { after } of pages) bytes += (after?.length ?? 0) + 2 * ROOM;
  const sink = new ByteSink(bytes);
  putNode(sink, node);
  sink.u32(pages.length);
  for (const { name, after } of pages) {
    sink.text(name);
    if (after === undefined) sink.u32(NO_PAGE);
    else sink.block(after);
  }
  return sink.finish();
}

/** @param pages - those that went with the job */
export function decodeChangedPart(bytes: Uint8Array, pages: Pages): ChangedPart {
  const source = new ByteSource(bytes);
  const node = takeNode(source);
  const changed = Array.from({ length: source.u32() }, (): PageChange => {
    // copies: a page that is kept would keep all of them
    const name = source.text();
    const length = source.u32();
    const after = length === NO_PAGE ? undefined : source.bytes(length).slice();
    return { name, before: pages.get(name), after };
  });
  return { node, pages: changed };
}

function putNode(sink: ByteSink, node: PlaceNode | null): void {
  if (node === null) sink.u32(NONE);
  else sink.u32(node.leaf ? LEAF : INNER).bytes(node.bytes, node.at, node.leaf ? LEAF_BYTES : FIELD_BYTES);
}

function takeNode(source: ByteSource): PlaceNode | null {
  const kind = source.u32();
  if (kind === NONE) return null;
  if (kind === LEAF) return new PlaceLeaf(source.bytes(LEAF_BYTES).slice());
  return new PlaceInner({ bytes: source.bytes(FIELD_BYTES).slice(), at: 0 });
}
