import type { Field } from '@polyproof/base';

/** A place that the paths of a multi-proof's keys visit. */
export type MultiProofNode =
  | { kind: 'inner' }
  | { kind: 'empty' }
  | { kind: 'leaf'; key: Field; value: Field };

/**
 * Inclusion or exclusion of many keys at once. `nodes` are the visited places, the root first, then left before
 * right below each inner node; `siblings` are the children that no path visits, in the order in which that walk
 * passes them.
 */
export interface TreeMultiProof {
  nodes: MultiProofNode[];
  siblings: Field[];
}
