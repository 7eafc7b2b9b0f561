import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/sbpf/assemble.js';
import { loadProgram } from '../../src/sbpf/load-program.js';
import { SYSCALL_NAMES } from '../../src/sbpf/syscalls/syscall-names.js';
import { ZkvmError } from '../../src/zkvm/errors.js';
import { liveRegisters } from '../../src/zkvm/liveness.js';
import { elfV0 } from '../support/elf-files.js';
import { assembled, inLitesvm, onMachine } from './assembled-programs.js';

/** A program whose `callx r2` goes to its last but one slot, by an address that is so much more than what it holds. */
function callsByAddress(added: number): string {
  const source = (address: bigint) =>
    `lddw r2, ${address}\n add64 r2, ${added}\n mov64 r1, 4\n callx r2\n sub64 r0, 5\n exit\n ` +
    'f: mov64 r0, r1\n add64 r0, 1\n exit';
  const { textAddress } = loadProgram(elfV0(assemble(source(0n), 0), {}));
  return source(textAddress + 8n * 7n - BigInt(added));
}

/** Registers that are live before the first instruction. */
function liveAtStart(source: string): number[] {
  const program = loadProgram(elfV0(assemble(source, 0), {}));
  const live = liveRegisters(program, SYSCALL_NAMES)[program.entry]!;
  return Array.from({ length: 10 }, (_, register) => register).filter(
    (register) => ((live >> register) & 1) === 1,
  );
}

describe('registers are live', () => {
  for (const [what, source, expected] of [
    ['where they are read before they are written', 'add64 r3, r4\n mov64 r0, 0\n exit', [3, 4]],
    ['as the result', 'exit', [0]],
    ['on one of two ways', 'jeq r1, 0, on\n mov64 r6, 0\n on: mov64 r0, r6\n exit', [1, 6]],
    ['around a loop', 'mov64 r0, 0\n again: add64 r0, r2\n sub64 r1, 1\n jne r1, 0, again\n exit', [1, 2]],
    ['where a function reads them', 'call f\n exit\n f: mov64 r0, r7\n exit', [7]],
    ['where a function leaves them', 'call f\n mov64 r0, r3\n exit\n f: exit', [3]],
    [
      'behind a function that must not change them',
      'call f\n mov64 r0, r8\n exit\n f: mov64 r8, 0\n exit',
      [8],
    ],
    ['where a call by register goes nowhere', 'callx r2\n exit', [2]],
    ['not behind a function that never returns', 'call f\n mov64 r0, r5\n exit\n f: ja f', []],
  ] as const)
    it(what, () => expect(liveAtStart(source)).toEqual(expected));
});

describe('registers that a compiler would not use so have their values as in litesvm', () => {
  for (const [what, source] of [
    [
      'a function that reads its caller’s own',
      'mov64 r6, 7\n mov64 r1, 0\n call f\n exit\n f: mov64 r0, r6\n sub64 r0, 7\n exit',
    ],
    ['a result in another register', 'call f\n mov64 r0, r4\n sub64 r0, 9\n exit\n f: mov64 r4, 9\n exit'],
    [
      'an argument that comes back',
      'mov64 r3, 4\n call f\n mov64 r0, r3\n sub64 r0, 4\n exit\n f: mov64 r0, 1\n exit',
    ],
    ['registers that nobody has written', 'mov64 r0, r9\n add64 r0, r3\n exit'],
    ['a function that is called by its address', callsByAddress(0)],
    [
      'an argument that is read and added to in front of the call',
      'mov64 r2, 3\n mov64 r1, r2\n add64 r2, r1\n mov64 r4, r2\n call f\n sub64 r0, 15\n exit\n ' +
        'f: mov64 r0, r1\n add64 r0, r2\n add64 r0, r4\n exit',
    ],
    [
      'an argument that has its value on one of two ways',
      'mov64 r1, 3\n jeq r9, 0, on\n mov64 r1, 4\n on: call f\n sub64 r0, 3\n exit\n f: mov64 r0, r1\n exit',
    ],
    [
      'an argument that is loaded from where it points to',
      'stdw [r10-8], 6\n mov64 r1, r10\n sub64 r1, 8\n ldxdw r1, [r1+0]\n call f\n sub64 r0, 6\n exit\n ' +
        'f: mov64 r0, r1\n exit',
    ],
    [
      'an argument that is needed where the program does not call',
      'mov64 r1, 3\n jeq r9, 0, off\n call f\n exit\n off: mov64 r0, r1\n sub64 r0, 3\n exit\n f: mov64 r0, r1\n exit',
    ],
    [
      'an address in the frame, with a jump to its second half',
      'mov64 r6, 0\n mov64 r1, r10\n again: add64 r1, -8\n add64 r6, 1\n jlt r6, 3, again\n mov64 r0, r10\n ' +
        'add64 r0, -24\n sub64 r0, r1\n exit',
    ],
    [
      'functions that call each other',
      'mov64 r1, 4\n call f\n sub64 r0, 14\n exit\n f: mov64 r6, r1\n mov64 r0, 10\n jeq r1, 0, end\n ' +
        'sub64 r1, 1\n call g\n add64 r0, 1\n end: exit\n g: call f\n exit',
    ],
    [
      'one that a function writes as its own',
      'mov64 r9, 3\n call f\n mov64 r0, r9\n sub64 r0, 3\n exit\n f: mov64 r9, 5\n exit',
    ],
  ] as const)
    it(what, () => {
      const program = assembled(source);
      const expected = inLitesvm(program, new Uint8Array());
      expect(expected.fails).toBe(false);
      expect(onMachine(program, new Uint8Array())).toEqual(expected);
    });
});

it('a call by an address that the program does not hold is not proved', () => {
  const program = assembled(callsByAddress(8));
  expect(inLitesvm(program, new Uint8Array()).fails).toBe(false);
  expect(() => onMachine(program, new Uint8Array())).toThrow(ZkvmError);
});
