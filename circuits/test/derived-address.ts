import { assemble } from '../../packages/svm/src/sbpf/assemble.js';
import { loadProgram } from '../../packages/svm/src/sbpf/load-program.js';
import { createProgramAddress } from '../../packages/svm/src/sbpf/syscalls/program-address.js';
import { SYSCALL_NAMES } from '../../packages/svm/src/sbpf/syscalls/syscall-names.js';
import { arithmetise } from '../../packages/svm/src/zkvm/arithmetise.js';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import type { PointInput } from '../../packages/svm/src/zkvm/curve-point.js';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { runMachine } from '../../packages/svm/src/zkvm/machine.js';
import { words } from '../../packages/svm/src/zkvm/words.js';
import { elfV0 } from '../../packages/svm/test/support/elf-files.js';
import { CAPACITY } from './sbpf-circuit.js';
import type { SbpfInputs } from './sbpf-runs.js';

const INPUT = 4n << 32n;
const STACK = 2n << 32n;
const PROGRAM_AT = 128;
export const RESULT_AT = 160;

export interface Try {
  derivation: string;
  first: boolean;
  bump: string;
  ends: boolean[];
  point: PointInput;
}
export interface AddressInputs extends SbpfInputs {
  derivations: {
    chunks: { position: string; whole: boolean }[];
    derivations: {
      used: boolean;
      seeds: string[];
      program: string[];
      length: string;
      finds: boolean;
      last: string;
    }[];
    tries: Try[];
  };
}

/** Two slices of the input are the seeds; the bump goes behind the address. */
const source = (call: string, lengths: readonly [number, number]) => `
  lddw r6, 0x400000000
  stxdw [r10-32], r6
  stdw [r10-24], ${lengths[0]}
  mov64 r1, r6
  add64 r1, 40
  stxdw [r10-16], r1
  stdw [r10-8], ${lengths[1]}
  mov64 r1, r10
  add64 r1, -32
  mov64 r2, 2
  mov64 r3, r6
  add64 r3, ${PROGRAM_AT}
  mov64 r4, r6
  add64 r4, ${RESULT_AT}
  mov64 r5, r4
  add64 r5, 32
  call ${call}
  exit`;

export const PROGRAM = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
export const seedsOf = (number: number): [Uint8Array, Uint8Array] => [
  Uint8Array.from({ length: 32 }, (_, i) => number + i),
  Uint8Array.of(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
];

export function found(seeds: readonly Uint8Array[]): { bump: number; address: Uint8Array } {
  for (let bump = 255; ; bump--) {
    const address = createProgramAddress([...seeds, Uint8Array.of(bump)], PROGRAM);
    if (typeof address !== 'string') return { bump, address };
  }
}

/** Executes a program that derives an address from the seeds. */
export function deriveAddress(call: string, seeds: readonly [Uint8Array, Uint8Array]) {
  const elf = elfV0(assemble(source(call, [seeds[0].length, seeds[1].length]), 0), {});
  const entries = arithmetise(loadProgram(elf), SYSCALL_NAMES);
  const input = new Uint8Array(256);
  input.set(seeds[0]);
  input.set(seeds[1], 40);
  input.set(PROGRAM, PROGRAM_AT);
  const cells = [...words(input), ...words(new Uint8Array(64))];
  const executed = runMachine({
    programs: [entries],
    invocations: [
      {
        program: 1,
        data: INPUT,
        regions: [
          { start: INPUT, length: input.length, cell: 0, writable: true },
          { start: STACK + 4096n - 64n, length: 64, cell: input.length / 8, writable: true },
        ],
      },
    ],
    cells,
  });
  const committed = new CommittedProgram(1, entries);
  const inputs = runInputs(executed, [committed], cells, CAPACITY) as unknown as AddressInputs;
  const after = Buffer.from(BigUint64Array.from(executed.cells.slice(0, 32)).buffer);
  return { inputs, executed, result: executed.invocations[0]!.result, after };
}

export const FIND = 'sol_try_find_program_address';
export const CREATE = 'sol_create_program_address';
/** whose bump is the third one that is tried */
export const THIRD = seedsOf(
  Array.from({ length: 256 }, (_, number) => number).find((number) => found(seedsOf(number)).bump === 253)!,
);

/** Executes a program that finds an address by the third bump. */
export const derivedRun = () => deriveAddress(FIND, THIRD);
