import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccount } from '../../src/index.js';
import { assemble } from '../../src/sbpf/assemble.js';
import { elfV0, elfV3 } from '../support/elf-files.js';
import { address, BLOCKHASH, engineTransaction, SOL } from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
const PROGRAM = address('program');
beforeAll(() => machine.set(address('payer'), systemAccount(1_000n * SOL)));
afterAll(() => machine.close());

const VALUES = [
  0n,
  1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x0123_4567_89ab_cdefn,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
  0xffff_ffff_ffff_ffffn,
];
const IMMEDIATES = [0, 1, -1, 31, 63, 0x7fff_ffff, -0x8000_0000, 0x1234_5678];
const ARITHMETIC = ['add', 'sub', 'mul', 'div', 'or', 'and', 'lsh', 'rsh', 'mod', 'xor', 'mov', 'arsh'];
const JUMPS = ['jeq', 'jgt', 'jge', 'jset', 'jne', 'jsgt', 'jsge', 'jlt', 'jle', 'jslt', 'jsle'];

/** Executes these lines and compares the registers before every instruction. */
function run(lines: string[], version: 0 | 3): void {
  const assembly = assemble([...lines, 'mov64 r0, 0', 'exit'].join('\n'), version);
  machine.deploy(PROGRAM, version === 0 ? elfV0(assembly) : elfV3(assembly));
  const { status } = expectSameTrace(
    machine,
    engineTransaction({
      signers: ['payer'],
      blockhash: BLOCKHASH,
      instructions: [{ program: PROGRAM, accounts: [], data: new Uint8Array(8) }],
    }),
  );
  expect(status).toBe('ok');
}

const load = (register: string, value: bigint) => `lddw ${register}, ${value}`;

describe.each([0, 3] as const)('opcodes of version %i', (version) => {
  it.each(ARITHMETIC.flatMap((name) => [`${name}32`, `${name}64`]))('%s', (name) => {
    const width = name.endsWith('32') ? 32 : 64;
    const divides = name.startsWith('div') || name.startsWith('mod');
    const mask = width === 32 ? 0xffff_ffffn : 0xffff_ffff_ffff_ffffn;
    const lines = VALUES.flatMap((x) =>
      VALUES.filter((y) => !divides || (y & mask) !== 0n).flatMap((y) =>
        [load('r1', x), load('r2', y), `${name} r1, r2`, load('r3', x), `${name} r3, r3`].slice(
          0,
          divides && (x & mask) === 0n ? 3 : 5,
        ),
      ),
    );
    const shifts = /^(lsh|rsh|arsh)/.test(name);
    const immediates = shifts ? [0, 1, 7, 31, ...(width === 64 ? [32, 33, 63] : [])] : IMMEDIATES;
    const immediate = VALUES.flatMap((x) =>
      immediates.filter((y) => !divides || y !== 0).flatMap((y) => [load('r4', x), `${name} r4, ${y}`]),
    );
    run(lines, version);
    run(immediate, version);
  });

  it.each(['neg32', 'neg64', 'le16', 'le32', 'le64', 'be16', 'be32', 'be64'])('%s', (name) => {
    run(
      VALUES.flatMap((x) => [load('r1', x), `${name} r1`]),
      version,
    );
  });

  it.each([...JUMPS, ...(version === 3 ? JUMPS.map((name) => `${name}32`) : [])])('%s', (name) => {
    const pairs = VALUES.flatMap((x) =>
      VALUES.flatMap((y) => [load('r1', x), load('r2', y), `${name} r1, r2, +1`, 'add64 r3, 1']),
    );
    const immediate = VALUES.flatMap((x) =>
      IMMEDIATES.flatMap((y) => [load('r1', x), `${name} r1, ${y}, +1`, 'add64 r3, 1']),
    );
    run(pairs, version);
    run(immediate, version);
  });

  it.each(['b', 'h', 'w', 'dw'])('loads and stores of size %s', (size) => {
    const at = [0, 1, 3, 4, 7, 8];
    const lines = VALUES.flatMap((value) =>
      at.flatMap((offset) => [
        load('r1', value),
        `stx${size} [r10-${32 + offset}], r1`,
        `ldx${size} r2, [r10-${32 + offset}]`,
        'ldxdw r3, [r10-40]',
      ]),
    );
    const immediate = IMMEDIATES.flatMap((value) => [
      `st${size} [r10-24], ${value}`,
      `ldx${size} r2, [r10-24]`,
      'ldxdw r3, [r10-24]',
    ]);
    run(lines, version);
    run(immediate, version);
  });

  it('calls and returns', () => {
    run(['mov64 r6, 5', 'mov64 r0, r6'], version);
    const text = version === 0 ? 'lddw r1, 0x100000040' : 'lddw r1, 0x100000000';
    // The first function of the file, by its address.
    const assembly = assemble(
      `f:\nadd64 r2, 1\nmov64 r7, 3\nstxdw [r10-8], r2\nexit\nentrypoint:\nmov64 r7, 9\n${text}\ncallx r1\ncall f\nmov64 r0, r7\nsub64 r0, 9\nexit`,
      version,
    );
    machine.deploy(PROGRAM, version === 0 ? elfV0(assembly) : elfV3(assembly));
    const { status, executions } = expectSameTrace(
      machine,
      engineTransaction({
        signers: ['payer'],
        blockhash: BLOCKHASH,
        instructions: [{ program: PROGRAM, accounts: [], data: new Uint8Array() }],
      }),
    );
    expect([status, executions[0]!.trace!.calls.length]).toEqual(['ok', 4]);
  });
});
