import { describe, it } from 'vitest';
import { changedWitness } from './changed-witness.js';
import { PLACE, runCalls, use } from './sbpf-calls.js';
import { AT, CIRCUIT, moveTokens, pay } from './sbpf-transactions.js';

/** Lies that each break one rule about invocations between programs, and no other one in front of it. */

type Column = Record<string, string | boolean>;

interface Inputs {
  table: Column[];
  uses: Column[];
  use_versions: string[];
  ends: string[];
  outcomes: Column[];
  changes: Column[];
  calls: Record<'calls' | 'passed' | 'infos' | 'resumed' | 'shared' | 'epochs', Column[]> & {
    own: { used: boolean; row: string; address: string[] }[];
  };
}

// fee, program, called transfer of tokens, program, called transfer of lamports, program, end of the block; the
// program names its first account twice
const USES = [
  use(AT.FROM, 'w'),
  use(AT.TO, 'w'),
  use(AT.PAYER, 'sw'),
  use(PLACE.TOKEN),
  use(PLACE.SYSTEM),
  use(AT.OTHER, 'w'),
  use(AT.FROM, 'w'),
];
const ROW = { FEE: 0, PROGRAM: 1, TOKENS: 2, RESUMED: 3, TRANSFER: 4, LAST: 5, CREDIT: 6, NONE: 7 };
const FIRST_USE = { PROGRAM: 1, TOKENS: 8, RESUMED: 11, TRANSFER: 18, LAST: 20 };
const AGAIN = FIRST_USE.PROGRAM + 6;

const { accepts, refused, refuses } = changedWitness<Inputs>(CIRCUIT, () =>
  runCalls({
    uses: USES,
    calls: [
      { instruction: moveTokens(AT.FROM, AT.TO, 5n), infos: [0, 1, 2] },
      { instruction: pay(AT.PAYER, AT.OTHER, 7n), infos: [2, 5] },
    ],
  }).inputs(),
);
const set = (row: Column | undefined, values: Column) => Object.assign(row!, values);

it('the calls that are changed below are accepted', () => accepts());

describe('of parts', () => {
  it('a called row of a kind that is not called', () =>
    refused(({ table }) => {
      set(table[ROW.FEE], { called: true });
    }, /a row that no program calls/));

  it('a row that is called by none', () =>
    refused(({ table }) => {
      set(table[ROW.PROGRAM], { called: true });
    }, /no program calls this row/));

  it('a call behind which its caller does not go on', () =>
    refused(({ table }) => {
      set(table[ROW.RESUMED], { kind: '2' });
    }, /a call, and its caller that goes on/));

  it('a call in the last row', () =>
    refused(({ table }) => {
      table[table.length - 2] = { ...table[ROW.PROGRAM]! };
      table[table.length - 1] = { ...table[ROW.TRANSFER]! };
    }, /a call whose caller does not go on/));

  it('another program that goes on', () =>
    refused(({ table }) => {
      set(table[ROW.RESUMED], { program: '1' });
    }, /another program goes on/));

  it('a program that goes on with other accounts', () =>
    refused(({ table }) => {
      set(table[ROW.RESUMED], { uses: '6' });
    }, /accounts of a program that goes on/));

  it('balances in front of a call', () =>
    refused(({ outcomes }) => {
      set(outcomes[ROW.PROGRAM], { balances: '1' });
    }, /lamports that are stored before a call/));

  it('a call behind an instruction that failed', () =>
    refused(({ outcomes, table }) => {
      set(table[ROW.FEE], { fails: true });
      set(outcomes[ROW.PROGRAM], { result: '1' });
    }, /a call behind an instruction that failed/));
});

describe('of accounts of a part', () => {
  it('a use that is of no such row', () =>
    refused(({ calls }) => {
      set(calls.resumed[0], { usage: String(FIRST_USE.PROGRAM) });
    }, /a use of no row in which a program goes on/));

  it('a use that is left out', () =>
    refused(({ calls }) => {
      set(calls.resumed[calls.resumed.findLastIndex(({ used }) => used)], { used: false });
    }, /a use of a row in which a program goes on is not there/));

  it('another account', () =>
    refused(({ uses, use_versions: versions }) => {
      set(uses[FIRST_USE.RESUMED], { account: String(AT.TO) });
      versions[FIRST_USE.RESUMED] = versions[FIRST_USE.RESUMED + 1]!;
    }, /an account of another part/));

  it('other flags', () =>
    refused(({ uses }) => {
      set(uses[FIRST_USE.RESUMED], { writable: false });
    }, /flags of another part/));
});

describe('of calls', () => {
  it('one that is of no row', () =>
    refused(({ calls }) => {
      set(calls.calls[0], { row: String(ROW.PROGRAM) });
    }, /a call that is no row's/));

  it('one that is left out', () =>
    refused(({ calls }) => {
      set(calls.calls[1], { used: false });
    }, /a row that a program calls has no call/));

  it('a program that the caller names in another row', () =>
    refused(({ calls }) => {
      set(calls.calls[0], { program: String(FIRST_USE.RESUMED + 3) });
    }, /a caller does not name the program/));

  it('another one of its accounts as the program', () =>
    refused(({ calls }) => {
      set(calls.calls[0], { program: String(FIRST_USE.PROGRAM) });
    }, /another program is called/));

  it('who signs, by a use of another row', () =>
    refused(({ calls }) => {
      set(calls.calls[0], { signs: true, signer: '0' });
    }, /a caller does not name who signs/));

  it('the program’s own address, for none, and another one', async () => {
    await refused(({ calls }) => {
      calls.own[0] = { used: true, row: String(ROW.FEE), address: ['0', '0', '0', '0'] };
    }, /an address of no program/);
    for (const word of [0, 2])
      await refused(({ calls }) => {
        const address = ['0', '0', '0', '0'];
        address[word] = '1';
        calls.own[0] = { used: true, row: String(ROW.PROGRAM), address };
      }, /a program's own address/);
  });
});

describe('of accounts that are handed over', () => {
  it('one of no call', () =>
    refused(({ calls }) => {
      set(calls.passed[0], { usage: String(FIRST_USE.PROGRAM) });
    }, /an account of no call/));

  it('one that is left out', () =>
    refused(({ calls }) => {
      set(calls.passed[calls.passed.findLastIndex(({ used }) => used)], { used: false });
    }, /an account of a call is not there/));

  it('one that the caller names in another row', () =>
    refused(({ calls }) => {
      set(calls.passed[0], { from: String(FIRST_USE.RESUMED) });
    }, /an account that its caller does not name/));

  it('another one of the caller', () =>
    refused(({ calls }) => {
      set(calls.passed[0], { from: String(FIRST_USE.PROGRAM + 1) });
    }, /another account of a caller/));

  it('one by a use that has no record of its own', () =>
    refused(({ calls }) => {
      set(calls.passed[0], { from: String(AGAIN) });
    }, /an account by a use without a record/));

  it('a description of such a use', () =>
    refused(({ calls }) => {
      set(calls.infos[0], { usage: String(AGAIN) });
    }, /a description of a record that is another one's/));

  it('a rent epoch of such a use, or of a later part', async () => {
    await refused(({ calls }) => {
      calls.epochs[0] = { used: true, usage: String(AGAIN) };
    }, /a rent epoch of a record that is another one's/);
    await refused(({ calls }) => {
      calls.epochs[0] = { used: true, usage: String(FIRST_USE.RESUMED) };
    }, /a rent epoch of a later part/);
  });

  it('one that is handed over twice with different flags', async () => {
    const twice = runCalls({
      uses: [use(AT.PAYER, 'sw'), use(PLACE.SYSTEM)],
      calls: [{ instruction: pay(AT.PAYER, AT.PAYER, 7n), infos: [0] }],
    }).inputs() as unknown as Inputs;
    const called = 1 + 2;
    set(twice.uses[called + 1], { signer: false });
    await refuses(twice, /an account that is passed with different flags/);
  });
});

it('an account that is closed in front of a call', () =>
  refused(({ changes, ends, use_versions: versions }) => {
    ends[AT.OTHER] = String(FIRST_USE.PROGRAM + 5);
    // Behind it all uses of the account are of its next version.
    for (const usage of [FIRST_USE.RESUMED + 5, FIRST_USE.TRANSFER + 1, FIRST_USE.LAST + 5])
      versions[usage] = String(ends.length - changes.length);
    changes[0] = { ...changes[0]!, closes: true, usage: String(FIRST_USE.PROGRAM + 5), made: true };
  }, /an account is closed before a call/));
