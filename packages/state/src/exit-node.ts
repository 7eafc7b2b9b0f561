import type { Field } from '@polyproof/base';
import { hashFields } from './hashing.js';

const DOMAIN_EXIT_NODE = 11n;

/** Node of a tree of exits, `exit_node` in circuits/lib/src/exits.nr: 0 above two nodes that are 0. */
export function exitNode(left: Field, right: Field): Field {
  return left === 0n && right === 0n ? 0n : hashFields([DOMAIN_EXIT_NODE, left, right]);
}
