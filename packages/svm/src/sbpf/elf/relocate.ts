import { murmur3 } from '../murmur3.js';
import { CALL } from '../opcodes.js';
import { REGION_BYTES } from '../program.js';
import { SYSCALL_NUMBERS, syscallHash } from '../syscalls/syscall-names.js';
import { badElf, ELF, type ElfReader } from './elf-reader.js';
import type { LenientElf, Section } from './parse-lenient.js';

/** Relocation types: https://github.com/anza-xyz/sbpf/blob/main/doc/relocations.md */
const R_64_64 = 1;
const R_64_RELATIVE = 8;
const R_64_32 = 10;
const MAX_SYMBOL_NAME_BYTES = 64;
const FUNCTION_TYPE = 2;
const SLOT_BYTES = 8;

/** Slots of functions by the hash that calls carry. */
export class Functions extends Map<number, number> {
  /** @throws {ProgramLoadError} when another function or a system call has the same hash */
  register(slot: number, name: string): number {
    const hash = name === 'entrypoint' ? syscallHash(name) : hashOfSlot(slot);
    const known = this.get(hash);
    if (SYSCALL_NUMBERS.has(hash) || (known !== undefined && known !== slot))
      throw badElf('SymbolHashCollision', `two functions have the hash ${hash}`);
    this.set(hash, slot);
    return hash;
  }
}

/**
 * Puts hashes into calls and virtual addresses into constants, in place.
 * @throws {ProgramLoadError}
 */
export function relocate(file: ElfReader, elf: LenientElf): Functions {
  const functions = new Functions();
  hashRelativeCalls(file, elf.text, functions);
  for (const { offset, type, symbol } of elf.relocations) {
    if (type === R_64_64) relocateAddress(file, offset, readSymbol(file, elf, symbol).value);
    else if (type === R_64_RELATIVE) relocateRelative(file, elf.text, offset);
    else if (type === R_64_32) relocateCall(file, elf, offset, symbol, functions);
    else throw badElf('UnknownRelocation', `it has relocations of type ${type}`);
  }
  return functions;
}

function hashRelativeCalls({ bytes }: ElfReader, text: Section, functions: Functions): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + text.offset, text.size);
  const count = Math.floor(text.size / SLOT_BYTES);
  for (let slot = 0; slot < count; slot++) {
    if (view.getUint8(SLOT_BYTES * slot) !== CALL) continue;
    const immediate = view.getInt32(SLOT_BYTES * slot + 4, true);
    // A relocation says what is called.
    if (immediate === -1) continue;
    const target = slot + 1 + immediate;
    if (target < 0 || target >= count)
      throw badElf('RelativeJumpOutOfBounds', `instruction ${slot} calls ${target} of ${count}`);
    view.setUint32(SLOT_BYTES * slot + 4, functions.register(target, ''), true);
  }
}

/** lddw of a symbol's address. */
function relocateAddress(file: ElfReader, offset: number, symbol: bigint): void {
  setLddw(file, offset, inProgram(symbol + BigInt(file.u32(offset + 4))));
}

function relocateRelative(file: ElfReader, text: Section, offset: number): void {
  const low = BigInt(file.u32(offset + 4));
  if (offset < text.offset || offset >= text.offset + text.size) {
    // Old toolchains wrote the address of a constant into its upper half, and it stayed so.
    file.setU64(offset, low + REGION_BYTES);
    return;
  }
  const address = low | (BigInt(file.u32(offset + SLOT_BYTES + 4)) << 32n);
  if (address === 0n) throw badElf('InvalidVirtualAddress', 'it loads the address 0');
  setLddw(file, offset, inProgram(address));
}

function relocateCall(
  file: ElfReader,
  elf: LenientElf,
  offset: number,
  index: number,
  functions: Functions,
): void {
  const symbol = readSymbol(file, elf, index);
  if (elf.symbolNames === undefined) throw badElf('UnknownSymbol', 'it has no names of symbols');
  const name = file.text(elf.symbolNames, symbol.name, MAX_SYMBOL_NAME_BYTES);
  const value = Number(symbol.value);
  const { text } = elf;
  if (symbol.isFunction && value !== 0) {
    if (value < text.address || value >= text.address + text.size)
      throw badElf('ValueOutOfBounds', `the function ${name} is not in its bytecode`);
    file.setU32(offset + 4, functions.register(Math.floor((value - text.address) / SLOT_BYTES), name));
  } else file.setU32(offset + 4, murmur3(Buffer.from(name, 'latin1')));
}

function readSymbol(file: ElfReader, { symbolTable }: LenientElf, index: number) {
  if (symbolTable === undefined || ELF.SYMBOL_BYTES * (index + 1) > symbolTable.size)
    throw badElf('UnknownSymbol', `it has no symbol ${index}`);
  const at = symbolTable.offset + ELF.SYMBOL_BYTES * index;
  return {
    name: file.u32(at),
    isFunction: (file.bytes[at + 4]! & 15) === FUNCTION_TYPE,
    value: file.u64Exact(at + 8),
  };
}

function setLddw(file: ElfReader, offset: number, address: bigint): void {
  file.setU32(offset + 4, Number(address & 0xffffffffn));
  file.setU32(offset + SLOT_BYTES + 4, Number((address >> 32n) & 0xffffffffn));
}

function inProgram(address: bigint): bigint {
  return address < REGION_BYTES ? address + REGION_BYTES : address;
}

function hashOfSlot(slot: number): number {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setUint32(0, slot, true);
  return murmur3(key);
}
