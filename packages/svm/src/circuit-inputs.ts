import { bytesToBigInt, type Field, fieldToHex, InvariantError, splitBytes32, toHex } from '@polyproof/base';
import {
  type Account,
  accountDataHash,
  accountKey,
  accountValue,
  commonPathLength,
  hashNode,
  MemoryNodeStore,
  pathBit,
  StateTree,
  type TreeNode,
} from '@polyproof/state';
import { decodeBatchData } from './batch-data.js';
import { circuitPath, inCircuitOrder } from './circuit-order.js';
import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';
import { paddedData } from './padded-data.js';
import { SYSTEM_PROGRAM } from './reserved.js';
import { configHash } from './rollup-config.js';
import type { BatchWitness } from './witness.js';

const STEPS = CIRCUIT_LIMITS.levels + CIRCUIT_LIMITS.accounts;

/** One account of the batch, before and after it, in the order of the circuit's table. */
interface Row {
  address: Uint8Array;
  key: Field;
  before: Account | null;
  after: Account | null;
}

/** Where an account sits in the tree: `Place` in circuits/lib/src/tree.nr, with the siblings of its path. */
interface Place {
  depth: number;
  absentDepth: number;
  otherIsLeaf: boolean;
  other: [Field, Field];
  siblings: Field[];
}

/**
 * Inputs of the circuit `svm_batch` for a batch.
 * @param after - the state after the batch of every account that changed; null where it ceased to exist
 */
export function batchCircuitInputs(
  witness: BatchWitness,
  after: readonly (readonly [Uint8Array, Account | null])[],
): Record<string, unknown> {
  const rows = tableOf(witness, after);
  const positionOf = new Map(rows.map((row, i) => [toHex(row.address), i]));
  const position = (address: Uint8Array) => {
    const found = positionOf.get(toHex(address));
    if (found === undefined)
      throw new InvariantError(
        `account ${toHex(address)} of batch ${witness.batchNumber} is not in its witness`,
      );
    return found;
  };
  const transactions = decodeBatchData(witness.data).map(({ message }) => {
    const [instruction] = message.instructions;
    const key = (index: number | undefined) => position(message.accountKeys[index ?? 0]!);
    return {
      payer: key(0),
      from: key(instruction?.accountIndexes[0]),
      to: key(instruction?.accountIndexes[1]),
    };
  });
  const { places, siblings, bits } = walk(witness, rows);
  const { config } = witness;
  const [collectorHigh, collectorLow] = splitBytes32(config.collector);
  return {
    batch: {
      config: {
        rollup_id: fieldToHex(config.rollupId),
        collector_high: fieldToHex(collectorHigh),
        collector_low: fieldToHex(collectorLow),
        lamports_per_signature: String(config.lamportsPerSignature),
      },
      data: paddedData(witness.data),
      transaction_count: String(transactions.length),
      positions: fill(transactions, CIRCUIT_LIMITS.transactions, { payer: 0, from: 0, to: 0 }),
      accounts: fill(rows.map(accountInput), CIRCUIT_LIMITS.accounts, EMPTY_ACCOUNT),
      lamports: fill(
        rows.map((row) => String(row.before?.lamports ?? 0n)),
        CIRCUIT_LIMITS.accounts,
        '0',
      ),
      account_count: String(rows.length),
      collector: position(config.collector),
      places: fill(places, CIRCUIT_LIMITS.accounts, EMPTY_PLACE),
      siblings: fill(siblings.map(fieldToHex), STEPS, '0'),
      bits: fill(bits, STEPS, false),
    },
    statement: {
      prev_state_root: fieldToHex(witness.prevStateRoot),
      new_state_root: fieldToHex(witness.newStateRoot),
      prev_data_hash: fieldToHex(witness.prevDataHash),
      new_data_hash: fieldToHex(witness.newDataHash),
      first_batch: String(witness.batchNumber),
      last_batch: String(witness.batchNumber),
      exit_root: '0',
      config_hash: fieldToHex(configHash(config)),
      key_set_root: '0',
    },
  };
}

function tableOf(witness: BatchWitness, after: readonly (readonly [Uint8Array, Account | null])[]): Row[] {
  const changed = new Map(after.map(([address, account]) => [toHex(address), account]));
  return witness.accounts
    .map(([address, before]) => {
      const later = changed.get(toHex(address));
      return { address, key: accountKey(address), before, after: later === undefined ? before : later };
    })
    .sort(inCircuitOrder);
}

/** Updates the accounts one after the other and notes the path of each, from its leaf to the root. */
function walk(witness: BatchWitness, rows: readonly Row[]) {
  const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
  const places: Record<string, unknown>[] = [];
  const siblings: Field[] = [];
  const bits: boolean[] = [];
  for (const row of rows) {
    const place = placeOf(tree, row);
    siblings.push(0n);
    bits.push(false);
    for (let level = place.depth - 1; level >= 0; level--) {
      siblings.push(place.siblings[level]!);
      bits.push(pathBit(row.key, level));
    }
    places.push({
      depth: String(place.depth),
      absent_depth: String(place.absentDepth),
      other_is_leaf: place.otherIsLeaf,
      other: place.other.map(fieldToHex),
      key_rest: String(circuitPath(row.key) >> BigInt(place.depth)),
      other_rest: String(place.otherIsLeaf ? circuitPath(place.other[0]) >> BigInt(place.depth) : 0n),
    });
    tree.update(new Map([[row.key, row.after === null ? null : accountValue(row.after)]]));
  }
  return { places, siblings, bits };
}

function placeOf(tree: StateTree, row: Row): Place {
  const { siblings, terminal, neighbour } = tree.locate(row.key);
  const depth = siblings.length;
  const inPlace = { depth, absentDepth: depth, otherIsLeaf: false, siblings };
  if (row.before === null) {
    return terminal.kind === 'leaf'
      ? besideLeaf(row.key, siblings, terminal)
      : { ...inPlace, other: childrenOf(neighbour) };
  }
  if (row.after !== null) return { ...inPlace, other: [0n, 0n] };
  if (neighbour?.kind !== 'leaf') return { ...inPlace, other: childrenOf(neighbour) };
  // The leaf beside a deleted one moves up to its shortest prefix.
  let absentDepth = depth - 1;
  while (absentDepth > 0 && siblings[absentDepth - 1] === 0n) absentDepth -= 1;
  return { depth, absentDepth, otherIsLeaf: true, other: [neighbour.key, neighbour.value], siblings };
}

/** The place of an absent key whose path ends in another leaf: where both would sit. */
function besideLeaf(key: Field, siblings: Field[], leaf: TreeNode & { kind: 'leaf' }): Place {
  const absentDepth = siblings.length;
  const depth = commonPathLength(key, leaf.key) + 1;
  const empty = Array.from({ length: depth - absentDepth - 1 }, () => 0n);
  return {
    depth,
    absentDepth,
    otherIsLeaf: true,
    other: [leaf.key, leaf.value],
    siblings: [...siblings, ...empty, hashNode(leaf)],
  };
}

function childrenOf(node: TreeNode | undefined): [Field, Field] {
  return node?.kind === 'inner' ? [node.left, node.right] : [0n, 0n];
}

const EMPTY_PLACE = {
  depth: '0',
  absent_depth: '0',
  other_is_leaf: false,
  other: ['0', '0'],
  key_rest: '0',
  other_rest: '0',
};

const EMPTY_ACCOUNT = {
  address_high: '0',
  address_low: '0',
  owner: '0',
  owner_last: '0',
  data_length: '0',
  data_hash: '0',
  executable: false,
};

function accountInput(row: Row): typeof EMPTY_ACCOUNT {
  const [addressHigh, addressLow] = splitBytes32(row.address);
  const account = row.before;
  const owner = account?.owner ?? SYSTEM_PROGRAM;
  return {
    address_high: fieldToHex(addressHigh),
    address_low: fieldToHex(addressLow),
    owner: fieldToHex(bytesToBigInt(owner.slice(0, 31).reverse())),
    owner_last: String(owner[31]),
    data_length: String(account?.data.length ?? 0),
    data_hash: fieldToHex(account === null ? 0n : accountDataHash(account.data)),
    executable: account?.executable ?? false,
  };
}

function fill<T>(values: readonly T[], length: number, filler: T): T[] {
  if (values.length > length)
    throw new InvariantError(`${values.length} values do not fit in the ${length} that the circuit holds`);
  return [...values, ...Array.from({ length: length - values.length }, () => filler)];
}
