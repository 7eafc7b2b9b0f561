import type { Field } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  type NodeStore,
  RecordingNodeStore,
  StateTree,
  type TreeNode,
} from '@polyproof/state';
import { inCircuitOrder } from './circuit-order.js';

/** An account that a batch touches, before and after it. */
export interface TouchedAccount {
  address: Uint8Array;
  before: Account | null;
  after: Account | null;
}

/**
 * The tree nodes that somebody without the tree needs to do what a batch does to it, in both ways it is done:
 * all at once (stateless execution), and account by account in the order of the circuit, with the node beside each
 * account's place.
 */
export function recordWitness(
  nodes: NodeStore,
  prevStateRoot: Field,
  touched: readonly TouchedAccount[],
): TreeNode[] {
  const rows = touched
    .map(({ address, after }) => ({
      key: accountKey(address),
      value: after === null ? null : accountValue(after),
    }))
    .sort(inCircuitOrder);

  const together = new RecordingNodeStore(nodes);
  const tree = new StateTree(together, prevStateRoot);
  for (const { key } of rows) tree.prove(key);
  tree.update(new Map(rows.map(({ key, value }) => [key, value])));

  const oneByOne = new RecordingNodeStore(nodes);
  const stepwise = new StateTree(oneByOne, prevStateRoot);
  for (const { key, value } of rows) {
    stepwise.locate(key);
    stepwise.update(new Map([[key, value]]));
  }
  return [...new Map([...together.recorded, ...oneByOne.recorded]).values()];
}
