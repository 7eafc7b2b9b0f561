import { PolyproofError } from '@polyproof/base';
import { BE, CALL, CALLX, EXIT, JA, LDDW, LE, SOURCE_REGISTER } from './opcodes.js';
import type { SbpfVersion } from './program.js';
import { SYSCALL_NUMBERS, syscallHash } from './syscalls/syscall-names.js';

/** A text that is no sBPF assembly; the message names line and reason. */
export class AssemblyError extends PolyproofError<'BAD_ASSEMBLY'> {}

/** Bytecode as words of 8 bytes. */
export interface Assembly {
  text: Uint8Array;
  /** slot of each label */
  labels: ReadonlyMap<string, number>;
  /** calls of system calls: in v0 the loader has to put their hashes in */
  syscalls: { slot: number; name: string }[];
}

const ALU = ['add', 'sub', 'mul', 'div', 'or', 'and', 'lsh', 'rsh', 'neg', 'mod', 'xor', 'mov', 'arsh'];
const JUMPS = ['', 'jeq', 'jgt', 'jge', 'jset', 'jne', 'jsgt', 'jsge', '', '', 'jlt', 'jle', 'jslt', 'jsle'];
const SIZES: Readonly<Record<string, number>> = { w: 0x00, h: 0x08, b: 0x10, dw: 0x18 };
const MEMORY = 0x60;
const MAX_OFFSET = 0x7fff;

/**
 * Assembles lines like `mov64 r1, 5`, `ldxdw r2, [r1+8]`, `stxb [r10-1], r2`, `jne r1, r2, loop`, `call function`,
 * `call sol_log_`, `lddw r1, 0x100000000`, `be16 r3`; labels end with a colon, comments begin with `;`.
 * @throws {AssemblyError} on a line that is none of these
 */
export function assemble(source: string, version: SbpfVersion = 3): Assembly {
  const lines: { text: string; number: number }[] = [];
  const labels = new Map<string, number>();
  let slot = 0;
  source.split('\n').forEach((line, index) => {
    let text = line.replace(/;.*/, '').trim();
    for (let label = /^(\w+):\s*/.exec(text); label !== null; label = /^(\w+):\s*/.exec(text)) {
      labels.set(label[1]!, slot);
      text = text.slice(label[0].length);
    }
    if (text === '') return;
    lines.push({ text, number: index + 1 });
    slot += text.startsWith('lddw') ? 2 : 1;
  });
  const words = new DataView(new ArrayBuffer(8 * slot));
  const assembly: Assembly = { text: new Uint8Array(words.buffer), labels, syscalls: [] };
  slot = 0;
  for (const { text, number } of lines) {
    try {
      slot += new Line(text, slot, assembly, version).write(words);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new AssemblyError('BAD_ASSEMBLY', `line ${number}, "${text}": ${error.message}.`, {
        line: number,
      });
    }
  }
  return assembly;
}

/** One instruction. */
class Line {
  readonly #name: string;
  readonly #operands: string[];
  readonly #slot: number;
  readonly #assembly: Assembly;
  readonly #version: SbpfVersion;

  constructor(text: string, slot: number, assembly: Assembly, version: SbpfVersion) {
    const [name = '', rest = ''] = text.split(/\s+(.*)/);
    this.#name = name;
    this.#operands = rest === '' ? [] : rest.split(',').map((operand) => operand.trim());
    this.#slot = slot;
    this.#assembly = assembly;
    this.#version = version;
  }

  /** @returns slots that it takes @throws {RangeError} saying what is wrong */
  write(words: DataView): number {
    const name = this.#name;
    const put = (opcode: number, dst = 0, src = 0, offset = 0, immediate = 0): number => {
      const at = 8 * this.#slot;
      words.setUint8(at, opcode);
      words.setUint8(at + 1, dst | (src << 4));
      words.setInt16(at + 2, offset, true);
      words.setInt32(at + 4, immediate, true);
      return 1;
    };
    if (name === 'exit') return put(EXIT);
    if (name === 'ja') return put(JA, 0, 0, this.#jump(0));
    if (name === 'call') return this.#call(put);
    if (name === 'callx')
      return this.#version === 0 ? put(CALLX, 0, 0, 0, this.#register(0)) : put(CALLX, this.#register(0));
    if (name === 'lddw') {
      const value = BigInt.asUintN(64, BigInt(this.#operand(1)));
      put(LDDW, this.#register(0), 0, 0, Number(BigInt.asIntN(32, value)));
      words.setUint32(8 * this.#slot + 12, Number(value >> 32n), true);
      return 2;
    }
    const order = /^([bl]e)(16|32|64)$/.exec(name);
    if (order !== null) return put(order[1] === 'be' ? BE : LE, this.#register(0), 0, 0, Number(order[2]));
    const memory = /^(ldx|stx|st)(b|h|w|dw)$/.exec(name);
    if (memory !== null) return this.#memory(put, memory[1]!, MEMORY | SIZES[memory[2]!]!);
    const alu = /^([a-z]+)(32|64)$/.exec(name);
    const kind = alu === null ? -1 : ALU.indexOf(alu[1]!);
    if (kind >= 0) {
      const opcode = (kind << 4) | (alu![2] === '64' ? 7 : 4);
      if (alu![1] === 'neg') return put(opcode, this.#register(0));
      return this.#binary(put, opcode, 0);
    }
    const narrow = name.endsWith('32');
    const jump = JUMPS.indexOf(narrow ? name.slice(0, -2) : name);
    if (jump <= 0) throw new RangeError('the instruction is unknown');
    return this.#binary(put, (jump << 4) | (narrow ? 6 : 5), this.#jump(2));
  }

  #binary(put: Put, opcode: number, offset: number): number {
    const second = this.#operand(1);
    return /^r\d+$/.test(second)
      ? put(opcode | SOURCE_REGISTER, this.#register(0), this.#register(1), offset)
      : put(opcode, this.#register(0), 0, offset, this.#immediate(second));
  }

  #memory(put: Put, name: string, mode: number): number {
    const place = /^\[r(\d+)(?:\s*([+-])\s*(\w+))?\]$/.exec(this.#operand(name === 'ldx' ? 1 : 0));
    if (place === null) throw new RangeError('an address is written [r1+8]');
    const base = Number(place[1]);
    const distance = Number(place[3] ?? 0);
    const offset = place[2] === '-' ? -distance : distance;
    if (!Number.isInteger(offset) || Math.abs(offset) > MAX_OFFSET)
      throw new RangeError('the offset has more than 16 bits');
    if (name === 'ldx') return put(mode | 1, this.#register(0), base, offset);
    return name === 'stx'
      ? put(mode | 3, base, this.#register(1), offset)
      : put(mode | 2, base, 0, offset, this.#immediate(this.#operand(1)));
  }

  #call(put: Put): number {
    const target = this.#operand(0);
    const hash = syscallHash(target);
    const { labels, syscalls } = this.#assembly;
    const slot = labels.get(target);
    if (slot !== undefined) return put(CALL, 0, 1, 0, slot - this.#slot - 1);
    if (!SYSCALL_NUMBERS.has(hash))
      throw new RangeError(`there is neither a label nor a system call ${target}`);
    syscalls.push({ slot: this.#slot, name: target });
    return this.#version === 0 ? put(CALL, 0, 0, 0, -1) : put(CALL, 0, 0, 0, hash | 0);
  }

  #jump(position: number): number {
    const label = this.#operand(position);
    const slot = this.#assembly.labels.get(label);
    if (slot !== undefined) return slot - this.#slot - 1;
    if (/^[+-]\d+$/.test(label)) return Number(label);
    throw new RangeError(`there is no label ${label}`);
  }

  #operand(position: number): string {
    const operand = this.#operands[position];
    if (operand === undefined) throw new RangeError(`operand ${position + 1} is missing`);
    return operand;
  }

  #register(position: number): number {
    const match = /^r(\d+)$/.exec(this.#operand(position));
    if (match === null || Number(match[1]) > 10)
      throw new RangeError(`operand ${position + 1} is no register`);
    return Number(match[1]);
  }

  #immediate(text: string): number {
    const value = Number(text);
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32)
      throw new RangeError(`${text} is no 32-bit number`);
    return value | 0;
  }
}

type Put = (opcode: number, dst?: number, src?: number, offset?: number, immediate?: number) => number;
