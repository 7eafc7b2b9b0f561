import type { Field } from '@polyproof/base';
import { hashFields } from '@polyproof/state';
import { type Entry, packEntry } from './entry.js';
import { OP, REGISTER } from './operations.js';
import { words } from './words.js';

const DOMAIN_CODE_INNER = 7n;
export const PAGE_ENTRIES = 16;
/** bytes of a page of data: 16 words */
export const DATA_PAGE_BYTES = 128;

/** A page with its way to the root: `Page` in circuits/lib/src/sbpf/code.nr. */
export interface Page {
  entries: Field[];
  siblings: Field[];
  bits: boolean[];
}

export interface DataPage {
  /** number of its first byte */
  first: number;
  words: readonly Field[];
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
  readonly #readOnly: Uint8Array;
  readonly #dataPages: readonly Field[][];

  /**
   * @param depth - levels of the tree, which has room for 2^depth pages
   * @param readOnly - data of the program, from its first address on: what is shorter than a page is left out
   */
  constructor(entries: readonly Entry[], depth: number, readOnly: Uint8Array = new Uint8Array()) {
    this.entries = entries;
    this.#depth = depth;
    this.#readOnly = readOnly;
    this.#dataPages = Array.from({ length: dataPageCount(readOnly) }, (_, page) =>
      dataPageWords(readOnly, page),
    );
    const codePages = Math.ceil(entries.length / PAGE_ENTRIES);
    const count = codePages + this.#dataPages.length;
    if (count > 2 ** depth) throw new RangeError(`${count} pages do not fit under ${depth} levels`);
    const leaves = Array.from({ length: codePages }, (_, page) => hashFields(this.#entriesOf(page)));
    this.#dataPages.forEach((words, number) => {
      leaves.push(hashFields([BigInt(firstOfDataPage(readOnly, number)), ...words]));
    });
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
    return { entries: this.#entriesOf(index), ...this.#path(index) };
  }

  /** The page of data with this number: `DataPage` in circuits/lib/src/sbpf/read_only.nr. */
  dataPage(number: number): DataPage | undefined {
    const words = this.#dataPages[number];
    if (words === undefined) return undefined;
    const path = this.#path(Math.ceil(this.entries.length / PAGE_ENTRIES) + number);
    return { first: firstOfDataPage(this.#readOnly, number), words, ...path };
  }

  #path(index: number): { siblings: Field[]; bits: boolean[] } {
    const siblings: Field[] = [];
    const bits: boolean[] = [];
    for (let level = 0, at = index; level < this.#depth; level++, at >>= 1) {
      siblings.push(this.#levels[level]![at ^ 1] ?? 0n);
      bits.push((at & 1) === 1);
    }
    return { siblings, bits };
  }

  #entriesOf(page: number): Field[] {
    const first = PAGE_ENTRIES * page;
    return Array.from({ length: PAGE_ENTRIES }, (_, i) => {
      const entry = this.entries[first + i];
      return packEntry(entry ?? NOTHING, first + i);
    });
  }
}

/** Pages that hold read-only data. The last one ends with it, and so may begin within the one before. */
export function dataPageCount({ length }: Uint8Array): number {
  return length < DATA_PAGE_BYTES ? 0 : Math.ceil(length / DATA_PAGE_BYTES);
}

/** Number of the first byte of a page. */
export function firstOfDataPage({ length }: Uint8Array, page: number): number {
  return Math.min(DATA_PAGE_BYTES * page, length - DATA_PAGE_BYTES);
}

export function dataPageWords(readOnly: Uint8Array, page: number): bigint[] {
  const first = firstOfDataPage(readOnly, page);
  return words(readOnly.subarray(first, first + DATA_PAGE_BYTES));
}
