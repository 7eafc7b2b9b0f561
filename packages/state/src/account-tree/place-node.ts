import type { Children } from '../path.js';
import type { Page } from './page.js';

export const FIELD_BYTES = 32;
/** hash, key, value */
export const LEAF_BYTES = 3 * FIELD_BYTES;

/**
 * A node of the tree at its place. Fields are 32 big-endian bytes and stay where they are, in a page or among the
 * results of a batch: a view of each would cost more than all else that an update does here.
 */
export type PlaceNode = PlaceLeaf | PlaceInner;

/** Hash, key and value stand one after the other in `bytes`, from `at` on. */
export class PlaceLeaf {
  readonly leaf = true;
  readonly bytes: Uint8Array;
  readonly at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A leaf whose hash remains to be computed. */
  static of(key: Uint8Array, value: Uint8Array): PlaceLeaf {
    const bytes = new Uint8Array(LEAF_BYTES);
    bytes.set(key, FIELD_BYTES);
    bytes.set(value, 2 * FIELD_BYTES);
    return new PlaceLeaf(bytes);
  }

  get key(): Uint8Array {
    return this.bytes.subarray(this.at + FIELD_BYTES, this.at + 2 * FIELD_BYTES);
  }

  get value(): Uint8Array {
    return this.bytes.subarray(this.at + 2 * FIELD_BYTES, this.at + LEAF_BYTES);
  }

  setHash(hashes: Uint8Array, at: number): void {
    copyBytes({ from: hashes, at, length: FIELD_BYTES }, this.bytes, this.at);
  }
}

/** The hash stands in `bytes`, from `at` on. */
export class PlaceInner {
  readonly leaf = false;
  bytes: Uint8Array;
  at: number;
  /** of an unchanged node: the page that holds it, except at the top of a page */
  readonly page: Page | undefined;
  readonly slot: number;
  /** of a node that an update made */
  readonly children: Children<PlaceNode | null> | undefined;

  constructor(
    hash: { bytes: Uint8Array; at: number },
    source: { page?: Page; slot?: number; children?: PlaceInner['children'] } = {},
  ) {
    this.bytes = hash.bytes;
    this.at = hash.at;
    this.page = source.page;
    this.slot = source.slot ?? 0;
    this.children = source.children;
  }

  setHash(hashes: Uint8Array, at: number): void {
    this.bytes = hashes;
    this.at = at;
  }
}

/** Copies without a view: for a few fields that is several times as fast. */
export function copyBytes(
  source: { from: Uint8Array; at: number; length: number },
  target: Uint8Array,
  targetAt: number,
): void {
  const { from, at, length } = source;
  for (let i = 0; i < length; i++) target[targetAt + i] = from[at + i]!;
}

export function hashBytes(node: PlaceNode): Uint8Array {
  return node.bytes.subarray(node.at, node.at + FIELD_BYTES);
}
