import { describe, it } from 'vitest';
import { type Line, load, set, store, withValue } from '../../packages/svm/src/zkvm/assembler.js';
import { OP, REGISTER } from '../../packages/svm/src/zkvm/operations.js';
import { changedWitness, more } from './changed-witness.js';
import { countedTwice, ownProgram, RECORD, withProgram } from './sbpf-lies.js';
import { AT, block, CIRCUIT, closeTokens, inputs, moveTokens, wrapped } from './sbpf-transactions.js';

type Column = Record<string, unknown>;
interface Inputs {
  uses: { account: string; signer: boolean; writable: boolean }[];
  outcomes: Record<string, string>[];
  balances: (Column & { usage: string; before: Column; after: Column })[];
}

// fee, transfer of wrapped lamports; fee, close
const BLOCKS = [block([moveTokens(AT.FROM, AT.TO, 9n)], [closeTokens(AT.FROM, AT.OTHER)])];
const MOVE_ROW = 1;
const CLOSING = 2;

const { accepts, refused, refuses } = changedWitness<Inputs>(CIRCUIT, () => inputs(BLOCKS, wrapped()));

it('the transactions that are changed below are accepted', async () => {
  await accepts();
});

describe('refuses what a program may not do', () => {
  const R = (register: number) => REGISTER.R0 + register;
  const LAMPORTS = 72n;
  const add = (record: bigint, change: bigint): Line[] => [
    load(8, R(2), REGISTER.ZERO, record + LAMPORTS),
    withValue(change < 0n ? OP.SUB : OP.ADD, R(2), change < 0n ? -change : change),
    store(8, R(2), REGISTER.ZERO, record + LAMPORTS),
  ];
  const clear = (record: bigint, words: readonly bigint[]): Line[] => [
    set(R(2), 0n),
    ...words.map((at) => store(8, R(2), REGISTER.ZERO, record + at)),
  ];
  const OWNED = 10n ** 9n;
  const OWNER = [40n, 48n, 56n, 64n];

  it('but not what it may', async () => {
    const moves = withProgram(ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.OTHER, 9n)]));
    await accepts(moves);
    const all = [...add(RECORD.OTHER, OWNED), ...clear(RECORD.OWN, [...OWNER, LAMPORTS, 80n])];
    await accepts(withProgram(ownProgram(all)));
  });

  it('lamports made and destroyed', async () => {
    for (const change of [9n, -9n])
      await refuses(withProgram(ownProgram(add(RECORD.OWN, change))), /makes or destroys lamports/);
    const uneven = ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.OTHER, 8n)]);
    await refuses(withProgram(uneven), /makes or destroys lamports/);
  });

  it('lamports that are counted twice', async () => {
    // What the account of its own loses counts twice, so the other one may get twice as much.
    const lie = countedTwice(ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.OTHER, 18n)]));
    await refuses(lie, /./);
  });

  it('lamports for an account that is read-only', async () => {
    const lie = withProgram(
      ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.OTHER, 9n)]),
    ) as unknown as Inputs;
    lie.uses[2]!.writable = false;
    await refuses(lie, /no program may change/);
  });

  it('lamports beyond 64 bits', async () => {
    const much = 1n << 63n;
    const wraps = ownProgram([...add(RECORD.OWN, much), ...add(RECORD.OTHER, much)]);
    await refuses(withProgram(wraps), /makes or destroys lamports/);
  });

  it('lamports of an account that is another one’s', () =>
    refuses(withProgram(ownProgram([...add(RECORD.OWN, 9n), ...add(RECORD.OTHER, -9n)])), /./));

  it('an account left with too little, or with nothing but its data', async () => {
    for (const left of [1n, 0n]) {
      const takes = ownProgram([...add(RECORD.OWN, left - OWNED), ...add(RECORD.OTHER, OWNED - left)]);
      await refuses(withProgram(takes), /./);
    }
  });

  it('a new account that is not exempt from rent', () =>
    refuses(withProgram(ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.NEW, 9n)])), /not exempt|./));

  it('an account that is closed with a length or with lamports', async () => {
    const gives = add(RECORD.OTHER, OWNED);
    await refuses(withProgram(ownProgram([...gives, ...clear(RECORD.OWN, [...OWNER, LAMPORTS])])), /left/);
    const keeps = ownProgram([
      ...add(RECORD.OWN, -9n),
      ...add(RECORD.OTHER, 9n),
      ...clear(RECORD.OWN, OWNER),
    ]);
    await refuses(withProgram(keeps), /something is left/);
  });
});

describe('refuses another balance', () => {
  const balance = (index: number, alter: (row: Inputs['balances'][number]) => void) => (inputs: Inputs) =>
    alter(inputs.balances[index]!);

  for (const moment of ['before', 'after'] as const)
    for (const column of ['answer', 'register', 'counter', 'lamports'])
      it(`${column} ${moment}`, () =>
        refused(
          balance(0, (row) => {
            row[moment][column] = more(row[moment][column]);
          }),
          /did not load|./,
        ));

  it('the same look before and after', () =>
    refused(
      balance(0, (row) => {
        row.after = structuredClone(row.before);
      }),
    ));

  it('looks in the other order', () =>
    refused((inputs) => {
      for (const row of inputs.balances.slice(0, 2)) [row.before, row.after] = [row.after, row.before];
    }));

  it('none, another use, the same use twice', async () => {
    await refused(
      balance(1, (row) => {
        row.used = false;
      }),
    );
    await refused(
      balance(1, (row) => {
        row.usage = more(row.usage);
      }),
      /no program may change|./,
    );
    await refused(({ balances }) => {
      balances[1] = structuredClone(balances[0]!);
    });
  });

  it('a close where there is none, or none where there is one', async () => {
    await refused(
      balance(0, (row) => {
        row.closing = '1';
      }),
      /another account is closed/,
    );
    await refused(
      balance(CLOSING, (row) => {
        row.closing = '0';
      }),
    );
  });

  it('an account that is said to have been poor', () =>
    refused(
      balance(0, (row) => {
        row.poor = true;
      }),
    ));

  it('another number of looks', async () => {
    for (const count of ['0', '1', '3', '9'])
      await refused(({ outcomes }) => {
        outcomes[MOVE_ROW]!.balances = count;
      });
  });

  it('of the kernel', () =>
    refused(
      balance(0, (row) => {
        row.usage = '0';
      }),
      /no program may change/,
    ));
});
