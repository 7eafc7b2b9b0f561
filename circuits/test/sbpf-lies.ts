import { Assembler, type Line, set } from '../../packages/svm/src/zkvm/assembler.js';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import type { Entry } from '../../packages/svm/src/zkvm/entry.js';
import { BALANCES, ROUTINE } from '../../packages/svm/src/zkvm/kernel.js';
import { runMachine } from '../../packages/svm/src/zkvm/machine.js';
import { OP, PLACE, REGISTER } from '../../packages/svm/src/zkvm/operations.js';
import { prologue } from '../../packages/svm/src/zkvm/routines.js';
import { transactionInputs } from '../../packages/svm/src/zkvm/transaction-inputs.js';
import { type BatchAccount, type Layout, layOut } from '../../packages/svm/src/zkvm/transaction-layout.js';
import { KIND, type ProvableBlock } from '../../packages/svm/src/zkvm/transaction-rows.js';
import {
  accountsAfter,
  runTransactions,
  type TransactionRun,
} from '../../packages/svm/src/zkvm/transaction-run.js';
import { tokenProgram } from '../../packages/svm/test/zkvm/execute.js';
import { named, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { AT, accounts, block, CAPACITY, committedToken, run } from './sbpf-transactions.js';

const OWN_PROGRAM = named('own program');
/** row of the own program's instruction */
const CALL = 1;

/** Inputs of a run whose versions are other ones, with everything that follows from them. */
export function retold(
  blocks: readonly ProvableBlock[],
  change: (run: TransactionRun) => void,
  before = accounts(),
): Record<string, unknown> {
  const lie = run(blocks, before);
  change(lie);
  return laidOut(
    lie,
    before,
    lie.rows.map(() => true),
  );
}

/**
 * Inputs of a run with other saved words, with everything that follows from them.
 * @param change - of the words
 * @param alter - of what is laid out for them
 */
export function resaved(
  blocks: readonly ProvableBlock[],
  change: (run: TransactionRun) => void,
  alter: (layout: Layout) => void = () => {},
): Record<string, unknown> {
  const lie = run(blocks);
  const failing = new Set(lie.rows.filter(({ fails }) => fails).map(({ transaction }) => transaction));
  const stores = lie.rows.map(({ kind, transaction }) => kind === KIND.FEE || !failing.has(transaction));
  change(lie);
  return laidOut(lie, accounts(), stores, alter);
}

function laidOut(
  lie: TransactionRun,
  before: readonly BatchAccount[],
  stores: readonly boolean[],
  alter: (layout: Layout) => void = () => {},
): Record<string, unknown> {
  const programs = [{ address: TOKEN, readOnly: tokenProgram().program.readOnly.bytes }];
  const layout = layOut({ ...lie, accounts: before, programs, stores, capacity: CAPACITY });
  alter(layout);
  const executed = runMachine({
    programs: [tokenProgram().entries],
    invocations: lie.run.invocations.map(({ program, routine, data }, row) => ({
      program,
      routine: routine + PLACE.PROLOGUE,
      data: program === 0 ? data : layout.data[row]!,
      ...(layout.fronts[row] === undefined ? {} : { front: layout.fronts[row] }),
      regions: layout.regions[row]!,
    })),
    cells: layout.cells,
  });
  const after = accountsAfter(lie.versions, layout, executed);
  return transactionInputs({ ...lie, layout, run: executed, after }, before, [committedToken()], CAPACITY);
}

/** Records of the own program's instruction: an account of its own, a wallet, and one that does not exist. */
const FIRST = (4n << 32n) + 8n;
export const RECORD = { OWN: FIRST, OTHER: FIRST + 10_336n + 24n, NEW: FIRST + 2n * 10_336n + 24n } as const;

/** A program of these entries, which succeeds. */
export function ownProgram(lines: readonly Line[]): Entry[] {
  const assembler = new Assembler();
  prologue(assembler, { entry: 'entry', live: 0x3ff, calls: false });
  assembler.label('entry');
  assembler.add(...lines, set(REGISTER.R0, 0n), {
    op: OP.JUMP,
    b: REGISTER.LINK,
    by: 'link',
    window: -1,
  });
  assembler.label('trap');
  assembler.add({ op: OP.TRAP });
  return assembler.finish();
}

/** A transaction that calls the program. */
function calling(entries: Entry[]) {
  const before = accounts();
  const { owner: _, ...other } = before[AT.TO]!.account!;
  before[AT.LAST] = {
    address: named('own'),
    account: { ...other, owner: OWN_PROGRAM, lamports: 10n ** 9n, data: new Uint8Array(24) },
  };
  const use = (account: number) => ({ account, signer: account === AT.PAYER, writable: true });
  const called = {
    programId: OWN_PROGRAM,
    accounts: [AT.LAST, AT.OTHER, AT.NEW].map(use),
    data: Uint8Array.of(0),
  };
  const token = tokenProgram();
  const run = runTransactions({
    accounts: before,
    programs: [
      { address: TOKEN, entries: token.entries, readOnly: token.program.readOnly.bytes },
      { address: OWN_PROGRAM, entries, readOnly: new Uint8Array() },
    ],
    blocks: [block([called])],
    capacity: CAPACITY,
  });
  const own = { address: OWN_PROGRAM, committed: new CommittedProgram(2, entries) };
  const toInputs = () => transactionInputs(run, before, [committedToken(), own], CAPACITY);
  return { run, entries: [token.entries, entries], toInputs };
}

/** Inputs of a transaction that calls the program. */
export function withProgram(entries: Entry[]): Record<string, unknown> {
  return calling(entries).toInputs();
}

/** The same, with two balances of the account of its own, and one of the other. */
export function countedTwice(entries: Entry[]): Record<string, unknown> {
  const { run, entries: programs, toInputs } = calling(entries);
  const [own, other] = run.balances as [number, number];
  run.balances = [own, own, other];
  const regions = run.layout.regions[CALL]!;
  for (const region of regions) {
    const right = region.right as { balance?: number; part?: number };
    if (right.balance !== 1) continue;
    right.balance = 2;
    if (right.part === 1) region.start += 8n;
  }
  const first = regions.find(({ start }) => start === BALANCES)!;
  regions.push({ ...first, start: BALANCES + 8n, right: { balance: 1, part: 1 } });
  run.run = runMachine({
    programs,
    invocations: run.run.invocations.map(({ program, routine, data }, row) => ({
      program,
      routine: routine + PLACE.PROLOGUE,
      data,
      front: { routine: ROUTINE.before, words: row === CALL ? 3 : 0 },
      regions: run.layout.regions[row]!,
    })),
    cells: run.layout.cells,
  });
  return toInputs();
}
