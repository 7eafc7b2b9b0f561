import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBase58, systemAccount } from '../../src/index.js';
import { assemble } from '../../src/sbpf/assemble.js';
import type { SbpfVersion } from '../../src/sbpf/program.js';
import { elfV0, elfV3 } from '../support/elf-files.js';
import {
  address,
  BLOCKHASH,
  engineTransaction,
  type Instruction,
  readonly,
  SOL,
  writable,
} from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
beforeAll(() => {
  machine.set(address('payer'), systemAccount(100n * SOL));
  machine.set(address('account'), systemAccount(SOL));
});

let programs = 0;

/** Deploys the program and executes it once, in litesvm and in the tracer. */
function run(
  source: string,
  version: SbpfVersion = 3,
  options: {
    constants?: Uint8Array;
    data?: Uint8Array;
    before?: Instruction[];
    accounts?: Instruction['accounts'];
  } = {},
) {
  const program = address(`program ${programs++}`);
  const assembly = assemble(source, version);
  machine.deploy(program, version === 3 ? elfV3(assembly, options) : elfV0(assembly, options));
  return expectSameTrace(
    machine,
    engineTransaction({
      signers: ['payer'],
      blockhash: BLOCKHASH,
      instructions: [
        ...(options.before ?? []),
        {
          program,
          accounts: options.accounts ?? [writable(address('account')), readonly(address('other'))],
          data: options.data ?? Uint8Array.of(1, 2, 3, 4),
        },
      ],
    }),
  );
}

const units = (limit: number): Instruction => ({
  program: decodeBase58('ComputeBudget111111111111111111111111111111'),
  accounts: [],
  data: Uint8Array.of(2, limit, limit >> 8, limit >> 16, 0),
});

describe.each([0, 3] as const)('assembled programs of version %i', (version) => {
  it('succeed, fail with a number, and call', () => {
    expect(run('mov64 r0, 0\nexit', version).status).toBe('ok');
    expect(run('mov64 r0, 42\nexit', version).error).toEqual({ InstructionError: [0, { Custom: 42 }] });
    expect(run('lddw r0, 0x100000000\nexit', version).error).toEqual({
      InstructionError: [0, { Custom: 0 }],
    });
    expect(run('lddw r0, 0x500000000\nexit', version).error).toEqual({
      InstructionError: [0, 'AccountDataTooSmall'],
    });
    expect(run('lddw r0, 0x500000001\nexit', version).error).toEqual({
      InstructionError: [0, 'InvalidError'],
    });
    const called = run(
      'f:\nadd64 r1, 1\nmov64 r6, 9\nstxdw [r10-8], r1\nmov64 r0, 0\nexit\nentrypoint:\nmov64 r6, 3\nmov64 r1, 5\ncall f\nmov64 r0, r6\nsub64 r0, 3\nexit',
      version,
    );
    expect(called.status).toBe('ok');
    expect(called.executions[0]!.trace!.calls.map(({ kind }) => kind)).toEqual(['call', 'return']);
  });

  it('fault', () => {
    const statuses = new Set<string>();
    for (const source of [
      'ldxdw r0, [r1-8]\nexit',
      'stxdw [r10+0], r1\nmov64 r0,0\nexit',
      'stxdw [r10-4097], r1\nmov64 r0,0\nexit',
      'mov64 r1, 0\ndiv64 r0, r1\nexit',
      'mov64 r1, 0\nmod32 r0, r1\nexit',
      'lddw r1, 0x100000000\nstxb [r1+0], r0\nexit',
      'mov64 r1, 0\nldxb r0, [r1+0]\nexit',
      'lddw r1, 0x300008000\nldxb r0, [r1+0]\nexit',
      'lddw r1, 0x300007fff\nldxb r0, [r1+0]\nldxh r0, [r1+0]\nexit',
      'lddw r1, 0xfffffffffffffff0\nldxdw r0, [r1+0]\nexit',
      'lddw r1, 0x8000000000000000\nldxdw r0, [r1+0]\nexit',
      'lddw r1, 0x200000000\nldxdw r0, [r1-1]\nexit',
      'lddw r1, 0x200040000\nldxdw r0, [r1+0]\nexit',
      'lddw r1, 0x200080000\nldxdw r0, [r1+0]\nexit',
      'lddw r1, 0x500000000\nldxdw r0, [r1+0]\nexit',
      'entrypoint:\nadd64 r6, 1\ncall entrypoint\nexit',
      'loop:\nja loop\nexit',
      'mov64 r0, 0',
      'lddw r1, 0x200000000\ncallx r1\nexit',
      'call abort\nexit',
      'mov64 r2, 7\nmov64 r1, r10\nsub64 r1, 8\ncall sol_panic_\nexit',
    ]) {
      const { executions, status } = run(source, version);
      const { result } = executions[0]!;
      statuses.add(result.kind === 'fault' ? result.fault.code : status);
    }
    expect([...statuses].toSorted()).toEqual([
      'ACCESS_VIOLATION',
      'CALL_DEPTH_EXCEEDED',
      'CALL_OUTSIDE_TEXT_SEGMENT',
      'DIVIDE_BY_ZERO',
      'EXCEEDED_MAX_INSTRUCTIONS',
      'EXECUTION_OVERRUN',
      'SYSCALL',
      'ok',
    ]);
  });

  it('run out of compute units', () => {
    for (const limit of [0, 1, 2, 3, 151, 152, 153, 154, 160]) {
      run('mov64 r0, 0\nmov64 r1, 1\nexit', version, { before: [units(limit)] });
      run('mov64 r0, 0\nadd64 r0, 1\nadd64 r0, -1\ncall sol_log_64_\nmov64 r0, 0\nexit', version, {
        before: [units(limit + 100)],
      });
    }
  });

  it('change accounts as they may', () => {
    // lamports of the first account are at 0x50, its owner at 0x30, its data's length at 0x58
    expect(run('ldxdw r0, [r1+0x50]\nmov64 r0, 0\nexit', version).status).toBe('ok');
    expect(run('mov64 r0, 1\nstxdw [r1+0x50], r0\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'ExternalAccountLamportSpend'],
    });
    expect(
      run('ldxdw r0, [r1+0x50]\nadd64 r0, 1\nstxdw [r1+0x50], r0\nmov64 r0, 0\nexit', version).error,
    ).toEqual({ InstructionError: [0, 'UnbalancedInstruction'] });
    expect(run('mov64 r0, 1\nstxdw [r1+0x30], r0\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'ModifiedProgramId'],
    });
    expect(run('mov64 r0, 1\nstxdw [r1+0x58], r0\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'ExternalAccountDataModified'],
    });
    // The second account is read-only: behind the first one's room to grow.
    expect(run('mov64 r0, 1\nstxdw [r1+0x28b8], r0\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'ReadonlyDataModified'],
    });
    expect(run('mov64 r0, 1\nstxdw [r1+0x28b0], r0\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'ReadonlyLamportChange'],
    });
    expect(run('stdw [r1+0x58], 0x10000\nmov64 r0, 0\nexit', version).error).toEqual({
      InstructionError: [0, 'InvalidRealloc'],
    });
  });
});
