import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import { type Field, fieldToHex } from '@polyproof/base';
import { accountValue, hashNode, MemoryNodeStore, StateTree, type TreeNode } from '@polyproof/state';
import { inCircuitOrder } from '../../packages/svm/src/circuit-order.js';
import { systemAccount } from '../../packages/svm/src/rollup-config.js';
import { EMPTY_LEVEL, EMPTY_PLACE, treePathInputs } from '../../packages/svm/src/tree-path-inputs.js';
import { circuitVariant, type Edit } from './circuit-variant.js';

/** Updates that the test circuit has room for, and their levels. */
export const ACCOUNTS = 4;
export const LEVELS = 48;

/** Keys and what they hold; 0 is no account. */
export type Balances = readonly (readonly [key: Field, lamports: number])[];

export interface TreeInputs {
  root: string;
  updates: { key: string; old_leaf: string; new_leaf: string; existed: boolean; exists: boolean }[];
  places: (typeof EMPTY_PLACE)[];
  count: string;
  siblings: string[][];
  digits: boolean[][];
}

/** The sizes of the test circuit. */
export function treeEdits(): Edit[] {
  const size = (name: string, value: number): Edit => ({
    file: 'lib/src/parameters.nr',
    from: new RegExp(`${name}: u32 = \\d+`),
    to: `${name}: u32 = ${value}`,
  });
  return [size('ACCOUNTS', ACCOUNTS), size('LEVELS', LEVELS)];
}

/** The test circuit with other sources. */
export const treeCircuit = (...edits: Edit[]) => circuitVariant('tree_update', [...treeEdits(), ...edits]);

const account = (lamports: number) => (lamports === 0 ? null : systemAccount(BigInt(lamports)));
const treeValue = (lamports: number) =>
  lamports === 0 ? null : accountValue(systemAccount(BigInt(lamports)));

/** Hash of an account's leaf. */
export const leafHash = (key: Field, lamports: number) =>
  fieldToHex(hashNode({ kind: 'leaf', key, value: accountValue(systemAccount(BigInt(lamports))) }));

/** The circuit's inputs for changes of a tree, in its order, and the root after them. */
export function treeInputs(before: Balances, changes: Balances): { inputs: TreeInputs; root: Field } {
  const held = new Map(before);
  const rows = changes
    .map(([key, lamports]) => ({ key, from: held.get(key) ?? 0, to: lamports }))
    .sort(inCircuitOrder);
  const memory = new MemoryNodeStore();
  const nodes: TreeNode[] = [];
  const put = (hash: Field, node: TreeNode) => {
    nodes.push(node);
    memory.put(hash, node);
  };
  const tree = new StateTree({ get: (hash) => memory.get(hash), put }, 0n);
  const prevStateRoot = tree.update(new Map(before.map(([key, lamports]) => [key, treeValue(lamports)])));
  const paths = treePathInputs(
    { nodes, prevStateRoot },
    rows.map(({ key, from, to }) => ({ key, before: account(from), after: account(to) })),
  );
  const updates = rows.map(({ key, from, to }) => ({
    key: fieldToHex(key),
    old_leaf: leafHash(key, from || 1),
    new_leaf: leafHash(key, to || 1),
    existed: from > 0,
    exists: to > 0,
  }));
  const nothing = { key: '0', old_leaf: '0', new_leaf: '0', existed: false, exists: false };
  const inputs = {
    root: fieldToHex(prevStateRoot),
    updates: fill(updates, ACCOUNTS, nothing),
    places: fill(paths.places, ACCOUNTS, EMPTY_PLACE),
    count: String(rows.length),
    siblings: fill(paths.siblings, LEVELS, EMPTY_LEVEL.siblings),
    digits: fill(paths.digits, LEVELS, EMPTY_LEVEL.digit),
  };
  const root = tree.update(new Map(rows.map(({ key, to }) => [key, treeValue(to)])));
  return { inputs: structuredClone(inputs), root };
}

/** As many as the circuit has room for; what is beyond is left out. */
function fill<T>(values: readonly T[], length: number, filler: T): T[] {
  return Array.from({ length }, (_, i) => values[i] ?? filler);
}

/** The root that a circuit returns. */
export async function rootOf(inputs: TreeInputs, circuit: CompiledCircuit): Promise<Field> {
  const { returnValue } = await new Noir(circuit).execute(inputs as unknown as InputMap);
  return BigInt(returnValue as string);
}

/** The key whose path starts with these turns, and goes on to the left. */
export const key = (...digits: number[]) => digits.reduceRight((sum, digit) => 4n * sum + BigInt(digit), 0n);
