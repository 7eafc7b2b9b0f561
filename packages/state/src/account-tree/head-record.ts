import { TreePageError } from '../errors.js';
import { PAGE_LEVELS } from './page.js';
import { FIELD_BYTES, hashBytes, LEAF_BYTES, PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';

/** Where a tree stands. Never changed, only replaced. */
export interface TreeHead {
  readonly root: PlaceNode | null;
  /** the open version */
  readonly version: bigint;
  /** oldest version that can be read */
  readonly oldest: bigint;
}

const FORMAT = 2;
const HEADER_BYTES = 18;

/** Format, levels of a page, open version, oldest version (u64be), then the root as {@link encodeRoot} writes it. */
export function encodeHead(head: TreeHead): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = FORMAT;
  header[1] = PAGE_LEVELS;
  header.writeBigUInt64BE(head.version, 2);
  header.writeBigUInt64BE(head.oldest, 10);
  return Buffer.concat([header, encodeRoot(head.root)]);
}

/** @throws {TreePageError} when the bytes are not what {@link encodeHead} writes */
export function decodeHead(bytes: Buffer): TreeHead {
  if (bytes.length < HEADER_BYTES || bytes[0] !== FORMAT || bytes[1] !== PAGE_LEVELS)
    throw new TreePageError(
      'BAD_TREE_HEAD',
      `the head of the account tree has another format (${bytes[0]}, pages of ${bytes[1]} levels instead of ` +
        `${FORMAT}, ${PAGE_LEVELS}): it was written by another release, or is damaged.`,
    );
  return {
    version: bytes.readBigUInt64BE(2),
    oldest: bytes.readBigUInt64BE(10),
    root: decodeRoot(bytes.subarray(HEADER_BYTES)),
  };
}

/** Nothing, or the hash of an inner node, or hash, key and value of a leaf. */
export function encodeRoot(root: PlaceNode | null): Buffer {
  if (root === null) return Buffer.alloc(0);
  return Buffer.concat(root.leaf ? [hashBytes(root), root.key, root.value] : [hashBytes(root)]);
}

/** @throws {TreePageError} when the bytes are not what {@link encodeRoot} writes */
export function decodeRoot(bytes: Uint8Array): PlaceNode | null {
  if (bytes.length === 0) return null;
  const own = new Uint8Array(bytes);
  if (own.length === FIELD_BYTES) return new PlaceInner({ bytes: own, at: 0 });
  if (own.length === LEAF_BYTES) return new PlaceLeaf(own);
  throw new TreePageError('BAD_TREE_HEAD', `${bytes.length} bytes do not hold a root of the account tree.`);
}
