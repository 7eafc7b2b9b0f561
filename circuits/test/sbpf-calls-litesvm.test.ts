import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { CASES } from './sbpf-call-cases.js';
import { CALLER, callAccounts, runCalls } from './sbpf-calls.js';
import { wire } from './sbpf-transactions.js';

describe('the machine leaves the accounts as litesvm does', () => {
  for (const [name, of, fails] of CASES)
    it(name, () => {
      const { before = callAccounts(), ...rest } = of();
      const { blocks, elf, run } = runCalls({ ...rest, before });
      const svm = new litesvm.LiteSvm();
      svm.setSigverify(false);
      svm.setBlockhashCheck(false);
      svm.addProgram(CALLER, elf);
      for (const { address, account } of before)
        if (account !== null && !account.executable)
          svm.setAccount(
            address,
            new litesvm.Account(account.lamports, account.data, account.owner, false, account.rentEpoch),
          );
      const result = svm.sendLegacyTransaction(wire(blocks[0]!.transactions[0]!, before));
      const ok = result instanceof litesvm.TransactionMetadata;
      const meta = ok ? result : result.meta();
      expect(!ok, meta.logs().join('\n')).toBe(fails);
      const end = run.run.invocations.length - 1;
      expect(run.run.invocations[end]!.units - run.run.invocations[0]!.units).toBe(
        Number(meta.computeUnitsConsumed()),
      );
      run.after.forEach((account, place) => {
        const expected = svm.getAccount(before[place]!.address);
        expect(account?.lamports ?? 0n, `lamports of ${place}`).toBe(expected?.lamports() ?? 0n);
        expect(Buffer.from(account?.data ?? [])).toEqual(Buffer.from(expected?.data() ?? []));
        const owner = expected === undefined || expected === null ? new Uint8Array(32) : expected.owner();
        expect(Buffer.from(account?.owner ?? new Uint8Array(32))).toEqual(Buffer.from(owner));
      });
    });
});
