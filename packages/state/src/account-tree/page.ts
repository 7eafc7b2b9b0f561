import { TreePageError } from '../errors.js';
import { type Children, WIDTH } from '../path.js';
import { copyBytes, FIELD_BYTES, LEAF_BYTES, PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';

/** Levels of the tree that one page holds. */
export const PAGE_LEVELS = 2;

/**
 * Slots of a page are numbered like a heap: 0 is the node at the top, which belongs to the page above, and 4s+1 to
 * 4s+4 are the children of s.
 */
const SLOTS = firstSlot(PAGE_LEVELS + 1);
const KINDS_BYTES = Math.ceil(SLOTS / 4);
const HEADER_BYTES = 8 + KINDS_BYTES;

const NONE = 0;
const INNER = 1;
const LEAF = 2;
const KIND_BYTES = [0, FIELD_BYTES, LEAF_BYTES];

/**
 * The nodes of a few levels below one inner node, read in place.
 *
 * Bytes: the version that wrote it (u64be), two bits for each slot (0 none, 1 inner, 2 leaf), then for each slot
 * that is taken the hash, and for leaves key and value.
 */
export class Page {
  readonly bytes: Uint8Array;
  readonly #offsets = new Uint16Array(SLOTS);

  /** @throws {TreePageError} when the bytes are not what {@link encodePage} writes */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    let at = HEADER_BYTES;
    for (let slot = 1; slot < SLOTS; slot++) {
      this.#offsets[slot] = at;
      at += KIND_BYTES[this.#kind(slot)] ?? Number.NaN;
    }
    if (at !== bytes.length)
      throw new TreePageError('BAD_TREE_PAGE', `${bytes.length} bytes do not hold a page of the tree.`);
  }

  node(slot: number): PlaceNode | null {
    const kind = this.#kind(slot);
    if (kind === NONE) return null;
    const at = this.#offsets[slot]!;
    return kind === LEAF
      ? new PlaceLeaf(this.bytes, at)
      : new PlaceInner({ bytes: this.bytes, at }, { page: this, slot });
  }

  /** Children of the inner node in a slot. */
  children(slot: number): Children<PlaceNode | null> {
    const first = childSlot(slot, 0);
    return [this.node(first), this.node(first + 1), this.node(first + 2), this.node(first + 3)];
  }

  /**
   * The bytes of this page with the nodes below `top` in their places; undefined where another slot is taken now.
   * Most updates change some of the nodes and nothing else.
   */
  patched(top: PlaceInner): Uint8Array<ArrayBuffer> | undefined {
    const out = new Uint8Array(this.bytes);
    return this.#patch(out, top, 0) ? out : undefined;
  }

  #patch(out: Uint8Array, { children }: PlaceInner, slot: number): boolean {
    if (children === undefined) return false;
    for (let digit = 0; digit < WIDTH; digit++) {
      const child = children[digit]!;
      const place = childSlot(slot, digit);
      const kind = child === null ? NONE : child.leaf ? LEAF : INNER;
      if (kind !== this.#kind(place)) return false;
      const at = this.#offsets[place]!;
      if (child === null || (child.bytes === this.bytes && child.at === at)) continue;
      copyBytes({ from: child.bytes, at: child.at, length: KIND_BYTES[kind]! }, out, at);
      if (!child.leaf && hasChildSlots(place) && !this.#patch(out, child, place)) return false;
    }
    return true;
  }

  #kind(slot: number): number {
    return (this.bytes[8 + (slot >> 2)]! >> (2 * (slot & 3))) & 3;
  }
}

/** The first slot of the nodes some levels below the top. */
export function firstSlot(level: number): number {
  return (WIDTH ** level - 1) / (WIDTH - 1);
}

export function childSlot(slot: number, digit: number): number {
  return WIDTH * slot + 1 + digit;
}

/** Whether the children of a slot are in the same page. */
function hasChildSlots(slot: number): boolean {
  return childSlot(slot, 0) < SLOTS;
}

/** Whether there is a page below a page, at these turns from its top, as a number in base four. */
export function hasPageBelow(page: Uint8Array, turns: number): boolean {
  const slot = firstSlot(PAGE_LEVELS) + turns;
  return ((page[8 + (slot >> 2)]! >> (2 * (slot & 3))) & 3) === INNER;
}

/** The version that wrote a page. */
export function pageVersion(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
}

/** Whether two pages differ in nothing but the version that wrote them. */
export function hasSamePageNodes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a.subarray(8), b.subarray(8)) === 0;
}

/**
 * The page below an inner node that an update made; all hashes must be there.
 * @param change.before - the page that stood there
 */
export function encodePage(
  change: { top: PlaceInner; before: Page | undefined },
  version: bigint,
): Uint8Array {
  const out = change.before?.patched(change.top) ?? encodeNodes(change.top);
  new DataView(out.buffer).setBigUint64(0, version);
  return out;
}

function encodeNodes(top: PlaceInner): Uint8Array<ArrayBuffer> {
  const nodes: (PlaceNode | null)[] = Array<null>(SLOTS).fill(null);
  nodes[0] = top;
  let bytes = HEADER_BYTES;
  for (let slot = 0; slot < SLOTS; slot++) {
    const node = nodes[slot];
    if (node === null || node === undefined) continue;
    if (slot > 0) bytes += node.leaf ? LEAF_BYTES : FIELD_BYTES;
    if (node.leaf || !hasChildSlots(slot)) continue;
    (node.children ?? node.page!.children(node.slot)).forEach((child, digit) => {
      nodes[childSlot(slot, digit)] = child;
    });
  }
  const out = new Uint8Array(bytes);
  let at = HEADER_BYTES;
  for (let slot = 1; slot < SLOTS; slot++) {
    const node = nodes[slot];
    if (node === null || node === undefined) continue;
    out[8 + (slot >> 2)]! |= (node.leaf ? LEAF : INNER) << (2 * (slot & 3));
    const length = node.leaf ? LEAF_BYTES : FIELD_BYTES;
    copyBytes({ from: node.bytes, at: node.at, length }, out, at);
    at += length;
  }
  return out;
}
