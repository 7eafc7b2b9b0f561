import { ProgramLoadError } from '../errors.js';

/** Numbers of the ELF format that Agave's parser looks at. */
export const ELF = {
  HEADER_BYTES: 64,
  PROGRAM_HEADER_BYTES: 56,
  SECTION_HEADER_BYTES: 64,
  SYMBOL_BYTES: 24,
  RELOCATION_BYTES: 16,
  PT_LOAD: 1,
  PT_DYNAMIC: 2,
  PF_EXECUTE: 1,
  PF_READ: 4,
  SHT_NULL: 0,
  SHT_STRTAB: 3,
  SHT_SYMTAB: 2,
  SHT_DYNAMIC: 6,
  SHT_NOBITS: 8,
  SHT_DYNSYM: 11,
  SHF_WRITE_AND_ALLOC: 3,
  ET_DYN: 3,
  EM_BPF: 247,
  EM_SBPF: 263,
} as const;

export interface ProgramHeader {
  type: number;
  flags: number;
  offset: number;
  address: number;
  physicalAddress: number;
  fileBytes: number;
  memoryBytes: number;
}

export interface SectionHeader {
  name: number;
  type: number;
  flags: number;
  address: number;
  offset: number;
  size: number;
}

/** @param reason - Agave's name of the error */
export function badElf(reason: string, what: string): ProgramLoadError {
  return new ProgramLoadError('BAD_ELF', `not a program that can be loaded: ${what}.`, { reason });
}

/** Reads the tables of an ELF file. Numbers above 2^53 lose their last bits, and are out of any file's range. */
export class ElfReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    if (bytes.length < ELF.HEADER_BYTES)
      throw badElf('OutOfBounds', `${bytes.length} bytes hold no ELF header`);
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, true);
  }

  u64(at: number): number {
    return Number(this.u64Exact(at));
  }

  u64Exact(at: number): bigint {
    this.#check(at, 8);
    return this.#view.getBigUint64(at, true);
  }

  setU32(at: number, value: number): void {
    this.#check(at, 4);
    this.#view.setUint32(at, value, true);
  }

  setU64(at: number, value: bigint): void {
    this.#check(at, 8);
    this.#view.setBigUint64(at, value, true);
  }

  get header() {
    return {
      type: this.u16(16),
      machine: this.u16(18),
      version: this.u32(20),
      entry: this.u64Exact(24),
      programHeaders: this.u64(32),
      sectionHeaders: this.u64(40),
      flags: this.u32(48),
      headerBytes: this.u16(52),
      programHeaderBytes: this.u16(54),
      programHeaderCount: this.u16(56),
      sectionHeaderBytes: this.u16(58),
      sectionHeaderCount: this.u16(60),
      sectionNames: this.u16(62),
    };
  }

  programHeader(at: number): ProgramHeader {
    return {
      type: this.u32(at),
      flags: this.u32(at + 4),
      offset: this.u64(at + 8),
      address: this.u64(at + 16),
      physicalAddress: this.u64(at + 24),
      fileBytes: this.u64(at + 32),
      memoryBytes: this.u64(at + 40),
    };
  }

  sectionHeader(at: number): SectionHeader {
    return {
      name: this.u32(at),
      type: this.u32(at + 4),
      flags: this.u64(at + 8),
      address: this.u64(at + 16),
      offset: this.u64(at + 24),
      size: this.u64(at + 32),
    };
  }

  /** @throws {ProgramLoadError} when it is longer than `limit` bytes, its end included, or leaves the section */
  text({ type, offset, size }: SectionHeader, at: number, limit: number): string {
    if (type !== ELF.SHT_STRTAB) throw badElf('InvalidSectionHeader', 'a table of strings has another type');
    const start = offset + at;
    const end = Math.min(offset + size, start + limit);
    if (end > this.bytes.length || start > end) throw badElf('OutOfBounds', 'a string leaves the file');
    const length = this.bytes.subarray(start, end).indexOf(0);
    if (length < 0) throw badElf('StringTooLong', `a string has more than ${limit - 1} bytes`);
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('latin1');
  }

  #check(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.bytes.length)
      throw badElf('OutOfBounds', `a value at ${at} leaves the file`);
  }
}
