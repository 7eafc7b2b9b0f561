import { AT, FIELD_BYTES, initialMemory, LANES } from './layout.js';
import { addProduct, multiply, product, reduce, spread } from './multiply.js';
import { RATE, STATE_SIZE } from './parameters.js';
import {
  combine,
  directRound,
  type FunctionNumbers,
  mixFull,
  partialRounds,
  permute,
  power,
  tidy,
} from './rounds.js';
import { compressSingle, mixFullSingle, permuteSingle, runSingle, startSingle } from './single.js';
import { absorb, compress, run, squeeze, start } from './sponge.js';
import { wasmModule } from './wasm-code.js';
import { type WasmModule, WebAssembly } from './web-assembly.js';

const BLOCK_BYTES = RATE * FIELD_BYTES;
/** a single hash takes in a fourth field, which is 0 */
const SINGLE_BLOCK_BYTES = STATE_SIZE * FIELD_BYTES;
const COMPRESSED_BYTES = STATE_SIZE * FIELD_BYTES;
const PAGES = 6;
const PAGE_BYTES = 65_536;
/** permutations of each lane whose input fits into the memory at once */
const MAX_RUN = Math.floor((PAGES * PAGE_BYTES - AT.input) / (LANES * BLOCK_BYTES));

const FUNCTIONS = {
  multiply,
  product,
  addProduct,
  reduce,
  spread,
  tidy,
  power,
  mixFull,
  directRound,
  combine,
  partialRounds,
  permute,
  absorb,
  start,
  run,
  compress,
  squeeze,
  mixFullSingle,
  permuteSingle,
  startSingle,
  runSingle,
  compressSingle,
};

interface Exports {
  memory: { buffer: ArrayBuffer };
  start(): void;
  run(permutations: number): void;
  squeeze(): void;
  startSingle(): void;
  runSingle(permutations: number): void;
  compress(): void;
  compressSingle(): void;
}

/**
 * Poseidon2 over BN254 as Barretenberg's `poseidon2Hash`, four hashes at a time: WebAssembly that this package
 * writes itself, with 128-bit vector instructions. An instance belongs to one thread and its memory does not grow.
 */
export class Poseidon2 {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #view: DataView;

  constructor(program: Poseidon2Program) {
    this.#exports = new WebAssembly.Instance(program.module).exports as Exports;
    const { buffer } = this.#exports.memory;
    this.#memory = new Uint8Array(buffer);
    this.#memory.set(program.constants);
    this.#view = new DataView(buffer);
  }

  /**
   * Hashes many messages, of which those of equal length share the lanes best.
   * @param fields - the messages one after the other, each field 32 big-endian bytes of a number below the modulus
   * @param counts - the number of fields of each message
   * @returns the hashes one after the other, 32 big-endian bytes each
   */
  hashMany(fields: Uint8Array, counts: ArrayLike<number>): Uint8Array<ArrayBuffer> {
    const hashes = new Uint8Array(counts.length * FIELD_BYTES);
    const lanes: Lane[] = [];
    for (const message of inOrderOfLength(counts)) {
      const first = lanes[0];
      // lanes that are done early would wait for a much longer one
      if (lanes.length === LANES || (first !== undefined && message.count > 2 * LANES * RATE * first.count))
        this.#hashGroup(fields, lanes.splice(0), hashes);
      lanes.push(message);
    }
    if (lanes.length > 0) this.#hashGroup(fields, lanes, hashes);
    return hashes;
  }

  /**
   * Compresses four fields at a time into one: the first of the permuted state plus the first field.
   * @param fields - 32 big-endian bytes each, of numbers below the modulus
   * @returns the results one after the other, 32 big-endian bytes each
   */
  compressMany(fields: Uint8Array): Uint8Array<ArrayBuffer> {
    const results = new Uint8Array(fields.length / STATE_SIZE);
    for (let from = 0, to = 0; from < fields.length; ) {
      const bytes = Math.min(LANES * COMPRESSED_BYTES, fields.length - from);
      this.#memory.set(fields.subarray(from, from + bytes), AT.input);
      if (bytes === COMPRESSED_BYTES) this.#exports.compressSingle();
      else this.#exports.compress();
      results.set(this.#memory.subarray(AT.output, AT.output + bytes / STATE_SIZE), to);
      from += bytes;
      to += bytes / STATE_SIZE;
    }
    return results;
  }

  #hashGroup(fields: Uint8Array, lanes: Lane[], hashes: Uint8Array): void {
    if (lanes.length === 1) this.#hashSingle(fields, lanes[0]!, hashes);
    else this.#hashLanes(fields, lanes, hashes);
  }

  #hashSingle(fields: Uint8Array, message: Lane, hashes: Uint8Array): void {
    this.#memory.fill(0, AT.capacity, AT.capacity + LANES * FIELD_BYTES);
    this.#view.setUint32(AT.capacity + LANES * FIELD_BYTES - 12, message.count);
    this.#exports.startSingle();
    const permutations = permutationsOf(message.count);
    for (let done = 0; done < permutations; ) {
      const steps = Math.min(permutations - done, MAX_RUN);
      for (let step = 0; step < steps; step++) {
        const at = AT.input + step * SINGLE_BLOCK_BYTES;
        this.#fill(fields, message, { from: (done + step) * BLOCK_BYTES, at, bytes: BLOCK_BYTES });
        this.#memory.fill(0, at + BLOCK_BYTES, at + SINGLE_BLOCK_BYTES);
      }
      this.#exports.runSingle(steps);
      done += steps;
    }
    this.#exports.squeeze();
    hashes.set(this.#memory.subarray(AT.output, AT.output + FIELD_BYTES), message.index * FIELD_BYTES);
  }

  /** Lanes stand in the order of their length; each is done after its own number of permutations. */
  #hashLanes(fields: Uint8Array, lanes: Lane[], hashes: Uint8Array): void {
    this.#memory.fill(0, AT.capacity, AT.capacity + LANES * FIELD_BYTES);
    lanes.forEach(({ count }, lane) => {
      // the number of fields, shifted by 64 bits
      const end = AT.capacity + (lane + 1) * FIELD_BYTES;
      this.#view.setUint32(end - 12, count);
    });
    this.#exports.start();
    let done = 0;
    for (const lane of lanes) {
      const permutations = permutationsOf(lane.count);
      while (done < permutations) {
        const steps = Math.min(permutations - done, MAX_RUN);
        lanes.forEach((other, i) => {
          this.#fill(fields, other, {
            from: done * BLOCK_BYTES,
            at: AT.input + i * steps * BLOCK_BYTES,
            bytes: steps * BLOCK_BYTES,
          });
        });
        this.#exports.run(steps);
        done += steps;
        if (done === permutations) this.#exports.squeeze();
      }
      const output = AT.output + lanes.indexOf(lane) * FIELD_BYTES;
      hashes.set(this.#memory.subarray(output, output + FIELD_BYTES), lane.index * FIELD_BYTES);
    }
  }

  #fill(fields: Uint8Array, lane: Lane, part: { from: number; at: number; bytes: number }): void {
    const available = Math.min(Math.max(lane.count * FIELD_BYTES - part.from, 0), part.bytes);
    const start = lane.start + part.from;
    this.#memory.set(fields.subarray(start, start + available), part.at);
    this.#memory.fill(0, part.at + available, part.at + part.bytes);
  }
}

/** What instances are made of; threads may share it. */
export interface Poseidon2Program {
  module: WasmModule;
  constants: Uint8Array<ArrayBuffer>;
}

let program: Poseidon2Program | undefined;

/** Compiles the code and computes the constants, once a process (about 80 ms). */
export function poseidon2Program(): Poseidon2Program {
  if (program !== undefined) return program;
  const numbers = Object.fromEntries(Object.keys(FUNCTIONS).map((name, i) => [name, i]));
  const functions = Object.values(FUNCTIONS).map((build) => build(numbers as unknown as FunctionNumbers));
  const module = new WebAssembly.Module(wasmModule(functions, { pages: PAGES, exports: numbers }));
  program = { module, constants: initialMemory() };
  return program;
}

interface Lane {
  index: number;
  /** in bytes */
  start: number;
  count: number;
}

/** Even no field at all takes one permutation. */
function permutationsOf(count: number): number {
  return Math.max(1, Math.ceil(count / RATE));
}

function inOrderOfLength(counts: ArrayLike<number>): Lane[] {
  const lanes: Lane[] = [];
  let start = 0;
  let sorted = true;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index]!;
    if (index > 0 && count < counts[index - 1]!) sorted = false;
    lanes.push({ index, start, count });
    start += count * FIELD_BYTES;
  }
  return sorted ? lanes : lanes.sort((a, b) => a.count - b.count);
}
