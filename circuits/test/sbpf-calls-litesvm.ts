import litesvm from 'litesvm/dist/internal.js';
import { expect } from 'vitest';
import {
  CALLER,
  type CallCase,
  callAccounts,
  callerProgram,
  type runCalls,
  transactionOf,
} from './sbpf-calls.js';
import { wire } from './sbpf-transactions.js';

/** What litesvm makes of a case. */
export function inLitesvm(of: CallCase) {
  const { uses, calls, before = callAccounts() } = of;
  const svm = new litesvm.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.addProgram(CALLER, callerProgram(uses, calls, before));
  for (const { address, account } of before)
    if (account !== null && !account.executable)
      svm.setAccount(
        address,
        new litesvm.Account(account.lamports, account.data, account.owner, false, account.rentEpoch),
      );
  const result = svm.sendLegacyTransaction(wire(transactionOf(of), before));
  const failed = !(result instanceof litesvm.TransactionMetadata);
  const meta = result instanceof litesvm.TransactionMetadata ? result : result.meta();
  return { svm, failed, units: Number(meta.computeUnitsConsumed()), logs: meta.logs() };
}

/** That the machine comes to the same units and accounts. @returns whether the transaction fails */
export function expectAsInLitesvm(of: CallCase, { run }: ReturnType<typeof runCalls>): boolean {
  const { before = callAccounts() } = of;
  const { svm, failed, units, logs } = inLitesvm(of);
  expect(run.rows[0]!.fails, logs.join('\n')).toBe(failed);
  expect(run.run.units - run.run.invocations[0]!.units, logs.join('\n')).toBe(units);
  run.after.forEach((account, place) => {
    const expected = svm.getAccount(before[place]!.address);
    expect(account?.lamports ?? 0n, `lamports of ${place}`).toBe(expected?.lamports() ?? 0n);
    expect(Buffer.from(account?.data ?? [])).toEqual(Buffer.from(expected?.data() ?? []));
    expect(Buffer.from(account?.owner ?? new Uint8Array(32))).toEqual(
      Buffer.from(expected?.owner() ?? new Uint8Array(32)),
    );
  });
  return failed;
}
