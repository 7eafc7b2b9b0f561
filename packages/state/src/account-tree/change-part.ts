import type { Hasher } from '../hash-pool/hasher.js';
import { hashUpdate } from './hash-update.js';
import { encodePage, hasSamePageNodes } from './page.js';
import type { PlaceNode } from './place-node.js';
import { inPathOrder, type KeyChange, TreeUpdate } from './tree-update.js';

/** A page that an update changes; undefined where there was or will be none. */
export interface PageChange {
  name: string;
  before: Uint8Array | undefined;
  after: Uint8Array | undefined;
}

/** A subtree before and what changes in it; all changes share the turns that lead there. */
export interface PartWork {
  node: PlaceNode | null;
  depth: number;
  /** the version to which changed pages belong */
  version: bigint;
  changes: readonly KeyChange[];
}

export interface ChangedPart {
  /** what stands in the place of the subtree; the same object where nothing changed */
  node: PlaceNode | null;
  pages: PageChange[];
}

/** Changes a part of the tree, or all of it, and computes its hashes. */
export async function changePart(
  { node, depth, version, changes }: PartWork,
  modules: { hasher: Hasher; readPage: (name: string) => Uint8Array },
): Promise<ChangedPart> {
  const update = new TreeUpdate(inPathOrder(changes), modules.readPage);
  const changed = update.apply(node, depth);
  return { node: changed, pages: await finishUpdate(update, version, modules.hasher) };
}

/** Computes what an update lacks: its hashes, and with them its pages. */
export async function finishUpdate(
  update: TreeUpdate,
  version: bigint,
  hasher: Hasher,
): Promise<PageChange[]> {
  await hashUpdate(update, hasher);
  const pages: PageChange[] = [];
  for (const { name, before, top } of update.pages) {
    const after = top === null ? undefined : encodePage({ top, before }, version);
    if (before !== undefined && after !== undefined && hasSamePageNodes(before.bytes, after)) continue;
    pages.push({ name, before: before?.bytes, after });
  }
  return pages;
}
