import { badElf, ELF, type ElfReader, type ProgramHeader, type SectionHeader } from './elf-reader.js';

const IDENTIFICATION = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1);
const ABI_AT = 7;
const MAX_SECTION_NAME_BYTES = 16;
const DYNAMIC_BYTES = 16;
const DT = { NULL: 0, SYMTAB: 6, REL: 17, RELSZ: 18, RELENT: 19, COUNT: 35 } as const;

export interface Section extends SectionHeader {
  text: string;
}

/** What the loader of v0 needs of a file. */
export interface LenientElf {
  sections: Section[];
  text: Section;
  relocations: { offset: number; type: number; symbol: number }[];
  symbolTable: SectionHeader | undefined;
  symbolNames: Section | undefined;
}

/**
 * Parses and checks a file of sBPF v0 as Agave's lenient parser does.
 * @throws {ProgramLoadError}
 */
export function parseLenient(file: ElfReader): LenientElf {
  const { header, bytes } = file;
  if (
    IDENTIFICATION.some((byte, index) => bytes[index] !== byte) ||
    header.version !== 1 ||
    header.headerBytes !== ELF.HEADER_BYTES ||
    header.programHeaderBytes !== ELF.PROGRAM_HEADER_BYTES ||
    header.sectionHeaderBytes !== ELF.SECTION_HEADER_BYTES ||
    header.sectionNames >= header.sectionHeaderCount
  )
    throw badElf('InvalidFileHeader', 'its header is not that of an ELF file');
  const programHeaders = table(
    file,
    header.programHeaders,
    header.programHeaderCount,
    ELF.PROGRAM_HEADER_BYTES,
  ).map((at) => file.programHeader(at));
  const headers = table(file, header.sectionHeaders, header.sectionHeaderCount, ELF.SECTION_HEADER_BYTES).map(
    (at) => file.sectionHeader(at),
  );
  checkLayout(file, programHeaders, headers);
  const names = headers[header.sectionNames]!;
  const sections = headers.map(
    (section): Section => ({
      ...section,
      text: file.text(names, section.name, MAX_SECTION_NAME_BYTES),
    }),
  );
  const text = checkSections(file, sections);
  return { sections, text, ...readDynamic(file, programHeaders, sections) };
}

/** Whether a table of entries of this size can be read there, even if it has none. */
function isTable(file: ElfReader, offset: number, size: number, entryBytes: number): boolean {
  return size % entryBytes === 0 && offset % 8 === 0 && offset + size <= file.bytes.length;
}

/** Where its entries are. */
function table(file: ElfReader, offset: number, count: number, bytes: number): number[] {
  if (!isTable(file, offset, count * bytes, bytes)) throw badElf('OutOfBounds', 'a table leaves the file');
  return Array.from({ length: count }, (_, index) => offset + bytes * index);
}

function checkLayout(file: ElfReader, programHeaders: ProgramHeader[], sections: SectionHeader[]): void {
  const { header, bytes } = file;
  if (sections[0]?.type !== ELF.SHT_NULL)
    throw badElf('InvalidSectionHeader', 'its first section is not the empty one');
  let address = 0;
  for (const segment of programHeaders) {
    if (segment.type !== ELF.PT_LOAD) continue;
    if (segment.address < address) throw badElf('InvalidProgramHeader', 'its segments are not in order');
    if (segment.offset + segment.fileBytes > bytes.length)
      throw badElf('OutOfBounds', 'a segment leaves the file');
    ({ address } = segment);
  }
  const tables: [number, number][] = [
    [0, ELF.HEADER_BYTES],
    [header.programHeaders, header.programHeaders + ELF.PROGRAM_HEADER_BYTES * header.programHeaderCount],
    [header.sectionHeaders, header.sectionHeaders + ELF.SECTION_HEADER_BYTES * header.sectionHeaderCount],
  ];
  const overlap = ([a, b]: [number, number], [c, d]: [number, number]) => b > c && d > a;
  if (overlap(tables[0]!, tables[1]!) || overlap(tables[0]!, tables[2]!) || overlap(tables[1]!, tables[2]!))
    throw badElf('Overlap', 'its tables overlap');
  let end = 0;
  for (const { type, offset, size } of sections) {
    if (type === ELF.SHT_NOBITS) continue;
    if (tables.some((range) => overlap(range, [offset, offset + size])))
      throw badElf('Overlap', 'a section overlaps a table');
    if (offset < end) throw badElf('SectionNotInOrder', 'its sections are not in order');
    end = offset + size;
    if (end > bytes.length) throw badElf('OutOfBounds', 'a section leaves the file');
  }
}

/** @returns the section of the bytecode */
function checkSections(file: ElfReader, sections: Section[]): Section {
  const { header, bytes } = file;
  if (bytes[ABI_AT] !== 0) throw badElf('WrongAbi', 'it has another ABI');
  if (header.machine !== ELF.EM_BPF && header.machine !== ELF.EM_SBPF)
    throw badElf('WrongMachine', `it is for machine ${header.machine}`);
  if (header.type !== ELF.ET_DYN) throw badElf('WrongType', 'it is no shared object');
  const texts = sections.filter(({ text }) => text === '.text');
  const [text] = texts;
  if (text === undefined || texts.length > 1)
    throw badElf('NotOneTextSection', 'it has not one .text section');
  for (const { text: name, flags, offset, size } of sections) {
    const writable = (flags & ELF.SHF_WRITE_AND_ALLOC) === ELF.SHF_WRITE_AND_ALLOC;
    const data = name.startsWith('.data') && !name.startsWith('.data.rel');
    if (name.startsWith('.bss') || (writable && data))
      throw badElf('WritableSectionNotSupported', `it has the writable section ${name}`);
    if (offset + size > bytes.length) throw badElf('ValueOutOfBounds', 'a section leaves the file');
  }
  const entry = Number(header.entry);
  if (entry < text.address || entry >= text.address + text.size)
    throw badElf('EntrypointOutOfBounds', 'it starts outside of its bytecode');
  return text;
}

function readDynamic(
  file: ElfReader,
  programHeaders: ProgramHeader[],
  sections: Section[],
): Pick<LenientElf, 'relocations' | 'symbolTable' | 'symbolNames'> {
  const symbolNames = sections.find(({ text }) => text === '.dynstr');
  const none = { relocations: [], symbolTable: undefined, symbolNames };
  const segment = programHeaders.find(({ type }) => type === ELF.PT_DYNAMIC);
  const section = sections.find(({ type }) => type === ELF.SHT_DYNAMIC);
  const inSegment = segment !== undefined && isTable(file, segment.offset, segment.fileBytes, DYNAMIC_BYTES);
  const found = inSegment ? { offset: segment.offset, size: segment.fileBytes } : section;
  if (found === undefined) return none;
  const { offset, size } = found;
  if (!isTable(file, offset, size, DYNAMIC_BYTES))
    throw badElf('InvalidDynamicSectionTable', 'its dynamic section is not valid');
  const values = new Array<number>(DT.COUNT).fill(0);
  for (let at = offset; at < offset + size; at += DYNAMIC_BYTES) {
    const tag = file.u64(at);
    if (tag === DT.NULL) break;
    if (tag < DT.COUNT) values[tag] = file.u64(at + 8);
  }
  const symbols = values[DT.SYMTAB]!;
  const symbolTable = symbols === 0 ? undefined : sections.find(({ address }) => address === symbols);
  if (symbols !== 0 && !isSymbolTable(file, symbolTable))
    throw badElf('InvalidDynamicSectionTable', 'its table of symbols is missing');
  return { relocations: readRelocations(file, programHeaders, sections, values), symbolTable, symbolNames };
}

function isSymbolTable(file: ElfReader, section: Section | undefined): boolean {
  if (section === undefined) return false;
  const { type, offset, size } = section;
  return (
    (type === ELF.SHT_SYMTAB || type === ELF.SHT_DYNSYM) && isTable(file, offset, size, ELF.SYMBOL_BYTES)
  );
}

function readRelocations(
  file: ElfReader,
  programHeaders: ProgramHeader[],
  sections: Section[],
  values: number[],
): LenientElf['relocations'] {
  const address = values[DT.REL]!;
  if (address === 0) return [];
  const size = values[DT.RELSZ]!;
  const segment = programHeaders.find(
    (header) => address >= header.address && address < header.address + header.memoryBytes,
  );
  const offset =
    segment === undefined
      ? sections.find((section) => section.address === address)?.offset
      : address - segment.address + segment.offset;
  if (
    values[DT.RELENT] !== ELF.RELOCATION_BYTES ||
    size === 0 ||
    offset === undefined ||
    !isTable(file, offset, size, ELF.RELOCATION_BYTES)
  )
    throw badElf('InvalidDynamicSectionTable', 'its table of relocations is not valid');
  return table(file, offset, size / ELF.RELOCATION_BYTES, ELF.RELOCATION_BYTES).map((at) => ({
    offset: file.u64(at),
    type: file.u32(at + 8),
    symbol: file.u32(at + 12),
  }));
}
