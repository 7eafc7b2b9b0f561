import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes } from '@polyproof/base';
import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { arithmetise } from '../../src/zkvm/arithmetise.js';
import { runMachine } from '../../src/zkvm/machine.js';
import { comparedRegisters } from './execute.js';
import { randomProgram, sequence } from './random-program.js';
import { named } from './token-scenarios.js';

const PROGRAM = named('program');
const PAYER = named('payer');

/** r0 to r10 and the slot before each instruction, as litesvm executes the program without accounts and data. */
function trace(elf: Uint8Array): bigint[][] {
  const directory = mkdtempSync(join(tmpdir(), 'sbf-trace-'));
  process.env.SBF_TRACE_DIR = directory;
  const svm = new litesvm.LiteSvm();
  delete process.env.SBF_TRACE_DIR;
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.addProgram(PROGRAM, elf);
  svm.setAccount(PAYER, new litesvm.Account(10n ** 9n, new Uint8Array(0), new Uint8Array(32), false, 0n));
  const result = svm.sendLegacyTransaction(
    concatBytes(
      Uint8Array.of(1),
      new Uint8Array(64),
      Uint8Array.of(1, 0, 1, 2),
      PAYER,
      PROGRAM,
      new Uint8Array(32),
      Uint8Array.of(1, 1, 0, 0),
    ),
  );
  expect('meta' in result, 'the program succeeds').toBe(false);
  const words = readFileSync(join(directory, readdirSync(directory).find((name) => name.endsWith('.regs'))!));
  rmSync(directory, { recursive: true });
  return Array.from({ length: words.length / 96 }, (_, row) =>
    Array.from({ length: 12 }, (_, i) => words.readBigUInt64LE(96 * row + 8 * i)),
  );
}

const STACK = 2n << 32n;
const FRAMES = 4;

describe('the machine executes random programs as litesvm does', () => {
  for (let seed = 1; seed <= 40; seed++)
    it(`seed ${seed}`, () => {
      const { elf, program } = randomProgram(sequence(seed), 300);
      const expected = trace(elf);
      const entries = arithmetise(program, []);
      const compared = comparedRegisters(program, []);
      let row = 0;
      const run = runMachine({
        programs: [entries],
        invocations: [
          {
            program: 1,
            data: expected[0]![2]!,
            regions: [{ start: STACK, length: 4096 * FRAMES, cell: 0, writable: true }],
          },
        ],
        cells: Array.from({ length: 512 * FRAMES }, () => 0n),
        onStep: (place, registers) => {
          const units = place < 0x40000 ? 0 : entries[place % 0x40000]!.units;
          if (units === 0) return;
          const known = expected[row]!;
          const slot = Number(known[11]);
          expect(compared(slot, registers), `row ${row}`).toEqual(compared(slot, known));
          // Two where an entry does what two instructions do.
          row += units;
        },
      });
      expect(row).toBe(expected.length);
      expect(run.units).toBe(expected.length);
      expect(run.invocations[0]!.result).toBe(0n);
    });
});
