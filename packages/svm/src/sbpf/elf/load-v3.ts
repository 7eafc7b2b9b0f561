import { decodeInstructions } from '../decode-instructions.js';
import { type Program, REGION_BYTES } from '../program.js';
import { verifyBytecode } from '../verify-bytecode.js';
import { badElf, ELF, type ElfReader, type ProgramHeader } from './elf-reader.js';

const TEXT_ADDRESS = Number(REGION_BYTES);
const SLOT_BYTES = 8;
/** magic, 64 bits, little endian, version 1, no ABI, padding */
const IDENTIFICATION = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/**
 * Loads a file of sBPF v3 (SIMD-0189): constants at address 0, bytecode at 2^32, in this order and nothing else; no
 * sections, no relocations.
 * @throws {ProgramLoadError} as Agave's strict parser and its verifier would refuse it
 */
export function loadV3(file: ElfReader): Program {
  const { header, bytes } = file;
  const tableEnd = ELF.HEADER_BYTES + ELF.PROGRAM_HEADER_BYTES * header.programHeaderCount;
  if (
    IDENTIFICATION.some((byte, index) => bytes[index] !== byte) ||
    header.machine !== ELF.EM_BPF ||
    header.version !== 1 ||
    header.programHeaders !== ELF.HEADER_BYTES ||
    header.headerBytes !== ELF.HEADER_BYTES ||
    header.programHeaderBytes !== ELF.PROGRAM_HEADER_BYTES ||
    header.programHeaderCount === 0 ||
    tableEnd > bytes.length
  )
    throw badElf('InvalidFileHeader', 'its header is not that of a version 3 program');

  const first = file.programHeader(ELF.HEADER_BYTES);
  const hasConstants = first.flags === ELF.PF_READ;
  if (hasConstants && header.programHeaderCount < 2)
    throw badElf('InvalidFileHeader', 'it has constants and no bytecode');
  const code = hasConstants ? file.programHeader(ELF.HEADER_BYTES + ELF.PROGRAM_HEADER_BYTES) : first;
  let offset = tableEnd;
  if (hasConstants) offset = checkSegment(first, ELF.PF_READ, 0, offset, bytes.length);
  checkSegment(code, ELF.PF_EXECUTE, TEXT_ADDRESS, offset, bytes.length);

  const entry = Number(header.entry) - TEXT_ADDRESS;
  if (entry < 0 || entry + SLOT_BYTES > code.fileBytes || entry % SLOT_BYTES !== 0)
    throw badElf('InvalidFileHeader', 'it starts outside of its bytecode');
  const text = segment(bytes, code);
  verifyBytecode(text, 3);
  return {
    version: 3,
    instructions: decodeInstructions(text, 3, new Map()),
    text,
    textAddress: REGION_BYTES,
    readOnly: { address: 0n, bytes: hasConstants ? segment(bytes, first) : new Uint8Array() },
    entry: entry / SLOT_BYTES,
  };
}

/** @returns where the next segment has to begin */
function checkSegment(
  header: ProgramHeader,
  flags: number,
  address: number,
  offset: number,
  fileBytes: number,
): number {
  if (
    header.type !== ELF.PT_LOAD ||
    header.flags !== flags ||
    header.offset !== offset ||
    header.offset >= fileBytes ||
    header.offset % SLOT_BYTES !== 0 ||
    header.address !== address ||
    header.physicalAddress !== address ||
    header.fileBytes !== header.memoryBytes ||
    header.fileBytes > fileBytes - header.offset ||
    header.fileBytes % SLOT_BYTES !== 0
  )
    throw badElf('InvalidProgramHeader', `the segment at address ${address} is not laid out as it has to be`);
  return offset + header.fileBytes;
}

function segment(bytes: Uint8Array, { offset, fileBytes }: ProgramHeader): Uint8Array {
  return bytes.slice(offset, offset + fileBytes);
}
