import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { type Assembly, assemble } from '../../src/sbpf/assemble.js';
import { ProgramLoadError } from '../../src/sbpf/errors.js';
import { loadProgram } from '../../src/sbpf/load-program.js';
import { elfV0, elfV3 } from '../support/elf-files.js';
import { address } from '../support/engine-transactions.js';
import { fuzz, fuzzBudget } from '../support/fuzz-budget.js';
import { Random } from '../support/random.js';
import { randomProgram } from '../support/random-program.js';

const svm = new litesvm.LiteSvm();
const PROGRAM = address('program');

/** Why we do not load the file; undefined where we do. */
function refusal(elf: Uint8Array): string | undefined {
  try {
    loadProgram(elf);
    return undefined;
  } catch (error) {
    if (error instanceof ProgramLoadError) return `${error.code} ${error.details.reason}`;
    throw error;
  }
}

/** The same of litesvm. */
function litesvmRefusal(elf: Uint8Array): string | undefined {
  try {
    svm.addProgram(PROGRAM, elf);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const litesvmLoads = (elf: Uint8Array) => litesvmRefusal(elf) === undefined;

const word = (opcode: number, registers = 0, offset = 0, immediate = 0) => [
  opcode,
  registers,
  offset & 0xff,
  (offset >> 8) & 0xff,
  immediate & 0xff,
  (immediate >> 8) & 0xff,
  (immediate >> 16) & 0xff,
  (immediate >> 24) & 0xff,
];
const code = (...words: number[][]): Assembly => ({
  text: Uint8Array.from(words.flat()),
  labels: new Map(),
  syscalls: [],
});
const EXIT = word(0x95);

describe('loading', () => {
  it('takes the programs that litesvm brings', () => {
    const loaded = genesisPrograms().flatMap(([, { data, executable }]) => {
      const elf = executable ? data : data.subarray(45);
      return elf.length < 1_000 ? [] : [loadProgram(elf)];
    });
    expect(loaded.map(({ version, instructions }) => [version, instructions.length > 100])).toEqual(
      Array(5).fill([0, true]),
    );
  });

  it.each([0, 3] as const)('takes those opcodes of version %i that litesvm takes', (version) => {
    const elf = version === 0 ? elfV0 : elfV3;
    const known: number[] = [];
    for (let opcode = 0; opcode < 256; opcode++) {
      // An immediate that suits shifts, divisions and byte orders, and a jump to the next instruction.
      const file = elf(code(word(opcode, 0x01, 0, 16), word(opcode === 0x18 ? 0 : 0xb7), EXIT));
      const loads = refusal(file) === undefined;
      expect([opcode, loads]).toEqual([opcode, litesvmLoads(file)]);
      if (loads) known.push(opcode);
    }
    // Without a call and a callx, whose immediates do not fit here; 22 jumps of 32 bits are new.
    expect(known.length).toBe(version === 0 ? 91 - 2 : 91 + 22);
  });

  it.each([
    ['DivisionByZero', word(0x37)],
    ['DivisionByZero', word(0x94)],
    ['ShiftWithOverflow', word(0x67, 0, 0, 64)],
    ['ShiftWithOverflow', word(0x64, 0, 0, 32)],
    ['ShiftWithOverflow', word(0xc7, 0, 0, -1)],
    ['UnsupportedLEBEArgument', word(0xdc, 0, 0, 24)],
    ['CannotWriteR10', word(0xb7, 0x0a)],
    ['CannotWriteR10', word(0x79, 0x1a)],
    ['InvalidDestinationRegister', word(0xb7, 0x0b)],
    ['InvalidDestinationRegister', word(0x7b, 0x0b)],
    ['InvalidSourceRegister', word(0xbf, 0xb0)],
    ['JumpOutOfCode', word(0x05, 0, 5)],
    ['JumpOutOfCode', word(0x05, 0, -2)],
    ['JumpToMiddleOfLDDW', [...word(0x05, 0, 1), ...word(0x18), ...word(0)]],
    ['IncompleteLDDW', word(0x18)],
    ['UnknownOpCode', word(0x06)],
    ['UnknownOpCode', word(0x8f)],
  ])('refuses what breaks the rule %s', (reason, words) => {
    for (const elf of [elfV0, elfV3]) {
      const file = elf(code(words, EXIT));
      expect([refusal(file), litesvmLoads(file)]).toEqual([`BAD_BYTECODE ${reason}`, false]);
    }
  });

  it('refuses a callx of a register that it must not use, and a cut lddw', () => {
    const v0 = elfV0(code(word(0x8d, 0, 0, 10), EXIT));
    const v3 = elfV3(code(word(0x8d, 0x0a), EXIT));
    const cut = elfV3(code(EXIT, word(0x18)));
    expect([v0, v3, cut].map(refusal)).toEqual([
      'BAD_BYTECODE InvalidRegister',
      'BAD_BYTECODE InvalidRegister',
      'BAD_BYTECODE LDDWCannotBeLast',
    ]);
    expect([v0, v3, cut].map(litesvmLoads)).toEqual([false, false, false]);
  });

  it('refuses damaged files where litesvm does', { timeout: 3_600_000 }, () => {
    const counts = { taken: 0, refused: 0 };
    fuzz(fuzzBudget(4_000), (seed) => {
      const random = new Random(seed);
      const version = random.pick([0, 3] as const);
      const assembly = assemble(randomProgram(random, version), version);
      const elf = version === 0 ? elfV0(assembly) : elfV3(assembly);
      for (let count = 1 + random.below(2); count > 0; count--) {
        const at = random.oneIn(3) ? random.below(Math.min(elf.length, 176)) : random.below(elf.length);
        elf[at] = random.oneIn(2) ? elf[at]! ^ (1 << random.below(8)) : random.below(256);
      }
      const file = random.oneIn(20) ? elf.subarray(0, random.below(elf.length)) : elf;
      const refused = refusal(file);
      // Versions 1 and 2 are Agave's, and not ours.
      if (refused?.startsWith('UNSUPPORTED_SBPF_VERSION')) return;
      const theirs = litesvmRefusal(file);
      if ((refused === undefined) !== (theirs === undefined)) expect(refused).toBe(theirs);
      counts[refused === undefined ? 'taken' : 'refused']++;
    });
    if (process.env.FUZZ_CASES === undefined)
      expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(500);
  });
});
