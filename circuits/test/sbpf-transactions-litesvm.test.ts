import { initHashing } from '@polyproof/state';
import litesvm from 'litesvm/dist/internal.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { rentExemptMinimum } from '../../packages/svm/src/rollup-config.js';
import { CASES } from './sbpf-transaction-cases.js';
import { AT, accounts, run, wire } from './sbpf-transactions.js';

beforeAll(() => initHashing());

describe('the machine leaves the accounts as litesvm does', () => {
  for (const [name, blocks, fails, before = accounts()] of CASES)
    it(name, () => {
      const svm = new litesvm.LiteSvm();
      svm.setSigverify(false);
      svm.setBlockhashCheck(false);
      svm.setTransactionHistory(0n);
      for (const { address, account } of before)
        if (account !== null)
          svm.setAccount(
            address,
            new litesvm.Account(account.lamports, account.data, account.owner, false, account.rentEpoch),
          );
      const failed: boolean[] = [];
      const units: number[] = [];
      for (const { transactions } of blocks)
        for (const transaction of transactions) {
          const result = svm.sendLegacyTransaction(wire(transaction, before));
          const ok = result instanceof litesvm.TransactionMetadata;
          failed.push(!ok);
          units.push(Number((ok ? result : result.meta()).computeUnitsConsumed()));
        }
      expect(failed).toEqual(fails);
      const { rows, run: executed, after } = run(blocks, before);
      const ends = rows.flatMap(({ kind }, row) => (kind === 1 || kind === 5 ? [row] : []));
      const consumed = ends.flatMap((row, i) => {
        const { kind, limit } = rows[row]!;
        const taken = executed.invocations[ends[i + 1]!]?.units ?? executed.units;
        return kind === 1 ? [Math.min(limit, taken - executed.invocations[row]!.units)] : [];
      });
      expect(consumed).toEqual(units);
      // litesvm gives the fees to nobody, and nor do blocks that have too little for a new account.
      const fees = rows.reduce((sum, { kind, amount }) => sum + (kind === 1 ? amount : 0n), 0n);
      expect(fees).toBeLessThan(rentExemptMinimum(0));
      after.forEach((account, place) => {
        const expected = svm.getAccount(before[place]!.address);
        expect(account?.lamports ?? 0n, `lamports of ${place}`).toBe(expected?.lamports() ?? 0n);
        expect(Buffer.from(account?.data ?? [])).toEqual(Buffer.from(expected?.data() ?? []));
        const owner = expected === undefined || expected === null ? new Uint8Array(32) : expected.owner();
        expect(Buffer.from(account?.owner ?? new Uint8Array(32))).toEqual(Buffer.from(owner));
      });
      expect(after[AT.COLLECTOR]).toBeNull();
    });
});
