import type { HashPool } from '../hash-pool/hash-pool.js';
import { hashUpdate } from './hash-update.js';
import { encodePage, hasSamePageNodes, PAGE_LEVELS, Page } from './page.js';
import type { PlaceNode } from './place-node.js';
import { pathOf, placeName } from './tree-path.js';
import { inPathOrder, type KeyChange, TreeUpdate } from './tree-update.js';

/** Levels above the parts of the tree that are worked on at the same time; a page holds them. */
const PART_LEVELS = 3;
const PARTS = 2 ** PART_LEVELS;
/** With fewer changes there is nothing to gain. */
const CHANGES_IN_PARTS = 256;

/** A page that an update changes; undefined where there was or will be none. */
export interface PageChange {
  name: Buffer;
  before: Uint8Array | undefined;
  after: Uint8Array | undefined;
}

export interface ComputedUpdate {
  root: PlaceNode | null;
  pages: PageChange[];
}

export interface UpdateSource<T extends { key: Uint8Array }> {
  root: PlaceNode | null;
  /** the version to which changed pages belong */
  version: bigint;
  changes: readonly T[];
  /** computes the values of some of the changes, in their order */
  valuesOf(changes: readonly T[]): Promise<readonly (Uint8Array | null)[]>;
}

/**
 * Computes the tree after some changes. A tree that is large enough is worked on in parts, so that other threads
 * hash for one part while this one reads and writes pages of another.
 */
export async function computeUpdate<T extends { key: Uint8Array }>(
  source: UpdateSource<T>,
  modules: { pool: HashPool; readPage: (name: Buffer) => Uint8Array },
): Promise<ComputedUpdate> {
  const { root, version, changes } = source;
  const { pool, readPage } = modules;
  const pages: PageChange[] = [];
  const changePart = async (node: PlaceNode | null, depth: number, part: readonly T[]) => {
    const values = await source.valuesOf(part);
    const update = new TreeUpdate(
      inPathOrder(part.map(({ key }, i): KeyChange => ({ key, value: values[i]! }))),
      readPage,
    );
    const result = update.apply(node, depth);
    await finish(update);
    return result;
  };
  const finish = async (update: TreeUpdate) => {
    await hashUpdate(update, pool);
    for (const { name, before, top } of update.pages) {
      const after = top === null ? undefined : encodePage({ top, before }, version);
      if (before !== undefined && after !== undefined && hasSamePageNodes(before.bytes, after)) continue;
      pages.push({ name, before: before?.bytes, after });
    }
  };

  const top = changes.length < CHANGES_IN_PARTS ? undefined : topOf(root, readPage);
  if (top === undefined) return { root: await changePart(root, 0, changes), pages };
  const parts = Array.from({ length: PARTS }, (): T[] => []);
  for (const change of changes) parts[pathOf(change.key)[0]! >> (8 - PART_LEVELS)]!.push(change);
  const update = new TreeUpdate([], readPage);
  let level = await Promise.all(
    parts.map((part, i) =>
      part.length === 0 ? top.nodes[i]! : changePart(top.nodes[i]!, PART_LEVELS, part),
    ),
  );
  for (let depth = PART_LEVELS - 1; depth >= 0; depth--)
    level = Array.from({ length: 2 ** depth }, (_, i) =>
      update.join(level[2 * i]!, level[2 * i + 1]!, depth),
    );
  const newRoot = level[0]!;
  update.pages.push({
    name: top.name,
    before: top.before,
    top: newRoot === null || newRoot.leaf ? null : newRoot,
  });
  await finish(update);
  return { root: newRoot, pages };
}

/** The nodes below the first levels, where all nodes of these are inner ones. */
function topOf(
  root: PlaceNode | null,
  readPage: (name: Buffer) => Uint8Array,
): { name: Buffer; before: Page; nodes: (PlaceNode | null)[] } | undefined {
  if (root === null || root.leaf || PART_LEVELS >= PAGE_LEVELS) return undefined;
  const name = placeName(new Uint8Array(0), 0);
  const before = new Page(readPage(name));
  for (let slot = 2; slot < PARTS; slot++) if (before.node(slot)?.leaf !== false) return undefined;
  return { name, before, nodes: Array.from({ length: PARTS }, (_, i) => before.node(PARTS + i)) };
}
