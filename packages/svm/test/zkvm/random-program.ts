import type { Bytecode } from '../../src/zkvm/control-flow.js';

/** Programs of version 3 made at random, that never fail: every operation, memory of all sizes, branches, calls. */

type Random = (below: number) => number;
type Slot = { opcode: number; dst?: number; src?: number; offset?: number; immediate?: number };

const STACK_BYTES = 256;
const IMMEDIATES = [0, 1, -1, 7, 8, 255, 256, 0x7fffffff, -0x80000000, 0x12345678, -1234567];

/** A fixed sequence of numbers. */
export function sequence(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

export function randomProgram(random: Random, length: number): { elf: Uint8Array; program: Bytecode } {
  const slots: Slot[] = [];
  const any = () => random(10);
  const value = () =>
    random(2) ? IMMEDIATES[random(IMMEDIATES.length)]! : (random(2 ** 31) * 2 + random(2)) | 0;
  for (let register = 0; register < 10; register++) {
    slots.push({ opcode: 0x18, dst: register, immediate: value() }, { opcode: 0, immediate: value() });
  }
  for (let at = -STACK_BYTES; at < 0; at += 8)
    slots.push({ opcode: 0x7b, dst: 10, src: (at + STACK_BYTES) % 9, offset: at });
  const calls: number[] = [];
  while (slots.length < length) {
    const choice = random(12);
    if (choice < 5) arithmetic();
    else if (choice < 8) memory();
    else if (choice < 11) branch();
    else {
      calls.push(slots.length);
      slots.push({ opcode: 0x85, src: 1 });
    }
  }
  slots.push({ opcode: 0xb7, dst: 0, immediate: 0 }, { opcode: 0x95 });
  // A function that uses its own frame, and calls another one through a register.
  const first = slots.length;
  for (const call of calls) slots[call]!.immediate = first - call - 1;
  const second = first + 6;
  slots.push(
    { opcode: 0x7b, dst: 10, src: 6, offset: -8 },
    { opcode: 0x18, dst: 6, immediate: 8 * second },
    { opcode: 0, immediate: 1 },
    { opcode: 0x8d, dst: 6 },
    { opcode: 0x79, dst: 0, src: 10, offset: -8 },
    { opcode: 0x95 },
    { opcode: 0x0f, dst: 3, src: 9 },
    { opcode: 0xb7, dst: 9, immediate: 5 },
    { opcode: 0x95 },
  );

  function arithmetic(): void {
    const wide = random(2) ? 7 : 4;
    const kind = random(14);
    const register = random(2) * 8;
    const dst = any();
    if (kind === 8) slots.push({ opcode: 0x80 | wide, dst });
    else if (kind === 13) slots.push({ opcode: 0xd4 | register, dst, immediate: [16, 32, 64][random(3)]! });
    else if (kind === 3 || kind === 9) {
      if (register) {
        const src = any();
        slots.push({ opcode: 0x47, dst: src, immediate: 1 }, { opcode: (kind << 4) | 8 | wide, dst, src });
      } else slots.push({ opcode: (kind << 4) | wide, dst, immediate: value() || 3 });
    } else {
      const shifts = kind === 6 || kind === 7 || kind === 12;
      const immediate = shifts ? random(wide === 7 ? 64 : 32) : value();
      slots.push({
        opcode: (kind << 4) | register | wide,
        dst,
        ...(register ? { src: any() } : { immediate }),
      });
    }
  }

  function memory(): void {
    const size = random(4); // 4, 2, 1, 8 bytes
    const bytes = [4, 2, 1, 8][size]!;
    const offset = -bytes - random(STACK_BYTES - bytes);
    const opcode = [0x61, 0x62, 0x63][random(3)]! | (size << 3);
    const base =
      (opcode & 7) === 1 ? { dst: any(), src: 10 } : { dst: 10, src: (opcode & 7) === 3 ? any() : 0 };
    slots.push({ opcode, ...base, offset, immediate: (opcode & 7) === 2 ? value() : 0 });
  }

  function branch(): void {
    const kinds = [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13];
    const register = random(2) * 8;
    const opcode = (kinds[random(kinds.length)]! << 4) | register | (random(2) ? 5 : 6);
    const dst = any();
    slots.push({ opcode, dst, offset: 1, ...(register ? { src: any() } : { immediate: value() }) });
    slots.push({ opcode: 0x07, dst: any(), immediate: value() });
  }

  return { elf: elfOf(slots), program: decode(slots) };
}

function bytesOf(slots: readonly Slot[]): Buffer {
  const bytes = Buffer.alloc(8 * slots.length);
  slots.forEach(({ opcode, dst = 0, src = 0, offset = 0, immediate = 0 }, slot) => {
    bytes[8 * slot] = opcode;
    bytes[8 * slot + 1] = dst | (src << 4);
    bytes.writeInt16LE(offset, 8 * slot + 2);
    bytes.writeInt32LE(immediate, 8 * slot + 4);
  });
  return bytes;
}

function elfOf(slots: readonly Slot[]): Uint8Array {
  const code = bytesOf(slots);
  const header = Buffer.alloc(64 + 56);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(247, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(1n << 32n, 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt32LE(3, 48);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64);
  header.writeUInt32LE(1, 68);
  header.writeBigUInt64LE(120n, 72);
  header.writeBigUInt64LE(1n << 32n, 80);
  header.writeBigUInt64LE(1n << 32n, 88);
  header.writeBigUInt64LE(BigInt(code.length), 96);
  header.writeBigUInt64LE(BigInt(code.length), 104);
  // litesvm only writes traces of programs that have sections, of which it reads a table of symbols.
  const names = Buffer.from('\0.symtab\0.strtab\0.shstrtab\0\0\0\0\0\0', 'latin1');
  const sections = Buffer.alloc(4 * 64);
  const namesAt = header.length + code.length;
  [0, 1, 9, 17].forEach((name, i) => {
    sections.writeUInt32LE(name, 64 * i);
    sections.writeUInt32LE([0, 2, 3, 3][i]!, 64 * i + 4);
    sections.writeBigUInt64LE(BigInt(namesAt), 64 * i + 24);
    sections.writeBigUInt64LE(BigInt(i === 3 ? names.length : 0), 64 * i + 32);
  });
  header.writeBigUInt64LE(BigInt(namesAt + names.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(4, 60);
  header.writeUInt16LE(3, 62);
  return Buffer.concat([header, code, names, sections]);
}

function decode(slots: readonly Slot[]): Bytecode {
  const immediate = slots.map((slot) => slot.immediate ?? 0);
  return {
    version: 3,
    instructions: {
      length: slots.length,
      opcode: Uint8Array.from(slots, ({ opcode }) => opcode),
      dst: Uint8Array.from(slots, ({ dst = 0 }) => dst),
      src: Uint8Array.from(slots, ({ src = 0 }) => src),
      offset: Int16Array.from(slots, ({ offset = 0 }) => offset),
      immediate: Int32Array.from(immediate),
      high: Uint32Array.from(slots, ({ opcode }, slot) =>
        opcode === 0x18 ? immediate[slot + 1]! >>> 0 : immediate[slot]! < 0 ? 0xffffffff : 0,
      ),
      call: Int32Array.from(slots, ({ opcode }, slot) =>
        opcode === 0x85 ? slot + 1 + immediate[slot]! : -1,
      ),
    },
    textAddress: 1n << 32n,
    entry: 0,
    readOnly: { address: 0n, bytes: new Uint8Array() },
  };
}
