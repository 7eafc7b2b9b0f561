import { instructionFault } from '../instruction-error.js';

/** An instruction of the System program, as far as it can be traced. */
export type SystemInstruction =
  | { kind: 'createAccount'; seed?: Seed; lamports: bigint; space: bigint; owner: Uint8Array }
  | { kind: 'assign'; seed?: Seed; owner: Uint8Array }
  | { kind: 'transfer'; lamports: bigint; seed?: { seed: Uint8Array; owner: Uint8Array } }
  | { kind: 'allocate'; space: bigint }
  | { kind: 'allocateWithSeed'; seed: Seed; space: bigint; owner: Uint8Array }
  | { kind: 'unsupported'; number: number };

/** An address derived from another one by a text. */
export interface Seed {
  base: Uint8Array;
  seed: Uint8Array;
}

const LAST_INSTRUCTION = 13;
const MAX_DATA_BYTES = 1_232;

/**
 * Reads an instruction in bincode's form; bytes behind it do not matter.
 * @throws {VmFault} when it is none
 */
export function readSystemInstruction(data: Uint8Array): SystemInstruction {
  const reader = new Reader(data);
  const number = reader.u32();
  switch (number) {
    case 0:
      return { kind: 'createAccount', lamports: reader.u64(), space: reader.u64(), owner: reader.address() };
    case 1:
      return { kind: 'assign', owner: reader.address() };
    case 2:
      return { kind: 'transfer', lamports: reader.u64() };
    case 3: {
      const seed = reader.seed();
      return {
        kind: 'createAccount',
        seed,
        lamports: reader.u64(),
        space: reader.u64(),
        owner: reader.address(),
      };
    }
    case 8:
      return { kind: 'allocate', space: reader.u64() };
    case 9: {
      const seed = reader.seed();
      return { kind: 'allocateWithSeed', seed, space: reader.u64(), owner: reader.address() };
    }
    case 10: {
      const seed = reader.seed();
      return { kind: 'assign', seed, owner: reader.address() };
    }
    case 11: {
      const lamports = reader.u64();
      return { kind: 'transfer', lamports, seed: { seed: reader.text(), owner: reader.address() } };
    }
    default:
      if (number > LAST_INSTRUCTION) throw instructionFault('InvalidInstructionData');
      return { kind: 'unsupported', number };
  }
}

class Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  address(): Uint8Array {
    const at = this.#take(32);
    return this.#data.slice(at, at + 32);
  }

  text(): Uint8Array {
    const length = Number(this.u64());
    const at = this.#take(length);
    const bytes = this.#data.slice(at, at + length);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw instructionFault('InvalidInstructionData');
    }
    return bytes;
  }

  seed(): Seed {
    return { base: this.address(), seed: this.text() };
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > Math.min(this.#data.length, MAX_DATA_BYTES))
      throw instructionFault('InvalidInstructionData');
    this.#at += bytes;
    return at;
  }
}
