import { fieldToHex, InvariantError, splitBytes32 } from '@polyproof/base';
import { accountKey, accountValue } from '@polyproof/state';
import { accountInputs } from './account-cells.js';
import { CallInputs, isCallRight } from './call-inputs.js';
import type { CommittedProgram } from './commitment.js';
import { fill } from './fill.js';
import { type Capacity, runInputs } from './inputs.js';
import { ROUTINE } from './kernel.js';
import { idlePages, OpenedNodes } from './opened-nodes.js';
import { PLACE } from './operations.js';
import { savedInput } from './saved-words.js';
import { balanceInput, balanceReadings, changeInput, NO_BALANCE, NO_CHANGE } from './transaction-changes.js';
import {
  type BatchAccount,
  hasData,
  NEVER,
  type RightOfRow,
  type RightRow,
  type TransactionCapacity,
} from './transaction-layout.js';
import { KIND } from './transaction-rows.js';
import type { TransactionRun } from './transaction-run.js';
import type { AccountVersion } from './transaction-versions.js';
import { words } from './words.js';

const KINDS = 10;
/** of windows that are not used: behind all others */
const LAST_INVOCATION = 0x1fff;
const SKIP = ROUTINE.skip - PLACE.PROLOGUE;
const NO_ROW = {
  kind: 0,
  program: 0,
  uses: 0,
  data_bytes: 0,
  amount: 0n,
  limit: 0,
  fails: false,
  called: false,
};
const NO_OUTCOME = { before: 0n, result: 0n, units: 0, balances: 0, saved: 0 };

/**
 * The run as inputs of a circuit of this capacity: see circuits/test/sbpf_transactions.
 * @throws {ZkvmError} `CIRCUIT_FULL`, naming what does not fit
 */
export function transactionInputs(
  { rows, run, layout, versions, balances, saved, pages, windows, own, after }: TransactionRun,
  accounts: readonly BatchAccount[],
  programs: readonly { address: Uint8Array; committed: CommittedProgram }[],
  capacity: Capacity & TransactionCapacity,
): Record<string, unknown> {
  const rights: RightOfRow[] = [];
  const known = new Map<string, number>();
  const rightOf = (of: RightOfRow, writable: boolean): number => {
    const right = { ...of, kind: of.kind === 1 && writable ? 2 : of.kind };
    const key = Object.values(right).join();
    const place = known.get(key) ?? rights.push(right) - 1;
    known.set(key, place);
    return place;
  };
  const calls = new CallInputs(rows, capacity, rightOf);
  const places = run.segments.map(({ right, writable }) => {
    const of = right as RightRow;
    if ('window' in of) return capacity.rights + 2 * of.window + (writable ? 1 : 0);
    const changes = capacity.rights + 2 * capacity.windows;
    if ('change' in of) return changes + 2 * of.change + of.part;
    if ('balance' in of) return changes + 2 * (capacity.changes + of.balance) + of.part;
    if ('saved' in of) return changes + 2 * (capacity.changes + capacity.balances) + 3 * of.saved + of.part;
    if (isCallRight(of)) return calls.place(of, writable);
    if (!('kind' in of)) throw new InvariantError('a right of a run that is not the last');
    return rightOf(of, writable);
  });
  const readings = balanceReadings(run, capacity);
  const savedBehind = (fee: number) => {
    const front = layout.fronts[fee + 1];
    return front?.routine === ROUTINE.save ? front.words : 0;
  };
  for (const { fields } of run.rows.rows.words) fields.segment = BigInt(places[Number(fields.segment)]!);
  const transfers = rows.flatMap(({ kind }, row) =>
    kind === KIND.TRANSFER && run.invocations[row]!.routine !== SKIP ? [row] : [],
  );
  const numberOf = ({ account, change }: AccountVersion) =>
    String(change === undefined ? account : capacity.accounts + change);
  const endOf = ({ ends }: AccountVersion) => ends;
  const committed = programs.map((program) => program.committed);
  const nodes = new OpenedNodes(committed, capacity.programs);
  const idlePage = { ...idlePages(committed).data, count: 1 };
  const dataPages = fill('pages of data', pages, capacity.dataPages, idlePage).map(({ program, number }) => ({
    program: String(program),
    first: String(committed[program - 1]!.firstOfData(number)),
    words: committed[program - 1]!.dataPage(number)!.map(fieldToHex),
    known: String(nodes.openData(program, number)),
  }));
  const size = { ...capacity, segments: run.segments.length };
  const machine = runInputs(run, committed, layout.cells, size, nodes);
  const { nodes: nodeRows, code, rows: chips, accesses, derivations, step_entries, step_rows } = machine;
  const uses = rows.flatMap((row, index) => row.uses.map((use) => ({ ...use, row: index })));
  const none = { account: 0, signer: false, writable: false, row: capacity.rows };
  const allUses = fill('account uses', uses, capacity.uses, none);
  const { shapes, rows: hashRows } = accountInputs(layout.laid, {
    accounts: capacity.accounts,
    rows: capacity.hashRows,
  });
  const halves = programs.map(({ address }) => splitBytes32(address).map(fieldToHex) as [string, string]);
  const column = (values: readonly string[]) => fill('programs', values, capacity.programs, '0');
  const values = (list: readonly BatchAccount['account'][]) =>
    fill('accounts', list, capacity.accounts, null).map((account) =>
      account === null ? '0' : fieldToHex(accountValue(account)),
    );
  return {
    programs: {
      low: column(halves.map(([, low]) => low)),
      high: column(halves.map(([high]) => high)),
      roots: column(committed.map(({ root }) => fieldToHex(root))),
    },
    table: fill(
      'rows',
      rows.map(({ kind, program, uses, data, amount, limit, fails, called }) => ({
        kind,
        program,
        uses: uses.length,
        data_bytes: data.length,
        amount,
        limit,
        fails,
        called: called === true,
      })),
      capacity.rows,
      NO_ROW,
    ).map(strings),
    uses: allUses.map(({ account, signer, writable }) => ({ account: String(account), signer, writable })),
    data: fill(
      'words of data',
      rows
        .filter((row) => hasData(row) && row.called !== true)
        .flatMap(({ data }) => [BigInt(data.length), ...words(data)]),
      capacity.dataWords,
      0n,
    ).map(String),
    keys: fill(
      'accounts',
      accounts.map(({ address }) => address),
      capacity.accounts,
      new Uint8Array(32),
    ).map((address) => fieldToHex(accountKey(address))),
    old_values: values(accounts.map(({ account }) => account)),
    new_values: values(after),
    outcomes: fill(
      'rows',
      run.invocations.map(({ before, result, units, front }, row) => ({
        before,
        result,
        units,
        balances: front.routine === ROUTINE.before ? front.words : 0,
        saved: rows[row]!.kind === KIND.FEE ? savedBehind(row) : 0,
      })),
      capacity.rows,
      NO_OUTCOME,
    ).map(strings),
    units: String(run.units),
    use_rows: allUses.map(({ row }) => String(row)),
    use_versions: fill('account uses', versions.uses, capacity.uses, versions.last[0]!).map(numberOf),
    ends: [
      ...fill('accounts', versions.accounts.map(endOf), capacity.accounts, NEVER),
      ...fill('changes of accounts', versions.changed.map(endOf), capacity.changes, NEVER),
    ].map(String),
    last: Array.from({ length: capacity.accounts }, (_, i) =>
      i < versions.last.length ? numberOf(versions.last[i]!) : String(i),
    ),
    data_pages: dataPages,
    rights: fill('rights', rights, capacity.rights, { kind: KINDS, row: 0, usage: 0, page: 0 }).map(
      ({ kind, row, usage, page }) => ({
        kinds: Array.from({ length: KINDS }, (_, i) => i === kind),
        row: String(row),
        usage: String(usage),
        page: String(page),
      }),
    ),
    windows: fill(
      'windows of stacks',
      windows.map(({ row, area, frame, offset, words: length }) => ({
        invocation: row + 1,
        heap: area === 2,
        returned: area === 1,
        frame,
        offset,
        words: length,
      })),
      capacity.windows,
      { invocation: LAST_INVOCATION, heap: false, returned: false, frame: 0, offset: 0, words: 0 },
    ).map(strings),
    calls: calls.inputs(
      own.map((row) => ({ row, address: words(programs[rows[row]!.program - 1]!.address) })),
    ),
    transfers: fill('transfers', transfers, capacity.transfers, -1).map((row) => ({
      used: row >= 0,
      row: String(Math.max(row, 0)),
    })),
    changes: fill(
      'changes of accounts',
      versions.changes.map((change) => changeInput(change)),
      capacity.changes,
      NO_CHANGE,
    ),
    balances: fill(
      'balances',
      balances.map((usage, balance) => balanceInput(usage, readings[balance]!, versions)),
      capacity.balances,
      NO_BALANCE,
    ),
    saved: fill(
      'words saved of failing transactions',
      saved.map((word) => savedInput(word)),
      capacity.savedWords,
      savedInput(),
    ),
    shapes,
    hash_rows: hashRows,
    cells: layout.cells.slice(0, capacity.accountCells).map(String),
    nodes: nodeRows,
    code,
    rows: chips,
    accesses,
    derivations,
    step_entries,
    step_rows,
  };
}

function strings(row: Record<string, bigint | number | boolean>): Record<string, string | boolean> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'boolean' ? value : String(value)]),
  );
}
