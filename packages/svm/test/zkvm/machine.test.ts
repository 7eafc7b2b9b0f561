import { describe, expect, it } from 'vitest';
import { SYSCALL_NAMES } from '../../src/sbpf/syscalls/syscall-names.js';
import { REGISTER } from '../../src/zkvm/operations.js';
import { comparedRegisters, executeInLitesvm, executeInMachine, tokenProgram } from './execute.js';
import { SCENARIOS } from './token-scenarios.js';

describe('the machine executes the token program as litesvm does', () => {
  for (const scenario of SCENARIOS)
    it(scenario.name, () => {
      const expected = executeInLitesvm(scenario);
      expect(expected.succeeds).toBe(scenario.succeeds);
      const { entries, program } = tokenProgram();
      const compared = comparedRegisters(program, SYSCALL_NAMES);
      let row = 0;
      const { run, image } = executeInMachine(scenario, (place, registers) => {
        // Entries that cost a unit are the instructions, of two units two of them; a routine's charge is no instruction.
        const units = place < 0x40000 ? 0 : entries[place % 0x40000]!.units;
        if (units !== 1 && units !== 2) return;
        const known = expected.rows[row]!;
        const slot = Number(known[11]);
        expect(compared(slot, registers), `registers at row ${row}`).toEqual(compared(slot, known));
        row += units;
      });
      expect(row).toBe(expected.rows.length);
      expect(run.units).toBe(expected.units);
      const { result } = run.invocations[0]!;
      expect(result === 0n).toBe(scenario.succeeds);
      if (!scenario.succeeds) return;
      scenario.accounts.forEach((account, index) => {
        const record = image.records[index];
        if (record === undefined) return;
        const after = expected.after[index]!;
        expect(run.cells[record + 9]).toBe(after.lamports);
        const bytes = Buffer.alloc(8 * Math.ceil(account.data.length / 8));
        for (let i = 0; i < bytes.length; i += 8) bytes.writeBigUInt64LE(run.cells[record + 11 + i / 8]!, i);
        if (after.lamports > 0n)
          expect(bytes.subarray(0, after.data.length)).toEqual(Buffer.from(after.data));
      });
      expect(run.windows).toBeLessThan(16);
      expect(REGISTER.R0).toBe(16);
    });
});
