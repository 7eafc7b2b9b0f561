import type { Bytecode } from '../../src/zkvm/arithmetise.js';

/** A program of version 0 for tests: relocated and decoded, not verified. */
export interface TestProgram extends Bytecode {
  readOnly: Uint8Array;
  syscalls: readonly string[];
}

const SYSCALLS = [
  'abort',
  'sol_panic_',
  'sol_log_',
  'sol_log_64_',
  'sol_log_pubkey',
  'sol_memcpy_',
  'sol_memmove_',
  'sol_memset_',
  'sol_memcmp_',
  'sol_set_return_data',
  'sol_get_sysvar',
  'sol_get_rent_sysvar',
  'sol_get_clock_sysvar',
  'sol_invoke_signed_rust',
  'sol_try_find_program_address',
  'sol_create_program_address',
  'sol_get_return_data',
];
const CODE = 1n << 32n;

export function loadElf(elf: Uint8Array): TestProgram {
  const file = Buffer.from(elf);
  const u64 = (at: number) => Number(file.readBigUInt64LE(at));
  const sections = Array.from({ length: file.readUInt16LE(60) }, (_, i) => {
    const at = u64(40) + 64 * i;
    return { name: file.readUInt32LE(at), address: u64(at + 16), offset: u64(at + 24), size: u64(at + 32) };
  });
  const names = sections[file.readUInt16LE(62)]!.offset;
  const text = (at: number) => file.toString('latin1', at, file.indexOf(0, at));
  const section = (name: string) => sections.find((candidate) => text(names + candidate.name) === name);
  const code = section('.text')!;
  const functions = new Map<number, number>();
  const register = (slot: number) => {
    const key = Buffer.alloc(8);
    key.writeUInt32LE(slot);
    functions.set(murmur3(key), slot);
    return murmur3(key);
  };
  for (let at = code.offset; at < code.offset + code.size; at += 8)
    if (file[at] === 0x85 && file.readInt32LE(at + 4) !== -1)
      file.writeUInt32LE(register((at - code.offset) / 8 + 1 + file.readInt32LE(at + 4)), at + 4);
  const relocations = section('.rel.dyn');
  for (
    let at = relocations?.offset ?? 0;
    relocations && at < relocations.offset + relocations.size;
    at += 16
  ) {
    const place = u64(at);
    const symbol = section('.dynsym')!.offset + 24 * file.readUInt32LE(at + 12);
    const inCode = place >= code.offset && place < code.offset + code.size;
    const lddw = (value: bigint) => {
      const address = value < CODE ? value + CODE : value;
      file.writeUInt32LE(Number(address & 0xffffffffn), place + 4);
      file.writeUInt32LE(Number(address >> 32n), place + 12);
    };
    switch (file.readUInt32LE(at + 8)) {
      case 1:
        lddw(file.readBigUInt64LE(symbol + 8) + BigInt(file.readUInt32LE(place + 4)));
        break;
      case 8:
        if (inCode)
          lddw(BigInt(file.readUInt32LE(place + 4)) | (BigInt(file.readUInt32LE(place + 12)) << 32n));
        else file.writeBigUInt64LE(BigInt(file.readUInt32LE(place + 4)) + CODE, place);
        break;
      case 10: {
        const value = u64(symbol + 8);
        const isFunction = (file[symbol + 4]! & 15) === 2 && value !== 0;
        const name = text(section('.dynstr')!.offset + file.readUInt32LE(symbol));
        const hash = isFunction ? register((value - code.address) / 8) : murmur3(Buffer.from(name));
        file.writeUInt32LE(hash, place + 4);
      }
    }
  }
  const end = Math.max(
    ...sections.filter(({ address }) => address > 0).map(({ address, size }) => address + size),
  );
  const slots = file.subarray(code.offset, code.offset + code.size);
  return {
    version: 0,
    instructions: decode(slots, functions),
    textAddress: CODE + BigInt(code.address),
    entry: (u64(24) - code.address) / 8,
    readOnly: file.subarray(0, end),
    syscalls: SYSCALLS,
  };
}

function decode(slots: Buffer, functions: ReadonlyMap<number, number>): Bytecode['instructions'] {
  const length = slots.length / 8;
  const hashes = new Map(SYSCALLS.map((name, number) => [murmur3(Buffer.from(name)), -2 - number]));
  const column = <T>(read: (at: number) => T) => Array.from({ length }, (_, slot) => read(8 * slot));
  const opcode = Uint8Array.from(column((at) => slots[at]!));
  return {
    length,
    opcode,
    dst: Uint8Array.from(column((at) => slots[at + 1]! & 15)),
    src: Uint8Array.from(column((at) => slots[at + 1]! >> 4)),
    offset: Int16Array.from(column((at) => slots.readInt16LE(at + 2))),
    immediate: Int32Array.from(column((at) => slots.readInt32LE(at + 4))),
    high: Uint32Array.from(
      column((at) =>
        slots[at] === 0x18 ? slots.readUInt32LE(at + 12) : slots.readInt32LE(at + 4) < 0 ? 0xffffffff : 0,
      ),
    ),
    call: Int32Array.from(
      column((at) => {
        const hash = slots.readUInt32LE(at + 4);
        return slots[at] === 0x85 ? (hashes.get(hash) ?? functions.get(hash) ?? -1) : -1;
      }),
    ),
  };
}

function murmur3(key: Uint8Array): number {
  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  const mix = (k: number) => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  const blocks = key.length >> 2;
  let hash = 0;
  for (let i = 0; i < blocks; i++)
    hash = (Math.imul(rotate(hash ^ mix(view.getInt32(4 * i, true)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let i = key.length - 1; i >= 4 * blocks; i--) tail = (tail << 8) | key[i]!;
  if (key.length & 3) hash ^= mix(tail);
  hash ^= key.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
