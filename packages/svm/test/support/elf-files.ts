import type { Assembly } from '../../src/sbpf/assemble.js';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;

interface Parts {
  /** constants that the program can read: at 0 in v3, behind the code in v0 */
  constants?: Uint8Array;
}

/** A program file of sBPF v3 (SIMD-0189). It starts at the label `entrypoint`, or at its first instruction. */
export function elfV3({ text, labels }: Assembly, { constants = new Uint8Array() }: Parts = {}): Uint8Array {
  const readOnly = padded(constants, 8);
  const segments = readOnly.length > 0 ? 2 : 1;
  const start = HEADER_BYTES + PROGRAM_HEADER_BYTES * segments;
  // litesvm needs a table of symbols, though an empty one, of programs whose registers it writes down.
  const names = table(['', '.symtab', '.strtab', '.shstrtab']);
  const strings = padded(names.bytes, 8);
  const stringsAt = start + readOnly.length + text.length;
  const sectionsAt = stringsAt + strings.length;
  const out = new DataView(new ArrayBuffer(sectionsAt + 4 * SECTION_HEADER_BYTES));
  writeHeader(out, {
    machine: 247,
    flags: 3,
    entry: (1n << 32n) + BigInt(8 * (labels.get('entrypoint') ?? 0)),
    segments,
    sections: 4,
    sectionsAt,
    names: 3,
  });
  ['', '.symtab', '.strtab', '.shstrtab'].forEach((name, index) => {
    const at = sectionsAt + SECTION_HEADER_BYTES * index;
    out.setUint32(at, names.places.get(name)!, true);
    out.setUint32(at + 4, [0, 2, 3, 3][index]!, true);
    out.setBigUint64(at + 24, BigInt(stringsAt), true);
    out.setBigUint64(at + 32, BigInt(index === 3 ? strings.length : 0), true);
  });
  let at = HEADER_BYTES;
  const segment = (flags: number, address: bigint, offset: number, bytes: number) => {
    out.setUint32(at, 1, true);
    out.setUint32(at + 4, flags, true);
    out.setBigUint64(at + 8, BigInt(offset), true);
    out.setBigUint64(at + 16, address, true);
    out.setBigUint64(at + 24, address, true);
    out.setBigUint64(at + 32, BigInt(bytes), true);
    out.setBigUint64(at + 40, BigInt(bytes), true);
    at += PROGRAM_HEADER_BYTES;
  };
  if (segments === 2) segment(4, 0n, start, readOnly.length);
  segment(1, 1n << 32n, start + readOnly.length, text.length);
  const bytes = new Uint8Array(out.buffer);
  bytes.set(readOnly, start);
  bytes.set(text, start + readOnly.length);
  bytes.set(strings, stringsAt);
  return bytes;
}

/** A program file of sBPF v0, with relocations for system calls and for addresses of constants. */
export function elfV0(
  { text, labels, syscalls }: Assembly,
  { constants = new Uint8Array() }: Parts = {},
  addresses: readonly number[] = [],
): Uint8Array {
  const names = [...new Set(syscalls.map(({ name }) => name))];
  const strings = table(['', ...names]);
  const symbols = new DataView(new ArrayBuffer(24 * (names.length + 1)));
  names.forEach((name, index) => {
    symbols.setUint32(24 * (index + 1), strings.places.get(name)!, true);
    symbols.setUint8(24 * (index + 1) + 4, 0x10);
  });
  const relocations = new DataView(new ArrayBuffer(16 * (syscalls.length + addresses.length)));
  const textAt = HEADER_BYTES;
  syscalls.forEach(({ slot, name }, index) => {
    relocations.setBigUint64(16 * index, BigInt(textAt + 8 * slot), true);
    relocations.setUint32(16 * index + 8, 10, true);
    relocations.setUint32(16 * index + 12, names.indexOf(name) + 1, true);
  });
  addresses.forEach((slot, index) => {
    const at = 16 * (syscalls.length + index);
    relocations.setBigUint64(at, BigInt(textAt + 8 * slot), true);
    relocations.setUint32(at + 8, 8, true);
  });

  const contents: { name: string; type: number; bytes: Uint8Array; allocated?: boolean }[] = [
    { name: '', type: 0, bytes: new Uint8Array() },
    { name: '.text', type: 1, bytes: text },
    // An empty section would have the address of the next one, where a loader looks for the table of symbols.
    ...(constants.length > 0 ? [{ name: '.rodata', type: 1, bytes: padded(constants, 8) }] : []),
    { name: '.dynsym', type: 11, bytes: new Uint8Array(symbols.buffer) },
    { name: '.dynstr', type: 3, bytes: padded(strings.bytes, 8) },
    { name: '.rel.dyn', type: 9, bytes: new Uint8Array(relocations.buffer) },
  ];
  const place = (index: number) =>
    contents.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, HEADER_BYTES);
  const placeOf = (name: string) => place(contents.findIndex((section) => section.name === name));
  const dynamic = new BigUint64Array(
    relocations.byteLength === 0
      ? [0n, 0n]
      : [6, placeOf('.dynsym'), 17, placeOf('.rel.dyn'), 18, relocations.byteLength, 19, 16, 0, 0].map(
          BigInt,
        ),
  );
  contents.push({ name: '.dynamic', type: 6, bytes: new Uint8Array(dynamic.buffer) });
  const sectionNames = table([...contents.map(({ name }) => name), '.shstrtab']);
  contents.push({ name: '.shstrtab', type: 3, bytes: padded(sectionNames.bytes, 8) });

  const sectionsAt = place(contents.length);
  const out = new DataView(new ArrayBuffer(sectionsAt + SECTION_HEADER_BYTES * contents.length));
  const bytes = new Uint8Array(out.buffer);
  writeHeader(out, {
    machine: 247,
    flags: 0,
    entry: BigInt(textAt + 8 * (labels.get('entrypoint') ?? 0)),
    segments: 0,
    sections: contents.length,
    sectionsAt,
    names: contents.length - 1,
  });
  contents.forEach(({ name, type, bytes: content }, index) => {
    const at = sectionsAt + SECTION_HEADER_BYTES * index;
    bytes.set(content, place(index));
    out.setUint32(at, sectionNames.places.get(name)!, true);
    out.setUint32(at + 4, type, true);
    out.setBigUint64(at + 8, type === 0 ? 0n : 2n, true);
    out.setBigUint64(at + 16, BigInt(type === 0 ? 0 : place(index)), true);
    out.setBigUint64(at + 24, BigInt(type === 0 ? 0 : place(index)), true);
    out.setBigUint64(at + 32, BigInt(content.length), true);
  });
  return bytes;
}

function writeHeader(
  out: DataView,
  header: {
    machine: number;
    flags: number;
    entry: bigint;
    segments: number;
    sections: number;
    sectionsAt: number;
    names: number;
  },
): void {
  new Uint8Array(out.buffer).set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  out.setUint16(16, 3, true);
  out.setUint16(18, header.machine, true);
  out.setUint32(20, 1, true);
  out.setBigUint64(24, header.entry, true);
  out.setBigUint64(32, BigInt(header.segments > 0 ? HEADER_BYTES : out.byteLength), true);
  out.setBigUint64(40, BigInt(header.sectionsAt), true);
  out.setUint32(48, header.flags, true);
  out.setUint16(52, HEADER_BYTES, true);
  out.setUint16(54, PROGRAM_HEADER_BYTES, true);
  out.setUint16(56, header.segments, true);
  out.setUint16(58, header.sections > 0 ? SECTION_HEADER_BYTES : 0, true);
  out.setUint16(60, header.sections, true);
  out.setUint16(62, header.names, true);
}

function table(names: string[]): { bytes: Uint8Array; places: Map<string, number> } {
  const places = new Map<string, number>();
  let text = '';
  for (const name of names) {
    places.set(name, text.length);
    text += `${name}\0`;
  }
  return { bytes: new TextEncoder().encode(text), places };
}

function padded(bytes: Uint8Array, to: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / to) * to);
  out.set(bytes);
  return out;
}
