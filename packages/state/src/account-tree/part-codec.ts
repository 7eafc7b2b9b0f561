import { InvariantError } from '@polyproof/base';
import { WIDTH } from '../path.js';
import { ByteSink, ByteSource } from './byte-stream.js';
import type { ChangedPart, PageChange } from './change-part.js';
import type { DistantPart } from './compute-update.js';
import type { KeyedChange } from './hash-accounts.js';
import { hasPageBelow, PAGE_LEVELS, Page } from './page.js';
import { FIELD_BYTES, LEAF_BYTES, PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';
import { digitAt, pathOf, placeName } from './tree-path.js';

/*
 * Parts of the tree on their way to another thread and back. A job holds all pages that the changes can touch, so
 * that the thread needs nothing else, and keeps nothing.
 */

const NO_ACCOUNT = 0xffffffff;
const NO_PAGE = 0xffffffff;
const NONE = 0;
const INNER = 1;
const LEAF = 2;
const JOB_BYTES = 2 ** 18;

type Pages = ReadonlyMap<string, Uint8Array>;

/** Pages on the paths of keys below the uppermost page. */
export function pagesOnPaths(
  keys: readonly Uint8Array[],
  top: Uint8Array,
  readPage: (name: Buffer) => Uint8Array,
): Map<string, Uint8Array> {
  const pages = new Map<string, Uint8Array>();
  for (const key of keys) {
    const path = pathOf(key);
    let page = top;
    for (let depth = 0; hasPageBelow(page, turnsAt(path, depth)); ) {
      depth += PAGE_LEVELS;
      const name = placeName(path, depth);
      const text = name.toString('latin1');
      const known = pages.get(text);
      page = known ?? readPage(name);
      if (known === undefined) pages.set(text, page);
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
  const sink = new ByteSink(JOB_BYTES);
  sink
    .u32(slot)
    .u32(Number(version >> 32n))
    .u32(Number(version & 0xffffffffn))
    .block(top.bytes);
  sink.u32(pages.size);
  for (const [name, page] of pages) sink.block(Buffer.from(name, 'latin1')).block(page);
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
  readPage(name: Buffer): Uint8Array;
}

export function decodePartJob(bytes: Uint8Array): PartJob {
  const source = new ByteSource(bytes);
  const slot = source.u32();
  const version = (BigInt(source.u32()) << 32n) | BigInt(source.u32());
  const top = new Page(source.block());
  const pages = new Map<string, Uint8Array>();
  for (let left = source.u32(); left > 0; left--) pages.set(latin1(source.block()), source.block());
  const changes = Array.from({ length: source.u32() }, (): KeyedChange => {
    const key = source.bytes(FIELD_BYTES);
    const length = source.u32();
    return { key, account: length === NO_ACCOUNT ? null : source.bytes(length) };
  });
  const readPage = (name: Buffer) => {
    const page = pages.get(name.toString('latin1'));
    if (page === undefined)
      throw new InvariantError(`a part of the tree came without page ${name.toString('hex')}`);
    return page;
  };
  return { node: top.node(slot), version, changes, readPage };
}

export function encodeChangedPart({ node, pages }: ChangedPart): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink(JOB_BYTES);
  putNode(sink, node);
  sink.u32(pages.length);
  for (const { name, after } of pages) {
    sink.block(name);
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
    const name = Buffer.from(source.block());
    const length = source.u32();
    const after = length === NO_PAGE ? undefined : source.bytes(length).slice();
    return { name, before: pages.get(name.toString('latin1')), after };
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

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
