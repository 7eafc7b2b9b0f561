import { describe, expect, it } from 'vitest';
import { SYSCALL_NAMES } from '../../src/sbpf/syscalls/syscall-names.js';
import { liveRegisters } from '../../src/zkvm/liveness.js';
import { REGISTER } from '../../src/zkvm/operations.js';
import { executeInLitesvm, executeInMachine, liveOf, tokenProgram } from './execute.js';
import { SCENARIOS } from './token-scenarios.js';

describe('the machine executes the token program as litesvm does', () => {
  for (const scenario of SCENARIOS)
    it(scenario.name, () => {
      const expected = executeInLitesvm(scenario);
      expect(expected.succeeds).toBe(scenario.succeeds);
      const { entries, program } = tokenProgram();
      const live = liveRegisters(program, SYSCALL_NAMES);
      let row = 0;
      const { run, image } = executeInMachine(scenario, (place, registers) => {
        // Entries that cost a unit are the instructions; a routine's charge is no instruction.
        const entry = entries[place % 0x40000];
        if (place < 0x40000 || entry?.units !== 1) return;
        const known = expected.rows[row]!;
        const ofRow = (of: readonly bigint[]) => liveOf(live[Number(known[11])]!, of);
        expect(ofRow(registers), `registers at row ${row}`).toEqual(ofRow(known));
        row++;
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
