import type { Field } from '@polyproof/base';
import { accountKey, commonPathLength } from '@polyproof/state';
import { encodeBase58 } from './base58.js';
import { compactBytes } from './compact-data/encode.js';
import { HEADER_BYTES, VALUE_BYTES } from './compact-data/tables.js';
import { DEPOSIT_BYTES, DEPOSIT_COUNT_BYTES } from './deposits.js';
import { isExitAddress } from './exits.js';
import { BATCH_CIRCUITS, type CircuitLimits } from './generated/circuit-limits.js';
import { type Message, messageLength } from './message.js';
import { hashBlocks } from './signed/hash-blocks.js';
import type { SignatureLimit } from './signed/signed-circuits.js';
import { HEADER_CELLS, hashRowsOf } from './zkvm/account-cells.js';
import { blockEndUsage, type MeasuredTransaction } from './zkvm/measure.js';
import type { Usage } from './zkvm/usage.js';

/** A transaction that takes room in a batch. */
export interface BatchItem extends MeasuredTransaction {
  message: Message;
}

export type Limit = keyof CircuitLimits | SignatureLimit;

/** What a circuit has room for; how many signatures only where they are proved too. */
export type Room = CircuitLimits & Partial<Record<SignatureLimit, number>>;

/** A state tree, as far as the budget looks at it. */
export interface DepthSource {
  /** see StateTree.depthBound */
  depthBound(key: Field): number;
}

/** What transactions take of a circuit. */
interface Load {
  sums: Partial<Record<Limit, number>>;
  registers: number;
  pages: Set<number>;
  dataPages: Set<string>;
  nodes: Set<string>;
  /** addresses and blockhashes of the data */
  values: Set<string>;
  /** keys that sign */
  keys: Set<string>;
  /** rows that hash the data of each account, by its key in the state tree */
  accounts: Map<Field, number>;
  /** keys of accounts at exit addresses */
  exits: Set<Field>;
}

/** A deposit, with the bytes of data that its recipient has. */
export interface DepositItem {
  recipient: Uint8Array;
  dataBytes: number;
}

/**
 * What an open batch has used of the circuits' capacity: it has to fit in one of them.
 *
 * Levels are counted for the deepest place that an account can get while the batch's accounts come and go one by
 * one: as deep as the other leaves of the starting tree or the other accounts of the batch push it.
 */
export class BatchBudget {
  readonly #circuits: readonly Room[];
  readonly #tree: DepthSource;
  readonly #keys = new Map<string, Field>();
  readonly #depths = new Map<Field, number>();
  #load: Load = {
    // One word of data stays free: the circuit looks at it behind the last instruction.
    // So do the cells of a record that no change makes.
    sums: { dataBytes: HEADER_BYTES + DEPOSIT_COUNT_BYTES, words: 1, freshCells: HEADER_CELLS },
    registers: 0,
    pages: new Set(),
    dataPages: new Set(),
    nodes: new Set(),
    values: new Set(),
    keys: new Set(),
    accounts: new Map(),
    exits: new Set(),
  };

  /**
   * @param options - `circuits`: of which one is to have room for the batch. Default: all that there are
   * @param modules - `tree`: at the root from which the batch starts
   */
  constructor(
    options: { collector: Uint8Array; circuits?: readonly Room[] },
    modules: { tree: DepthSource },
  ) {
    this.#circuits = options.circuits ?? Object.values(BATCH_CIRCUITS);
    this.#tree = modules.tree;
    this.#load.accounts.set(this.#keyOf(options.collector), 0);
  }

  /** Adds a block. */
  add(block: readonly BatchItem[]): void {
    this.#load = this.#with(block);
  }

  /** Adds deposits, with which a batch begins. */
  addDeposits(deposits: readonly DepositItem[]): void {
    this.#load = this.#withDeposits(deposits);
  }

  /** How many of these deposits, from the first on, fit after what was added. */
  fittingDeposits(deposits: readonly DepositItem[]): number {
    let count = 0;
    const fits = (length: number) =>
      this.#exceededBy(this.#withDeposits(deposits.slice(0, length))) === undefined;
    while (count < deposits.length && fits(count + 1)) count++;
    return count;
  }

  /** Whether a block still fits, after what was added. */
  fits(block: readonly BatchItem[]): boolean {
    return this.exceeded(block) === undefined;
  }

  /**
   * The limit that a block would exceed, after what was added; undefined where it fits. It is that of the circuit of
   * which the fewest are exceeded.
   */
  exceeded(block: readonly BatchItem[]): Limit | undefined {
    return this.#exceededBy(this.#with(block));
  }

  #exceededBy(load: Load): Limit | undefined {
    const { sums, registers, pages, dataPages, nodes, values, keys, accounts, exits } = load;
    const depths = this.#depthsOf([...accounts.keys()]);
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
    const used: Partial<Record<Limit, number>> = {
      ...sums,
      dataBytes: sums.dataBytes! + VALUE_BYTES * values.size,
      registers,
      pages: pages.size,
      dataPages: dataPages.size,
      nodes: nodes.size,
      values: values.size,
      keys: keys.size,
      accounts: accounts.size,
      exits: exits.size,
      hashRows: sum(accounts.values()),
      depth: Math.max(...depths),
      levels: sum(depths.map(levelsOf)),
    };
    const [least] = this.#circuits
      .map((limits) =>
        (Object.keys(used) as Limit[]).filter(
          (limit) => used[limit]! > (limits[limit] ?? Number.POSITIVE_INFINITY),
        ),
      )
      .sort((a, b) => a.length - b.length);
    return least![0];
  }

  #withDeposits(deposits: readonly DepositItem[]): Load {
    const load = copyOf(this.#load);
    add(load, { deposits: deposits.length, dataBytes: DEPOSIT_BYTES * deposits.length });
    for (const { recipient, dataBytes } of deposits) this.#touch(load, recipient, hashRowsOf(dataBytes));
    return load;
  }

  #with(block: readonly BatchItem[]): Load {
    const load = copyOf(this.#load);
    if (block.length > 0) addUsage(load, blockEndUsage());
    for (const item of block) {
      addUsage(load, item.usage);
      addMessage(load, item.message);
      for (const { address, before, after } of item.accounts) {
        const rows = Math.max(...[before, after].map((account) => hashRowsOf(account?.data.length ?? 0)));
        this.#touch(load, address, rows);
      }
    }
    return load;
  }

  #touch({ accounts, exits }: Load, address: Uint8Array, rows: number): void {
    const key = this.#keyOf(address);
    accounts.set(key, Math.max(rows, accounts.get(key) ?? 0));
    if (isExitAddress(address)) exits.add(key);
  }

  #depthsOf(keys: readonly Field[]): number[] {
    return keys.map((key) =>
      keys.reduce(
        (depth, other) => (other === key ? depth : Math.max(depth, 1 + commonPathLength(key, other))),
        this.#depthAtStart(key),
      ),
    );
  }

  #depthAtStart(key: Field): number {
    let depth = this.#depths.get(key);
    if (depth === undefined) {
      depth = this.#tree.depthBound(key);
      this.#depths.set(key, depth);
    }
    return depth;
  }

  #keyOf(address: Uint8Array): Field {
    const text = encodeBase58(address);
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = accountKey(address);
      this.#keys.set(text, key);
    }
    return key;
  }
}

function copyOf({ sums, registers, pages, dataPages, nodes, values, keys, accounts, exits }: Load): Load {
  return {
    sums: { ...sums },
    registers,
    pages: new Set(pages),
    dataPages: new Set(dataPages),
    nodes: new Set(nodes),
    values: new Set(values),
    keys: new Set(keys),
    accounts: new Map(accounts),
    exits: new Set(exits),
  };
}

function addUsage(load: Load, { additive, registers, pages, dataPages, nodes }: Usage): void {
  add(load, additive);
  load.registers = Math.max(load.registers, registers);
  for (const page of pages) load.pages.add(page);
  for (const page of dataPages) load.dataPages.add(page);
  for (const node of nodes) load.nodes.add(node);
}

function addMessage(load: Load, message: Message): void {
  const { accountKeys, recentBlockhash, instructions, header } = message;
  const name = (value: Uint8Array) => Buffer.from(value).toString('latin1');
  for (const value of [...accountKeys, recentBlockhash]) load.values.add(name(value));
  const signatures = header.numRequiredSignatures;
  for (const key of accountKeys.slice(0, signatures)) load.keys.add(name(key));
  const sum = (of: (instruction: Message['instructions'][number]) => number) =>
    instructions.reduce((total, instruction) => total + of(instruction), 0);
  add(load, {
    transactions: 1,
    references: accountKeys.length + 1,
    instructions: instructions.length,
    named: sum(({ accountIndexes }) => accountIndexes.length),
    words: sum(({ data }) => 1 + Math.ceil(data.length / 8)),
    dataBytes: compactBytes(message),
    signatures,
    hashBlocks: signatures * hashBlocks(messageLength(message)),
  });
}

function add({ sums }: Load, more: Partial<Record<Limit, number>>): void {
  for (const [limit, count] of Object.entries(more) as [Limit, number][])
    sums[limit] = (sums[limit] ?? 0) + count;
}

/** Levels that an account takes from the budget: the lowest one of its path belongs to its row in the table. */
function levelsOf(depth: number): number {
  return Math.max(1, depth - 1);
}
