import { decodeInstructions } from '../decode-instructions.js';
import { type Program, REGION_BYTES } from '../program.js';
import { verifyBytecode } from '../verify-bytecode.js';
import { badElf, ELF, type ElfReader } from './elf-reader.js';
import { parseLenient, type Section } from './parse-lenient.js';
import { relocate } from './relocate.js';

const SLOT_BYTES = 8;
const READ_ONLY = new Set(['.text', '.rodata', '.data.rel.ro', '.eh_frame']);

/**
 * Loads a file of sBPF v0: relocates it, and maps its read-only sections to 2^32.
 * @param file - is changed
 * @throws {ProgramLoadError} as Agave's lenient parser and its verifier would refuse it
 */
export function loadV0(file: ElfReader): Program {
  const elf = parseLenient(file);
  const { text, sections } = elf;
  if (text.address >= Number(REGION_BYTES)) throw badElf('ValueOutOfBounds', 'its bytecode is out of bounds');
  const functions = relocate(file, elf);
  const start = Number(file.header.entry) - text.address;
  if (start % SLOT_BYTES !== 0) throw badElf('InvalidEntrypoint', 'it starts between two instructions');
  const entry = start / SLOT_BYTES;
  functions.register(entry, 'entrypoint');
  const bytes = readOnlyBytes(file.bytes, sections);
  const code = bytes.slice(text.address, text.address + text.size);
  verifyBytecode(code, 0);
  return {
    version: 0,
    instructions: decodeInstructions(code, 0, functions),
    text: code,
    textAddress: REGION_BYTES + BigInt(text.address),
    readOnly: { address: REGION_BYTES, bytes },
    entry,
  };
}

/** The read-only sections at their addresses, zeros between them. */
function readOnlyBytes(file: Uint8Array, sections: Section[]): Uint8Array {
  const parts = sections.filter(({ text }) => READ_ONLY.has(text));
  const length = Math.max(...parts.map(({ address, size }) => address + size));
  if (length > file.length) throw badElf('ValueOutOfBounds', 'a section leaves the file');
  const bytes = new Uint8Array(length);
  for (const { type, address, offset, size } of parts)
    if (type !== ELF.SHT_NOBITS) bytes.set(file.subarray(offset, offset + size), address);
  return bytes;
}
