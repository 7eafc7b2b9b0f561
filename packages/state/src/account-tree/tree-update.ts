import { type Children, WIDTH } from '../path.js';
import { PAGE_LEVELS, Page } from './page.js';
import { PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';
import { comparePaths, digitAt, pathOf, placeName } from './tree-path.js';

/** A key and its new value, or null where the key goes. Fields are 32 big-endian bytes. */
export interface KeyChange {
  key: Uint8Array;
  value: Uint8Array | null;
}

/** A page whose top an update replaced. */
export interface ChangedPage {
  name: string;
  before: Page | undefined;
  /** null where there is no page any more */
  top: PlaceInner | null;
}

/** A change and the path of its key. */
export interface PathChange extends KeyChange {
  path: Uint8Array;
}

/** Changes in the order of their paths; of those to the same key the last one alone. */
export function inPathOrder(changes: readonly KeyChange[]): PathChange[] {
  const sorted = changes.map((change): PathChange => ({ ...change, path: pathOf(change.key) }));
  // the sort is stable
  sorted.sort((a, b) => comparePaths(a.path, b.path));
  return sorted.filter(
    ({ path }, i) => i + 1 === sorted.length || comparePaths(path, sorted[i + 1]!.path) !== 0,
  );
}

/** of a node whose hash remains to be computed */
const NO_HASH = { bytes: new Uint8Array(0), at: 0 };

/** Changes a subtree, of which it reads only what the changes touch. The hashes of new nodes remain to be computed. */
export class TreeUpdate {
  readonly #changes: readonly PathChange[];
  readonly #readPage: (name: string) => Uint8Array;
  readonly pages: ChangedPage[] = [];
  /** leaves without hash */
  readonly leaves: PlaceLeaf[] = [];
  /** inner nodes without hash, by depth */
  readonly inner: PlaceInner[][] = [];

  /** @param changes - in the order of their paths */
  constructor(changes: readonly PathChange[], readPage: (name: string) => Uint8Array) {
    this.#changes = changes;
    this.#readPage = readPage;
  }

  /** The node in the place of `node` at `depth`, whose turns all changes share. */
  apply(node: PlaceNode | null, depth: number): PlaceNode | null {
    return this.#apply(node, depth, 0, this.#changes.length);
  }

  /** Applies changes `from` to `to` - 1, which share their first `depth` turns, to the node there. */
  #apply(node: PlaceNode | null, depth: number, from: number, to: number): PlaceNode | null {
    if (from === to) return node;
    if (node === null || node.leaf) return this.#replaceLeaf(node, depth, from, to);
    const path = this.#changes[from]!.path;
    const atTop = depth % PAGE_LEVELS === 0;
    const name = atTop ? placeName(path, depth) : undefined;
    const before = name === undefined ? undefined : new Page(this.#readPage(name));
    const page = before ?? node.page!;
    const children = page.children(before === undefined ? node.slot : 0);
    const changed: (PlaceNode | null)[] = [];
    let isSame = true;
    let start = from;
    for (let digit = 0; digit < WIDTH; digit++) {
      const end = this.#endOf(digit, start, to, depth);
      const child = this.#apply(children[digit]!, depth + 1, start, end);
      isSame &&= child === children[digit];
      changed.push(child);
      start = end;
    }
    if (isSame) return node;
    const result = this.join(fourOf(changed), depth);
    if (name !== undefined)
      this.pages.push({ name, before, top: result === null || result.leaf ? null : result });
    return result;
  }

  #replaceLeaf(old: PlaceLeaf | null, depth: number, from: number, to: number): PlaceNode | null {
    const leaves: { path: Uint8Array; leaf: PlaceLeaf }[] = [];
    const oldPath = old === null ? undefined : pathOf(old.key);
    let keepsOld = old !== null;
    for (const { key, value, path } of this.#changes.slice(from, to)) {
      const same = oldPath !== undefined && comparePaths(path, oldPath) === 0;
      if (same) keepsOld = false;
      if (value === null) continue;
      if (same && Buffer.compare(value, old!.value) === 0) leaves.push({ path, leaf: old! });
      else {
        const leaf = PlaceLeaf.of(key, value);
        leaves.push({ path, leaf });
        this.leaves.push(leaf);
      }
    }
    if (keepsOld) {
      const at = leaves.findIndex(({ path }) => comparePaths(path, oldPath!) > 0);
      leaves.splice(at < 0 ? leaves.length : at, 0, { path: oldPath!, leaf: old! });
    }
    return this.#build(leaves, depth, 0, leaves.length);
  }

  /** A new subtree of these leaves, which are in the order of their paths. */
  #build(
    leaves: { path: Uint8Array; leaf: PlaceLeaf }[],
    depth: number,
    from: number,
    to: number,
  ): PlaceNode | null {
    if (from === to) return null;
    if (to - from === 1) return leaves[from]!.leaf;
    const { path } = leaves[from]!;
    const children: (PlaceNode | null)[] = [];
    let start = from;
    for (let digit = 0; digit < WIDTH; digit++) {
      let end = start;
      while (end < to && digitAt(leaves[end]!.path, depth) === digit) end++;
      children.push(this.#build(leaves, depth + 1, start, end));
      start = end;
    }
    const result = this.join(fourOf(children), depth);
    if (depth % PAGE_LEVELS === 0)
      this.pages.push({ name: placeName(path, depth), before: undefined, top: result as PlaceInner });
    return result;
  }

  /** The parent of four subtrees; a lone leaf takes its parent's place, however deep it was. */
  join(children: Children<PlaceNode | null>, depth: number): PlaceNode | null {
    let only: PlaceNode | null = null;
    let others = 0;
    for (const child of children) {
      if (child === null) continue;
      if (only === null) only = child;
      else others++;
    }
    if (others === 0 && (only === null || only.leaf)) return only;
    const node = new PlaceInner(NO_HASH, { children });
    for (let d = this.inner.length; d <= depth; d++) this.inner.push([]);
    this.inner[depth]!.push(node);
    return node;
  }

  /** The first change from `from` on that takes a later turn at `depth`. */
  #endOf(digit: number, from: number, to: number, depth: number): number {
    if (digit === WIDTH - 1) return to;
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (digitAt(this.#changes[middle]!.path, depth) > digit) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function fourOf(children: readonly (PlaceNode | null)[]): Children<PlaceNode | null> {
  const [a, b, c, d] = children;
  return [a!, b!, c!, d!];
}
