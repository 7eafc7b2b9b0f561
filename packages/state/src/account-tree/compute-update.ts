import type { Hasher } from '../hash-pool/hasher.js';
import { WIDTH } from '../path.js';
import { type ChangedPart, changePart, finishUpdate, type PageChange } from './change-part.js';
import { firstSlot, PAGE_LEVELS, Page } from './page.js';
import type { PlaceNode } from './place-node.js';
import { pathOf, placeName } from './tree-path.js';
import { TreeUpdate } from './tree-update.js';

/** Levels above the parts of the tree that are worked on at the same time: those of the uppermost page. */
export const PART_LEVELS = PAGE_LEVELS;
const PARTS = WIDTH ** PART_LEVELS;
/** slots of the uppermost page, of which the parts have the last ones */
const FIRST_PART = firstSlot(PART_LEVELS);
/** With fewer changes there is nothing to gain. */
const CHANGES_IN_PARTS = 64;

export interface ComputedUpdate {
  root: PlaceNode | null;
  pages: PageChange[];
}

/** Some changes to one of the parts, which are nodes of the uppermost page. */
export interface DistantPart<T> {
  top: Page;
  slot: number;
  version: bigint;
  changes: readonly T[];
}

export interface UpdateSource<T extends { key: Uint8Array }> {
  root: PlaceNode | null;
  /** the version to which changed pages belong */
  version: bigint;
  changes: readonly T[];
  /** computes the values of some of the changes, in their order */
  valuesOf(changes: readonly T[]): Promise<readonly (Uint8Array | null)[]>;
  /** has another thread do what `valuesOf` and `changePart` do; undefined where there is none */
  changeElsewhere?:
    | ((part: DistantPart<T>, readPage: (name: string) => Uint8Array) => Promise<ChangedPart>)
    | undefined;
}

/** Computes the tree after some changes. A tree that is large enough is worked on in parts, each by another thread. */
export async function computeUpdate<T extends { key: Uint8Array }>(
  source: UpdateSource<T>,
  modules: { hasher: Hasher; readPage: (name: string) => Uint8Array },
): Promise<ComputedUpdate> {
  const { root, version, changes, changeElsewhere } = source;
  const { hasher, readPage } = modules;
  const pages: PageChange[] = [];
  const change = async (node: PlaceNode | null, depth: number, part: readonly T[]) => {
    const values = await source.valuesOf(part);
    const work = { node, depth, version, changes: part.map(({ key }, i) => ({ key, value: values[i]! })) };
    return changePart(work, modules);
  };
  const adopt = ({ node, pages: changed }: ChangedPart) => {
    for (const page of changed) pages.push(page);
    return node;
  };

  const top = changes.length < CHANGES_IN_PARTS ? undefined : topOf(root, readPage);
  if (top === undefined) return { root: adopt(await change(root, 0, changes)), pages };
  const parts = Array.from({ length: PARTS }, (): T[] => []);
  for (const one of changes) parts[pathOf(one.key)[0]! >> (8 - 2 * PART_LEVELS)]!.push(one);
  const changed = await Promise.all(
    parts.map((part, i) => {
      const slot = FIRST_PART + i;
      const node = top.page.node(slot);
      if (part.length === 0) return { node, pages: [] };
      if (changeElsewhere === undefined) return change(node, PART_LEVELS, part);
      return changeElsewhere({ top: top.page, slot, version, changes: part }, readPage);
    }),
  );
  const update = new TreeUpdate([], readPage);
  let level = changed.map(adopt);
  for (let depth = PART_LEVELS - 1; depth >= 0; depth--)
    level = Array.from({ length: WIDTH ** depth }, (_, i) => {
      const [a, b, c, d] = level.slice(WIDTH * i, WIDTH * (i + 1));
      return update.join([a!, b!, c!, d!], depth);
    });
  const newRoot = level[0]!;
  const newTop = newRoot === null || newRoot.leaf ? null : newRoot;
  update.pages.push({ name: top.name, before: top.page, top: newTop });
  pages.push(...(await finishUpdate(update, version, hasher)));
  return { root: newRoot, pages };
}

/** The uppermost page, where all nodes above the parts are inner ones. */
function topOf(
  root: PlaceNode | null,
  readPage: (name: string) => Uint8Array,
): { name: string; page: Page } | undefined {
  if (root === null || root.leaf) return undefined;
  const name = placeName(new Uint8Array(0), 0);
  const page = new Page(readPage(name));
  for (let slot = 1; slot < FIRST_PART; slot++) if (page.node(slot)?.leaf !== false) return undefined;
  return { name, page };
}
