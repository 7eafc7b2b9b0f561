import { PAGE_LEVELS, Page } from './page.js';
import { PlaceInner, PlaceLeaf, type PlaceNode } from './place-node.js';
import { commonTurns, comparePaths, pathOf, placeName, turnsRight } from './tree-path.js';

/** A key and its new value, or null where the key goes. Fields are 32 big-endian bytes. */
export interface KeyChange {
  key: Uint8Array;
  value: Uint8Array | null;
}

/** A page whose top an update replaced. */
export interface ChangedPage {
  name: Buffer;
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
  readonly #readPage: (name: Buffer) => Uint8Array;
  readonly pages: ChangedPage[] = [];
  /** leaves without hash */
  readonly leaves: PlaceLeaf[] = [];
  /** inner nodes without hash, by depth */
  readonly inner: PlaceInner[][] = [];

  /** @param changes - in the order of their paths */
  constructor(changes: readonly PathChange[], readPage: (name: Buffer) => Uint8Array) {
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
    const slot = before === undefined ? node.slot : 1;
    const [left, right] = [page.node(2 * slot), page.node(2 * slot + 1)];
    const middle = this.#firstRight(from, to, depth);
    const newLeft = this.#apply(left, depth + 1, from, middle);
    const newRight = this.#apply(right, depth + 1, middle, to);
    if (newLeft === left && newRight === right) return node;
    const result = this.join(newLeft, newRight, depth);
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
    let middle = from;
    if (commonTurns(path, leaves[to - 1]!.path) > depth) middle = turnsRight(path, depth) ? from : to;
    else while (!turnsRight(leaves[middle]!.path, depth)) middle++;
    const result = this.join(
      this.#build(leaves, depth + 1, from, middle),
      this.#build(leaves, depth + 1, middle, to),
      depth,
    );
    if (depth % PAGE_LEVELS === 0)
      this.pages.push({ name: placeName(path, depth), before: undefined, top: result as PlaceInner });
    return result;
  }

  /** The parent of two subtrees; a lone leaf takes its parent's place, however deep it was. */
  join(left: PlaceNode | null, right: PlaceNode | null, depth: number): PlaceNode | null {
    if (left === null && (right === null || right.leaf)) return right;
    if (right === null && left?.leaf) return left;
    const node = new PlaceInner(NO_HASH, { children: [left, right] });
    for (let d = this.inner.length; d <= depth; d++) this.inner.push([]);
    this.inner[depth]!.push(node);
    return node;
  }

  #firstRight(from: number, to: number, depth: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (turnsRight(this.#changes[middle]!.path, depth)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
