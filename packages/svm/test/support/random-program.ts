import type { SbpfVersion } from '../../src/sbpf/program.js';
import type { Random } from './random.js';

const ALU = ['add', 'sub', 'mul', 'div', 'or', 'and', 'lsh', 'rsh', 'mod', 'xor', 'mov', 'arsh'];
const JUMPS = ['jeq', 'jgt', 'jge', 'jset', 'jne', 'jsgt', 'jsge', 'jlt', 'jle', 'jslt', 'jsle'];
const SIZES = ['b', 'h', 'w', 'dw'];
/** r9 is where generated code keeps an address that it may use. */
const REGISTERS = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8'];
const MEMORY = ['0x200000000', '0x300000000', '0x300007000', '0x400000008', '0x400000010', '0x400000060'];

/**
 * A program of random instructions that always ends: it jumps forwards only, and calls functions that come before it.
 * What it leaves on its stack is its return data.
 */
export function randomProgram(random: Random, version: SbpfVersion): string {
  const functions = random.below(3);
  const parts: string[] = [];
  for (let index = 0; index < functions; index++)
    parts.push(`f${index}:`, ...body(random, version, `f${index}`, index, 12), 'exit');
  parts.push('entrypoint:');
  for (const register of REGISTERS) if (!random.oneIn(4)) parts.push(`lddw ${register}, ${random.u64()}`);
  parts.push('mov64 r9, r10', ...body(random, version, 'main', functions, 30));
  parts.push('mov64 r1, r10', 'sub64 r1, 512', 'mov64 r2, 512', 'call sol_set_return_data');
  parts.push(random.oneIn(3) ? 'mov64 r0, r8' : 'mov64 r0, 0', 'exit');
  return parts.join('\n');
}

function body(
  random: Random,
  version: SbpfVersion,
  name: string,
  callable: number,
  length: number,
): string[] {
  const lines: string[] = [];
  const count = 1 + random.below(length);
  for (let index = 0; index < count; index++) {
    lines.push(`${name}_${index}:`);
    lines.push(
      ...instruction(random, version, `${name}_${index + 1 + random.below(count - index)}`, callable),
    );
  }
  lines.push(`${name}_${count}:`);
  return lines;
}

function instruction(random: Random, version: SbpfVersion, label: string, callable: number): string[] {
  const register = () => random.pick(REGISTERS);
  const immediate = () => Number(BigInt.asIntN(32, random.u64()));
  const kind = random.below(16);
  if (kind < 7) return [arithmetic(random)];
  if (kind === 7) return [`${random.pick(['be', 'le'])}${random.pick([16, 32, 64])} ${register()}`];
  if (kind === 8) return [`neg${random.pick([32, 64])} ${register()}`];
  if (kind === 9 || kind === 10) {
    const narrow = version === 3 && random.oneIn(2) ? '32' : '';
    const second = random.oneIn(2) ? register() : immediate();
    return [`${random.pick(JUMPS)}${narrow} ${register()}, ${second}, ${label}`];
  }
  if (kind <= 13) return memory(random);
  if (kind === 14) return callable === 0 ? [`ja ${label}`] : [`call f${random.below(callable)}`];
  return syscall(random);
}

function arithmetic(random: Random): string {
  const name = random.pick(ALU);
  const bits = random.pick([32, 64]);
  const dst = random.pick(REGISTERS);
  const divides = name === 'div' || name === 'mod';
  // A division by a register is by 0 quite often, and then nothing comes after it.
  if (random.oneIn(2) && (!divides || random.oneIn(8)))
    return `${name}${bits} ${dst}, ${random.pick([...REGISTERS, 'r10'])}`;
  let immediate = Number(BigInt.asIntN(32, random.u64()));
  if (divides && immediate === 0) immediate = 3;
  if (/sh$/.test(name)) immediate = random.below(bits);
  return `${name}${bits} ${dst}, ${immediate}`;
}

function memory(random: Random): string[] {
  const lines: string[] = [];
  const place = random.below(8);
  if (place === 0) lines.push(`lddw r9, ${random.pick(MEMORY)}`);
  else if (place < 3) lines.push('mov64 r9, r10');
  else if (place === 3 && random.oneIn(6)) lines.push(`mov64 r9, ${random.pick(REGISTERS)}`);
  const size = random.pick(SIZES);
  // Above the frame pointer there is nothing in v0, and the next frame in v3.
  const offset = place === 1 || place === 2 ? -8 - random.below(512) : random.below(64) - 48;
  const at = `[r9${offset < 0 ? '-' : '+'}${Math.abs(offset)}]`;
  const operation = random.below(3);
  if (operation === 0) lines.push(`ldx${size} ${random.pick(REGISTERS)}, ${at}`);
  else if (operation === 1) lines.push(`stx${size} ${at}, ${random.pick(REGISTERS)}`);
  else lines.push(`st${size} ${at}, ${Number(BigInt.asIntN(32, random.u64()))}`);
  return lines;
}

const CALLS = [
  'sol_log_64_',
  'sol_memcpy_',
  'sol_memmove_',
  'sol_memset_',
  'sol_memcmp_',
  'sol_log_compute_units_',
  'sol_get_stack_height',
  'sol_sha256',
  'sol_keccak256',
  'sol_set_return_data',
  'sol_get_return_data',
  'sol_get_clock_sysvar',
  'sol_get_rent_sysvar',
  'sol_get_epoch_schedule_sysvar',
  'sol_log_pubkey',
  'sol_log_',
  'sol_alloc_free_',
];

/** With arguments that mostly make sense. */
function syscall(random: Random): string[] {
  const name = random.pick(CALLS);
  const stack = (register: string, offset: number) => [
    `mov64 ${register}, r10`,
    `sub64 ${register}, ${offset}`,
  ];
  const length = random.oneIn(12) ? 4_000 : random.below(64);
  if (random.oneIn(12)) return [`call ${name}`];
  if (name.includes('sysvar') || name === 'sol_log_pubkey')
    return [...stack('r1', 48 + 8 * random.below(40) + (random.oneIn(8) ? 1 : 0)), `call ${name}`];
  if (name === 'sol_log_' || name === 'sol_set_return_data' || name === 'sol_memset_')
    return [
      ...stack('r1', 64 + random.below(400)),
      name === 'sol_memset_' ? `mov64 r2, ${random.below(300)}` : `mov64 r2, ${length}`,
      `mov64 r3, ${length}`,
      `call ${name}`,
    ];
  if (name === 'sol_sha256' || name === 'sol_keccak256')
    return [
      'mov64 r1, r10',
      'sub64 r1, 64',
      'stxdw [r10-64], r1',
      `stdw [r10-56], ${length}`,
      'stxdw [r10-48], r10',
      'stdw [r10-40], 0',
      `mov64 r2, ${random.below(3)}`,
      ...stack('r3', 128 + random.below(200)),
      `call ${name}`,
    ];
  return [
    ...stack('r1', 64 + random.below(400)),
    ...stack('r2', 64 + random.below(400)),
    `mov64 r3, ${length}`,
    ...stack('r4', 8 + 4 * random.below(20)),
    `call ${name}`,
  ];
}
