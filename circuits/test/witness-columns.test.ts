import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import { initHashing } from '@polyproof/state';
import { beforeAll, expect, it } from 'vitest';
import { callsMessage, moveTokens, setLimit, setPrice } from '../../packages/svm/test/calls.js';
import * as messages from './messages.js';
import { CASES } from './sbpf-call-cases.js';
import { runCalls } from './sbpf-calls.js';
import { testCircuit } from './sbpf-circuit.js';
import * as transactions from './sbpf-transactions.js';
import { type Balances, key, treeCircuit, treeInputs } from './tree-update.js';

/** What a witness says, by the names of its columns: whichever it is, a witness with another value is refused. */

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };
type Path = readonly (string | number)[];

beforeAll(() => initHashing());

/** All values of a witness. */
function* leaves(value: Value, path: Path = []): Generator<{ path: Path; value: string | number | boolean }> {
  if (typeof value !== 'object') yield { path, value };
  else
    for (const [name, part] of Object.entries(value))
      yield* leaves(part as Value, [...path, Array.isArray(value) ? Number(name) : name]);
}

const columnOf = (path: Path) => path.filter((name) => typeof name === 'string').join('.');

/** The witness with another value in one place. */
function changed(inputs: Value, path: Path): Value {
  // What is not used is often one value in many places.
  const copy = JSON.parse(JSON.stringify(inputs)) as Value;
  let at = copy as Record<string | number, Value>;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, Value>;
  const last = path.at(-1)!;
  const value = at[last]!;
  at[last] = typeof value === 'boolean' ? !value : `0x${(BigInt(value as string) + 1n).toString(16)}`;
  return copy;
}

/** Places of a column that are tried: those that say something, and the first ones. */
const SAYING = 4;
const FIRST = 2;
const says = (value: string | number | boolean) =>
  value !== false && (value === true || BigInt(value) !== 0n);

/** Columns of which no witness is refused with another value. */
async function unbound(circuit: CompiledCircuit, witnesses: readonly unknown[]): Promise<string[]> {
  const noir = new Noir(circuit);
  const accepted = async (inputs: unknown) =>
    noir.execute(inputs as InputMap).then(
      () => true,
      () => false,
    );
  const open = new Set<string>();
  const bound = new Set<string>();
  for (const witness of witnesses) {
    expect(await accepted(witness)).toBe(true);
    const columns = new Map<string, { path: Path; says: boolean }[]>();
    for (const { path, value } of leaves(witness as Value)) {
      const column = columnOf(path);
      columns.set(column, columns.get(column) ?? []);
      columns.get(column)!.push({ path, says: says(value) });
    }
    for (const [column, places] of columns) {
      open.add(column);
      if (bound.has(column)) continue;
      const tried = [...places.filter((place) => place.says).slice(0, SAYING), ...places.slice(0, FIRST)];
      for (const { path } of tried)
        if (!(await accepted(changed(witness as Value, path)))) {
          bound.add(column);
          break;
        }
    }
  }
  return [...open].filter((column) => !bound.has(column)).sort();
}

/** Columns that say nothing in these witnesses, or may say more than one thing, and the tests that have their lies. */
const ELSEWHERE = {
  transactions: {
    'table.limit': 'messages: any limit above what is consumed is as good here',
    'rights.page': 'sbpf-transactions-liars',
    'calls.own.row': 'sbpf-call-rules',
    'calls.own.address': 'sbpf-call-rules',
    'calls.epochs.used': 'sbpf-call-rules',
    'calls.epochs.usage': 'sbpf-call-rules',
    'changes.rows': 'sbpf-changes-liars: too few; more are room that nobody uses',
    'rows.narrows.x': 'sbpf-liars',
    'rows.narrows.y': 'sbpf-liars',
    'rows.narrows.signed': 'sbpf-liars',
    'rows.shifts.x': 'sbpf-liars',
    'rows.shifts.y': 'sbpf-liars',
    'rows.shifts.right': 'sbpf-liars',
    'rows.swaps.x': 'sbpf-liars',
    'rows.swaps.y': 'sbpf-liars',
  },
  messages: {
    'addresses.count': 'svm-batch: accounts left out of the update, or reserved ones',
    'programs.roots': 'svm-batch: the configuration',
    'rows.fails': 'sbpf-transactions-liars',
  },
  tree: { 'updates.new_leaf': 'tree-liars: another leaf is another root, which is what the circuit returns' },
} as const;

const listed = (columns: Readonly<Record<string, string>>) => Object.keys(columns).sort();

it('of transactions', async () => {
  const { AT, allocate, assign, block, closeTokens, create, inputs, memo, pay, RESERVE, wrapped } =
    transactions;
  const move = transactions.moveTokens;
  const called = (name: string) => runCalls(CASES.find(([of]) => of === name)![1]()).inputs();
  const witnesses = [
    inputs(
      [block([create(AT.NEW, RESERVE, 165)], [move(AT.FROM, AT.TO, 9n)], [closeTokens(AT.FROM, AT.OTHER)])],
      wrapped(),
    ),
    inputs([block([allocate(AT.OTHER, 24), assign(AT.OTHER)], [memo('gm', [AT.PAYER, 'sw'])])]),
    inputs([block([move(AT.FROM, AT.TO, 5n), pay(AT.OTHER, AT.PAYER, 10n ** 12n)])]),
    called('lamports of an address that it signs for'),
    called('a transfer of tokens'),
  ];
  expect(await unbound(await testCircuit(transactions.CIRCUIT), witnesses)).toEqual(
    listed(ELSEWHERE.transactions),
  );
}, 600_000);

it('of messages and their data', async () => {
  const calls = [setLimit(1_400_007), setPrice(123_457n), moveTokens('token a', 'token b', 'b', 5n)];
  const blocks = [[callsMessage('a', calls, new Uint8Array(32)).message]];
  expect(await unbound(await testCircuit(messages.CIRCUIT), [messages.inputsOf(blocks)])).toEqual(
    listed(ELSEWHERE.messages),
  );
}, 300_000);

it('of updates of the state tree', async () => {
  const [A, B, C, D] = [key(0, 0, 0), key(0, 0, 1), key(0, 0, 2), key(1)];
  const before: Balances = [
    [A, 1],
    [B, 2],
    [D, 4],
  ];
  const witnesses = [[[A, 7]], [[A, 0]], [[C, 3]], [[D, 0]]].map(
    (changes) => treeInputs(before, changes as unknown as Balances).inputs,
  );
  expect(await unbound(await treeCircuit(), witnesses)).toEqual(listed(ELSEWHERE.tree));
}, 300_000);
