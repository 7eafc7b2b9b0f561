import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { compressFields } from '@polyproof/state';
import { type Entry, packEntry } from './entry.js';
import { OP, PROGRAM_ENTRIES, REGISTER } from './operations.js';
import { words } from './words.js';

const DOMAIN_CODE_PAGE = 7n;
const DOMAIN_DATA_PAGE = 10n;
export const PAGE_ENTRIES = 4;
/** bytes of a page of data: 16 words */
export const DATA_PAGE_BYTES = 128;
/** children of a node of a program's tree */
export const CHILDREN = 4;

/** Fields that are hashed at once. */
type Four = [Field, Field, Field, Field];

/** A node of a program's tree. Pages are at level 0. */
export interface TreePlace {
  level: number;
  index: number;
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

/** The entries of a program, and its read-only data, under one root. */
export class CommittedProgram {
  readonly entries: readonly Entry[];
  readonly root: Field;
  /** of the last page of data, -1 without any */
  readonly lastDataPage: number;
  readonly #number: number;
  /** hashes, level by level, from those of the pages up to the root alone */
  readonly #levels: Field[][];
  readonly #readOnly: Uint8Array;
  readonly #dataPages: readonly Field[][];

  /**
   * @param number - of the program in the table of programs, from 1
   * @param readOnly - data of the program, from its first address on: what is shorter than a page is left out
   */
  constructor(number: number, entries: readonly Entry[], readOnly: Uint8Array = new Uint8Array()) {
    this.entries = entries;
    this.#number = number;
    this.#readOnly = readOnly;
    this.#dataPages = Array.from({ length: dataPageCount(readOnly) }, (_, page) =>
      dataPageWords(readOnly, page),
    );
    this.lastDataPage = this.#dataPages.length - 1;
    const leaves = Array.from({ length: this.#codePages }, (_, page) => codePageHash(this.page(page)));
    this.#dataPages.forEach((words, page) => {
      leaves.push(dataPageHash(number, firstOfDataPage(readOnly, page), words));
    });
    this.#levels = [leaves];
    // The root is an inner node, however little is below it.
    do {
      const level = this.#levels.length;
      const length = Math.ceil(this.#levels[level - 1]!.length / CHILDREN);
      this.#levels.push(
        Array.from({ length }, (_, index) => compressFields(this.children({ level, index }))),
      );
    } while (this.#levels.at(-1)!.length > 1);
    this.root = this.#levels.at(-1)![0]!;
  }

  /** Entries of a page of code. */
  page(page: number): Four {
    const first = PAGE_ENTRIES * page;
    return four((i) =>
      packEntry(this.entries[first + i] ?? NOTHING, PROGRAM_ENTRIES * this.#number + first + i),
    );
  }

  /** Words of a page of data. */
  dataPage(page: number): readonly Field[] | undefined {
    return this.#dataPages[page];
  }

  /** Number of the first byte of a page of data. */
  firstOfData(page: number): number {
    return firstOfDataPage(this.#readOnly, page);
  }

  /** Where a page of data is in the tree. Those of code are in front of them, in their order. */
  placeOfData(page: number): TreePlace {
    return { level: 0, index: this.#codePages + page };
  }

  /** The node above, or undefined at the root. */
  parentOf({ level, index }: TreePlace): TreePlace | undefined {
    if (level === this.#levels.length - 1) return undefined;
    return { level: level + 1, index: Math.floor(index / CHILDREN) };
  }

  /** Hashes of what is below a node. */
  children({ level, index }: TreePlace): Four {
    return four((i) => this.#levels[level - 1]![CHILDREN * index + i] ?? 0n);
  }

  get #codePages(): number {
    return Math.ceil(this.entries.length / PAGE_ENTRIES);
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

const four = (of: (index: number) => Field): Four => [of(0), of(1), of(2), of(3)];

/** `Code::load` in circuits/lib/src/sbpf/code.nr. */
const codePageHash = (entries: Four) => tagged(compressFields(entries), DOMAIN_CODE_PAGE);

const dataPageHash = (program: number, first: number, words: readonly Field[]) =>
  tagged(compressFields(packData(program, first, words)), DOMAIN_DATA_PAGE);

/**
 * What `DataPage::check` in circuits/lib/src/sbpf/read_only.nr hashes: three words a field, and with the last one what
 * else there is.
 */
export function packData(program: number, first: number, words: readonly Field[]): Four {
  const packed = Array.from({ length: 6 }, (_, i) =>
    words.slice(3 * i, 3 * i + 3).reduce((sum, word, j) => sum + (word << BigInt(64 * j)), 0n),
  );
  packed[5]! += (BigInt(first) << 64n) + (BigInt(program) << 88n);
  return [compressFields(four((i) => packed[i]!)), packed[4]!, packed[5]!, 0n];
}

const tagged = (hash: Field, tag: Field): Field => (hash + tag) % FIELD_MODULUS;
