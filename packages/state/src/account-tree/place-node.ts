import type { Page } from './page.js';

/** A node of the tree at its place. Fields are 32 big-endian bytes. */
export type PlaceNode = PlaceLeaf | PlaceInner;

export interface PlaceLeaf {
  readonly leaf: true;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** undefined until it is computed */
  hash: Uint8Array | undefined;
}

export interface PlaceInner {
  readonly leaf: false;
  /** undefined until it is computed */
  hash: Uint8Array | undefined;
  /** of a node that an update made */
  readonly children?: readonly [left: PlaceNode | null, right: PlaceNode | null];
  /** where an unchanged node comes from, except at the top of a page */
  readonly origin?: { page: Page; slot: number };
}
