import { decodeHead, decodeRoot, type TreeHead } from './head-record.js';
import type { PlaceNode } from './place-node.js';
import type { AccountTreeTables } from './types.js';

/*
 * Keys. In the table of pages: 0 and the name of a page's place, or 1 alone for the head. In the table of history:
 * 0, a version (u64be) and a name for what a page was before that version changed it, empty where there was none;
 * or 1 and a version for the root at its end.
 */
const PAGE = 0;
const HEAD = 1;
const IMAGE = 0;
const ROOT = 1;
const VERSION_END = 9;

export const HEAD_KEY = Buffer.of(HEAD);

export function pageKey(name: string): Buffer {
  return Buffer.from(String.fromCharCode(PAGE) + name, 'latin1');
}

export function rootKey(version: bigint): Buffer {
  return versioned(ROOT, version);
}

export function imageKey(version: bigint, name: string): Buffer {
  return Buffer.concat([versioned(IMAGE, version), Buffer.from(name, 'latin1')]);
}

function versioned(kind: number, version: bigint): Buffer {
  const key = Buffer.alloc(VERSION_END);
  key[0] = kind;
  key.writeBigUInt64BE(version, 1);
  return key;
}

export function readHead(tables: AccountTreeTables): TreeHead | undefined {
  const bytes = tables.pages.get(HEAD_KEY);
  return bytes === undefined ? undefined : decodeHead(bytes);
}

/** Roots of all versions that were closed and not pruned. */
export function readRoots(tables: AccountTreeTables): Map<bigint, PlaceNode | null> {
  const roots = new Map<bigint, PlaceNode | null>();
  for (const { key, value } of tables.history.getRange({ start: Buffer.of(ROOT), end: Buffer.of(ROOT + 1) }))
    roots.set(key.readBigUInt64BE(1), decodeRoot(value));
  return roots;
}

/** What pages were before versions `first` to `last`, oldest version first. */
export function* readImages(
  tables: AccountTreeTables,
  first: bigint,
  last: bigint,
): Generator<{ key: Buffer; name: string; value: Buffer }> {
  const range = { start: versioned(IMAGE, first), end: versioned(IMAGE, last + 1n) };
  for (const { key, value } of tables.history.getRange(range))
    yield { key, name: key.toString('latin1', VERSION_END), value };
}

/** Keys of up to `limit` images of versions up to `last`. */
export function imageKeysUpTo(tables: AccountTreeTables, last: bigint, limit: number): Iterable<Buffer> {
  return tables.history.getKeys({ start: versioned(IMAGE, 0n), end: versioned(IMAGE, last + 1n), limit });
}
