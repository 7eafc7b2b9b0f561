import type { Field } from '@polyproof/base';
import { accountKey, commonPathLength } from '@polyproof/state';
import { encodeBase58 } from './base58.js';
import { ENTRY_HEADER_BYTES } from './batch-data.js';
import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';
import type { Message } from './message.js';
import { touchedAddresses } from './touched.js';

/** The parts of a transaction that take room in a batch. */
export interface BatchItem {
  message: Message;
  messageBytes: Uint8Array;
}

export type BatchLimits = { readonly [limit in keyof typeof CIRCUIT_LIMITS]: number };

/** A state tree, as far as the budget looks at it. */
export interface DepthSource {
  /** see StateTree.depthBound */
  depthBound(key: Field): number;
}

/**
 * What an open batch has used of the circuit's capacity.
 *
 * Levels are counted for the deepest place that an account can get while the batch's accounts come and go one by
 * one: as deep as the other leaves of the starting tree or the other accounts of the batch push it.
 */
export class BatchBudget {
  readonly #limits: BatchLimits;
  readonly #tree: DepthSource;
  readonly #keys = new Map<string, Field>();
  readonly #depths = new Map<Field, number>();
  readonly #touched = new Set<Field>();
  #transactions = 0;
  #bytes = 0;

  /** @param modules - `tree`: at the root from which the batch starts */
  constructor(options: { collector: Uint8Array; limits?: BatchLimits }, modules: { tree: DepthSource }) {
    this.#limits = options.limits ?? CIRCUIT_LIMITS;
    this.#tree = modules.tree;
    this.#touched.add(this.#keyOf(options.collector));
  }

  add(items: readonly BatchItem[]): void {
    for (const item of items) {
      for (const key of this.#keysOf(item)) this.#touched.add(key);
      this.#transactions++;
      this.#bytes += ENTRY_HEADER_BYTES + item.messageBytes.length;
    }
  }

  /** Whether all of these still fit, after what was added. */
  fits(items: readonly BatchItem[]): boolean {
    const limits = this.#limits;
    if (this.#transactions + items.length > limits.transactions) return false;
    const bytes = items.reduce(
      (sum, item) => sum + ENTRY_HEADER_BYTES + item.messageBytes.length,
      this.#bytes,
    );
    if (bytes > limits.dataBytes) return false;
    const touched = new Set(this.#touched);
    for (const item of items) for (const key of this.#keysOf(item)) touched.add(key);
    if (touched.size > limits.accounts) return false;
    const depths = this.#depthsOf([...touched]);
    return (
      depths.every((depth) => depth <= limits.depth) &&
      depths.reduce((sum, depth) => sum + levelsOf(depth), 0) <= limits.levels
    );
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

  #keysOf({ message }: BatchItem): Field[] {
    return touchedAddresses(message).map((address) => this.#keyOf(address));
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

/** Levels that an account takes from the budget: the lowest one of its path belongs to its row in the table. */
function levelsOf(depth: number): number {
  return Math.max(1, depth - 1);
}
