import type { Field } from '@polyproof/base';
import { hashFields } from '@polyproof/state';
import { type Entry, packEntry } from './entry.js';
import { OP, REGISTER } from './operations.js';

const DOMAIN_CODE_INNER = 7n;
export const PAGE_ENTRIES = 16;

/** A page with its way to the root: `Page` in circuits/lib/src/sbpf/code.nr. */
export interface Page {
  entries: Field[];
  siblings: Field[];
  bits: boolean[];
}

/** Behind the last entry of a program. */
const NOTHING: Entry = {
  op: OP.TRAP,
  a: REGISTER.ZERO,
  b: REGISTER.ZERO,
  window: 0,
  memory: false,
  meter: false,
  units: 0,
  jump: 0,
  immediate: 0n,
};

/** The entries of a program under one root. */
export class CommittedProgram {
  readonly entries: readonly Entry[];
  readonly root: Field;
  readonly #levels: Field[][];
  readonly #depth: number;

  /** @param depth - levels of the tree, which has room for 2^depth pages */
  constructor(entries: readonly Entry[], depth: number) {
    this.entries = entries;
    this.#depth = depth;
    const count = Math.ceil(entries.length / PAGE_ENTRIES);
    if (count > 2 ** depth) throw new RangeError(`${count} pages do not fit under ${depth} levels`);
    const leaves = Array.from({ length: count }, (_, page) => hashFields(this.#entriesOf(page)));
    this.#levels = [leaves];
    for (let level = 0; level < depth; level++) {
      const below = this.#levels[level]!;
      this.#levels.push(
        Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
          hashFields([DOMAIN_CODE_INNER, below[2 * i]!, below[2 * i + 1] ?? 0n]),
        ),
      );
    }
    this.root = this.#levels[depth]![0]!;
  }

  page(index: number): Page {
    const siblings: Field[] = [];
    const bits: boolean[] = [];
    for (let level = 0, at = index; level < this.#depth; level++, at >>= 1) {
      siblings.push(this.#levels[level]![at ^ 1] ?? 0n);
      bits.push((at & 1) === 1);
    }
    return { entries: this.#entriesOf(index), siblings, bits };
  }

  #entriesOf(page: number): Field[] {
    const first = PAGE_ENTRIES * page;
    return Array.from({ length: PAGE_ENTRIES }, (_, i) => {
      const entry = this.entries[first + i];
      return packEntry(entry ?? NOTHING, first + i);
    });
  }
}
