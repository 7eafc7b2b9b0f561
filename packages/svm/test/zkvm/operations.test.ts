import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  COUNTERS,
  MEMORY_ROW,
  OP,
  PLACE,
  PRIVILEGED,
  PROGRAM_ENTRIES,
  RETURNED,
  UNUSED,
} from '../../src/zkvm/operations.js';

const circuit = (file: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../circuits/lib/src/sbpf/${file}`, import.meta.url)), 'utf8');

/** A constant of the circuit: a number, or names of others and numbers with plus signs between them. */
function constant(source: string, name: string): bigint {
  const found = new RegExp(`global ${name}: Field = ([^;]+);`).exec(source);
  if (found === null) throw new TypeError(`the circuit has no ${name}`);
  return found[1]!
    .split('+')
    .map((part) => part.trim())
    .reduce((sum, part) => sum + (/^\d/.test(part) ? BigInt(part) : constant(source, part)), 0n);
}

it('circuit and TypeScript number operations alike', () => {
  const source = circuit('op.nr');
  // Operations that the circuit counts from another one.
  const base: Record<string, [string, bigint]> = {
    GE: ['LT', 1n],
    GT: ['LT', 2n],
    LE: ['LT', 3n],
    OR: ['AND', 1n],
    XOR: ['AND', 4n],
    SHR: ['SHL', 1n],
    MOD: ['DIV', 1n],
    SEED_8: ['SEED', 1n],
    FIND: ['ADDRESS', 1n],
  };
  for (const [name, number] of Object.entries(OP)) {
    if (name === 'TRAP') continue;
    const [from, offset] = base[name] ?? [name, 0n];
    expect(BigInt(number), name).toBe(constant(source, from) + offset);
  }
  for (const [name, number] of Object.entries(MEMORY_ROW))
    expect(BigInt(number), name).toBe(constant(source, name === 'BASE' ? 'MEMORY' : name));
  expect(source).not.toMatch(new RegExp(`= ${OP.TRAP};`));
});

it('circuit and TypeScript agree on places and bounds', () => {
  const invocation = circuit('invocation.nr');
  for (const name of ['METER', 'ENTER', 'HALT', 'LEAVE', 'PROLOGUE'] as const)
    expect(BigInt(PLACE[name])).toBe(constant(invocation, `${name}_PLACE`));
  expect(BigInt(PROGRAM_ENTRIES)).toBe(constant(circuit('code.nr'), 'PROGRAM_ENTRIES'));
  expect(PRIVILEGED).toBe(constant(circuit('segment.nr'), 'PRIVILEGED'));
  expect(BigInt(COUNTERS)).toBe(constant(circuit('segment.nr'), 'COUNTERS'));
  expect(RETURNED).toBe(constant(circuit('segment.nr') + circuit('windows.nr'), 'RETURNED'));
  expect(BigInt(UNUSED)).toBe(constant(circuit('memory.nr'), 'UNUSED'));
});
