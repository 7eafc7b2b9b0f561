/** First byte of an sBPF instruction. */
const OPCODE = {
  MOV64_REGISTER: 0xbf,
  MOV64_IMMEDIATE: 0xb7,
  ADD64_IMMEDIATE: 0x07,
  LOAD_DOUBLE_WORD: 0x79,
  STORE_DOUBLE_WORD: 0x7b,
  CALL: 0x85,
  EXIT: 0x95,
} as const;

/** murmur3_32 of `sol_log_`: how sBPF v3 names a system call (SIMD-0178). */
const SOL_LOG = 0x207559bd;
const CODE_ADDRESS = 1n << 32n;
/**
 * In the input of a program: the number of accounts, then the first account's flags, key, owner, lamports and
 * the length of its data; here the data begins.
 */
const FIRST_ACCOUNT_DATA = 8 + 8 + 32 + 32 + 8 + 8;

interface Slots {
  destination?: number;
  source?: number;
  offset?: number;
  immediate?: number;
}

function instruction(opcode: number, slots: Slots = {}): Buffer {
  const { destination = 0, source = 0, offset = 0, immediate = 0 } = slots;
  const bytes = Buffer.alloc(8);
  bytes[0] = opcode;
  bytes[1] = (source << 4) | destination;
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}

/** Logs `text`, and adds `step` to the number (64 bits, little-endian) that its first account holds. */
export function counterProgram(text: string, step: number): Buffer {
  const code = Buffer.concat([
    instruction(OPCODE.MOV64_REGISTER, { destination: 6, source: 1 }),
    instruction(OPCODE.MOV64_IMMEDIATE, { destination: 1, immediate: 0 }),
    instruction(OPCODE.MOV64_IMMEDIATE, { destination: 2, immediate: Buffer.byteLength(text) }),
    instruction(OPCODE.CALL, { immediate: SOL_LOG }),
    instruction(OPCODE.LOAD_DOUBLE_WORD, { destination: 3, source: 6, offset: FIRST_ACCOUNT_DATA }),
    instruction(OPCODE.ADD64_IMMEDIATE, { destination: 3, immediate: step }),
    instruction(OPCODE.STORE_DOUBLE_WORD, { destination: 6, source: 3, offset: FIRST_ACCOUNT_DATA }),
    instruction(OPCODE.MOV64_IMMEDIATE, { destination: 0, immediate: 0 }),
    instruction(OPCODE.EXIT),
  ]);
  return elf(Buffer.from(text), code);
}

/** An sBPF v3 file (SIMD-0189): constants at address 0, code at 2^32, no sections, no relocations. */
function elf(constants: Buffer, code: Buffer): Buffer {
  const padded = Buffer.concat([constants, Buffer.alloc(-constants.length & 7)]);
  const segments = [
    { flags: 4, address: 0n, bytes: padded },
    { flags: 1, address: CODE_ADDRESS, bytes: code },
  ];
  const header = Buffer.alloc(64 + 56 * segments.length);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16); // ET_DYN
  header.writeUInt16LE(247, 18); // EM_BPF
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(CODE_ADDRESS, 24); // entry point
  header.writeBigUInt64LE(64n, 32); // where the program headers are
  header.writeUInt32LE(3, 48); // sBPF version
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(segments.length, 56);
  let offset = header.length;
  segments.forEach(({ flags, address, bytes }, index) => {
    const at = 64 + 56 * index;
    const size = BigInt(bytes.length);
    header.writeUInt32LE(1, at); // PT_LOAD
    header.writeUInt32LE(flags, at + 4);
    [BigInt(offset), address, address, size, size, 8n].forEach((value, field) => {
      header.writeBigUInt64LE(value, at + 8 + 8 * field);
    });
    offset += bytes.length;
  });
  return Buffer.concat([header, ...segments.map(({ bytes }) => bytes)]);
}
