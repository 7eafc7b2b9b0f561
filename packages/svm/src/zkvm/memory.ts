import { packAnswer } from './answer.js';
import { ZkvmError } from './errors.js';
import { COUNTERS, MEMORY_ROW, OP } from './operations.js';
import type { RowReference, Rows } from './rows.js';

/** Addresses that an invocation may use, and the cells that they mean. */
export interface Region {
  /** start of a word */
  start: bigint;
  /** bytes */
  length: number;
  /** cell of the first word */
  cell: number;
  writable: boolean;
  /** what gives the right to it, for whoever laid the regions out */
  right?: unknown;
}

/** `Segment` in circuits/lib/src/sbpf/segment.nr. */
export interface Segment {
  invocation: number;
  start: bigint;
  length: number;
  cell: number;
  writable: boolean;
  right?: unknown;
}

const MASK = (1n << 64n) - 1n;
const SIZES = [1, 2, 4, 8];

/**
 * Cells, and the accesses to them as rows. Segments are made as they are used. Regions may go beyond the cells: these
 * begin with zeros, and are not among `cells`, so that stacks take no room that is not used.
 */
export class ZkvmMemory {
  readonly cells: bigint[];
  readonly #beyond = new Map<number, bigint>();
  readonly segments: Segment[] = [];
  readonly #rows: Rows;
  readonly #segments = new Map<string, number>();
  #regions: readonly Region[] = [];
  #invocation = 0;
  #accesses = 0;

  constructor(cells: readonly bigint[], rows: Rows) {
    this.cells = [...cells];
    this.#rows = rows;
  }

  /** From here on, accesses are those of this invocation. */
  enter(invocation: number, regions: readonly Region[]): void {
    this.#invocation = invocation;
    this.#regions = regions;
  }

  /** What a program could load from there. @throws {ZkvmError} on an access violation */
  read(address: bigint, length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, i) => {
      const at = address + BigInt(i);
      const { start, cell } = this.#find(at, 1, false);
      const place = Number(at - start);
      return Number((this.#cell(cell + Math.floor(place / 8)) >> BigInt(8 * (place % 8))) & 255n);
    });
  }

  /**
   * Loads from, or stores `x` into, the `bytes` bytes before `end`.
   * @param x - what the register holds
   * @throws {ZkvmError} on an access violation
   */
  access(
    stores: boolean,
    bytes: number,
    end: bigint,
    x: bigint,
  ): { row: RowReference; z: bigint; u: bigint } {
    const start = end - BigInt(bytes);
    // Words are counted from the start of a region, which need not be a multiple of 8.
    const all = this.#covering(start, bytes, stores);
    const first = start - ((start - (all?.start ?? 0n)) & 7n);
    const regionOf = (address: bigint, length: number) => all ?? this.#find(address, length, stores);
    const u = BigInt(this.#accesses++ + COUNTERS * this.#invocation);
    const crossing = end > first + 8n;
    const before = Number(start - first);
    if (!crossing && bytes === 8) {
      const { old, index } = this.#word(regionOf(first, 8), first, 8, stores, true, false, x);
      return { row: { chip: 'words', index }, z: stores ? x : old, u };
    }
    const shift = BigInt(8 * before);
    const mask = ((1n << BigInt(8 * bytes)) - 1n) << shift;
    const inFirst = crossing ? 8 : before + bytes;
    const inSecond = crossing ? before + bytes - 8 : 0;
    const region = regionOf(first, inFirst);
    const second = crossing ? regionOf(first + 8n, inSecond) : undefined;
    const peek = this.#peek(region, first) + (second ? this.#peek(second, first + 8n) << 64n : 0n);
    const changed = stores ? (peek & ~mask) | ((x << shift) & mask) : peek;
    const row = this.#word(region, first, inFirst, stores, false, false, stores ? changed & MASK : x);
    if (second) this.#word(second, first + 8n, inSecond, stores, false, true, stores ? changed >> 64n : 0n);
    const z = stores ? x : (peek & mask) >> shift;
    const size = SIZES.indexOf(bytes);
    const op = bytes === 8 ? (stores ? OP.STORE_8 : OP.LOAD_8) : (stores ? OP.STORE : OP.LOAD) + size;
    const chip = `${crossing ? 'crossing' : 'part'}_${stores ? 'stores' : 'loads'}` as const;
    const reference = this.#rows.add(chip, {
      fields: {
        answer: packAnswer({ op, x, y: end, z, u }),
        size: BigInt(size),
        ...(stores ? { value: x } : {}),
      },
      reads: { chip: 'words', index: row.index },
    });
    return { row: reference, z, u };
  }

  /** One row on one word; `end` is where in it the access ends. */
  #word(
    region: Region,
    address: bigint,
    end: number,
    stores: boolean,
    whole: boolean,
    second: boolean,
    word: bigint,
  ) {
    const offset = Number(address - region.start) / 8;
    const cell = region.cell + offset;
    const old = this.#cell(cell);
    if (stores) {
      if (cell < this.cells.length) this.cells[cell] = word;
      else this.#beyond.set(cell, word);
    }
    const reference = this.#rows.add('words', {
      fields: {
        segment: BigInt(this.#segment(region, stores)),
        offset: BigInt(offset),
        end: BigInt(end),
        stores,
        whole: stores && whole,
        second,
        used: true,
        word,
      },
      found: old,
    }) as { index: number };
    return { old, index: reference.index };
  }

  #peek(region: Region, address: bigint): bigint {
    return this.#cell(region.cell + Number(address - region.start) / 8);
  }

  #cell(cell: number): bigint {
    return this.cells[cell] ?? this.#beyond.get(cell) ?? 0n;
  }

  #find(address: bigint, bytes: number, stores: boolean): Region {
    const found = this.#covering(address, bytes, stores);
    if (found === undefined)
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'the program accesses memory that it may not access', {
        address: `0x${address.toString(16)}`,
      });
    return found;
  }

  #covering(address: bigint, bytes: number, stores: boolean): Region | undefined {
    return this.#regions.find(
      ({ start, length, writable }) =>
        address >= start && address + BigInt(bytes) <= start + BigInt(length) && (writable || !stores),
    );
  }

  #segment({ start, length, cell, right }: Region, writable: boolean): number {
    const key = `${this.#invocation} ${start} ${writable}`;
    const known = this.#segments.get(key);
    if (known !== undefined) return known;
    const index =
      this.segments.push({ invocation: this.#invocation, start, length, cell, writable, right }) - 1;
    this.#segments.set(key, index);
    return index;
  }
}

/** Whether an operation is a load or a store, and of how many bytes. */
export function memoryOperation(op: number): { stores: boolean; bytes: number } {
  if (op >= MEMORY_ROW.BASE) return { stores: op === OP.STORE_8, bytes: 8 };
  const stores = op >= OP.STORE;
  return { stores, bytes: SIZES[op - (stores ? OP.STORE : OP.LOAD)]! };
}
