import { describe, it } from 'vitest';
import { changedWitness, more } from './changed-witness.js';
import { CASES } from './sbpf-call-cases.js';
import { PLACE, runCalls, use } from './sbpf-calls.js';
import { sizeOf } from './sbpf-circuit.js';
import { AT, CIRCUIT, moveTokens, pay } from './sbpf-transactions.js';

type Column = Record<string, string | boolean>;

interface Inputs {
  table: Column[];
  uses: Column[];
  outcomes: Column[];
  rights: { kinds: boolean[]; row: string; usage: string }[];
  windows: Record<string, string>[];
  calls: Record<'calls' | 'passed' | 'infos' | 'resumed' | 'shared', Column[]> & { data: string[] };
}

// fee, program, called transfer of tokens, program, called transfer of lamports, program, end of the block
const USES = [
  use(AT.FROM, 'w'),
  use(AT.TO, 'w'),
  use(AT.PAYER, 'sw'),
  use(PLACE.TOKEN),
  use(PLACE.SYSTEM),
  use(PLACE.OWN, 'w'),
  use(AT.OTHER, 'w'),
];
const CALLS = [
  { instruction: moveTokens(AT.FROM, AT.TO, 5n), infos: [0, 1, 2] },
  { instruction: pay(AT.PAYER, AT.OTHER, 7n), infos: [2, 6] },
];
const VAULT = CASES.find(([name]) => name === 'lamports of an address that it signs for')![1];
const RETURNED = CASES.find(([name]) => name.startsWith('what the System program returns'))![1];
const ROW = { PROGRAM: 1, TOKENS: 2, RESUMED: 3, TRANSFER: 4, LAST: 5 };
const FIRST_USE = { PROGRAM: 1, TOKENS: 8, RESUMED: 11, TRANSFER: 18, LAST: 20 };

const { accepts, refused } = changedWitness<Inputs>(CIRCUIT, () =>
  runCalls({ uses: USES, calls: CALLS }).inputs(),
);

function alter(row: Record<string, unknown>, column: string): void {
  const value = row[column] as string | boolean;
  row[column] = typeof value === 'boolean' ? !value : more(value);
}

it('the calls that are changed below are accepted', async () => {
  await accepts();
});

describe('refuses another value of a row', () => {
  for (const [row, names] of [
    ['PROGRAM', ['called', 'uses']],
    ['TOKENS', ['called', 'kind', 'program', 'uses', 'data_bytes']],
    ['RESUMED', ['called', 'kind', 'program', 'uses', 'data_bytes']],
    ['TRANSFER', ['called', 'kind', 'uses', 'data_bytes', 'amount']],
    ['LAST', ['called', 'kind', 'program', 'uses']],
  ] as const)
    for (const name of names)
      it(`${name} of ${row}`, () => refused(({ table }) => alter(table[ROW[row]]!, name)));

  for (const row of ['PROGRAM', 'TOKENS', 'RESUMED', 'LAST'] as const)
    for (const name of ['result', 'units'])
      it(`${name} that came of ${row}`, () => refused(({ outcomes }) => alter(outcomes[ROW[row]]!, name)));

  it('balances of a part that ends by a call', () =>
    refused(({ outcomes }) => {
      outcomes[ROW.RESUMED]!.balances = '1';
    }, /before a call/));
});

describe('refuses another account of a call, or of a program that goes on', () => {
  for (const [row, columns] of [
    ['TOKENS', ['account', 'signer', 'writable']],
    ['RESUMED', ['account', 'signer', 'writable']],
    ['TRANSFER', ['account', 'signer', 'writable']],
    ['LAST', ['account', 'signer', 'writable']],
  ] as const)
    for (const column of columns)
      it(`${column} of ${row}`, () => refused(({ uses }) => alter(uses[FIRST_USE[row]]!, column)));
});

describe('refuses other descriptions', () => {
  for (const [table, columns] of [
    ['calls', ['used', 'row', 'program']],
    ['passed', ['used', 'usage', 'from', 'info']],
    ['infos', ['used', 'usage']],
    ['resumed', ['used', 'usage']],
    ['shared', ['used', 'segment', 'row']],
  ] as const)
    for (const column of columns)
      for (const index of [0, 1])
        it(`${column} of ${table} ${index}`, () =>
          refused(({ calls }) => alter(calls[table][index]!, column)));

  it('a word of data', async () => {
    for (const word of [0, 1, 2, 3, 4, 5])
      await refused(({ calls }) => {
        calls.data[word] = more(calls.data[word]!);
      });
  });
});

describe('refuses rights of parts', () => {
  it('to flags of their own, and to data and pages in place of the first part', async () => {
    for (const kind of [0, 1, 2, 5, 6, 7])
      await refused((changed) => {
        const spare = changed.rights.at(-1)!;
        spare.kinds[kind] = true;
        spare.row = String(ROW.RESUMED);
        spare.usage = String(FIRST_USE.RESUMED);
      }, /a right of another part|data of another program/);
  });

  it('to a stack of their own', () =>
    refused(({ windows }) => {
      const unused = windows.findIndex(({ words }) => words === '0');
      Object.assign(windows[unused]!, { invocation: String(ROW.LAST + 1), words: '1' });
    }, /a stack of a program that goes on/));

  it('that a called program shares, or of its', async () => {
    await refused(({ calls }) => {
      calls.shared[0]!.row = String(ROW.TOKENS);
    }, /no program goes on/);
  });

  it('to records that are shared', () =>
    refused((changed) => {
      const right = changed.rights.findIndex(({ kinds, row }) => kinds[3] && row === String(ROW.PROGRAM));
      const of = right >= 0 ? right : changed.rights.findIndex(({ kinds }) => kinds[3]);
      changed.calls.shared[0]!.segment = String(of);
    }, /another execution/));
});

describe('refuses more rights than the caller has', () => {
  /** In every part of the caller, which does not look at it. */
  const lower = (uses: Column[], position: number, flag: string) => {
    for (const first of [FIRST_USE.PROGRAM, FIRST_USE.RESUMED, FIRST_USE.LAST])
      uses[first + position]![flag] = false;
  };

  it('to store', () => refused(({ uses }) => lower(uses, 0, 'writable'), /read-only/));

  it('of who signs', () => refused(({ uses }) => lower(uses, 2, 'signer'), /did not sign/));
});

describe('refuses another signer', () => {
  const vault = changedWitness<Inputs>(CIRCUIT, () => runCalls(VAULT()).inputs());

  it('as the case itself is accepted', async () => {
    await vault.accepts();
  });

  for (const column of ['signs', 'signer'])
    it(`${column} of the call`, () => vault.refused(({ calls }) => alter(calls.calls[0]!, column)));
});

describe('refuses other return data', () => {
  const returned = changedWitness<Inputs>(CIRCUIT, () => runCalls(RETURNED()).inputs());

  it('that of the first part', async () => {
    await returned.accepts();
    await returned.refused(({ calls, windows }) => {
      const of = windows.findIndex((window) => window.returned as unknown as boolean);
      const rights = sizeOf(CIRCUIT, 'RIGHTS');
      const shared = calls.shared.find(({ segment }) => Number(segment) === rights + 2 * of)!;
      shared.row = String(ROW.LAST);
    }, /another execution/);
  });
});
