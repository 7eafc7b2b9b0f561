import { fieldToHex } from '@polyproof/base';
import { describe, it } from 'vitest';
import { packData } from '../../packages/svm/src/zkvm/commitment.js';
import { changedWitness, more } from './changed-witness.js';
import { AT, block, CIRCUIT, inputs, limitUnits, memo, moveTokens, pay } from './sbpf-transactions.js';

type Column = Record<string, string | boolean>;

interface Inputs {
  programs: Record<'low' | 'high' | 'roots', string[]>;
  table: Column[];
  uses: Column[];
  data: string[];
  keys: string[];
  old_values: string[];
  new_values: string[];
  outcomes: Column[];
  units: string;
  use_rows: string[];
  data_pages: { program: string; first: string; words: string[]; known: string }[];
  code: { pages: string[][]; known: string[] };
  rights: { kinds: boolean[]; row: string; usage: string; page: string }[];
  windows: Record<string, string | boolean>[];
  transfers: Column[];
  cells: string[];
}

// fee, budget, tokens, transfer; fee, failing tokens, skipped transfer; end of the block
const BLOCKS = [
  block(
    [limitUnits(100_000), moveTokens(AT.FROM, AT.TO, 9n), pay(AT.PAYER, AT.OTHER, 1_000n)],
    [moveTokens(AT.FROM, AT.TO, 10n ** 12n), pay(AT.PAYER, AT.OTHER, 5n)],
  ),
];
const ROW = { FEE: 0, BUDGET: 1, TOKENS: 2, TRANSFER: 3, SECOND_FEE: 4, FAILING: 5, SKIPPED: 6, CREDIT: 7 };

const { accepts, refused } = changedWitness<Inputs>(CIRCUIT, () => inputs(BLOCKS));

function alter(row: Record<string, unknown>, column: string): void {
  const value = row[column] as string | boolean;
  row[column] = typeof value === 'boolean' ? !value : more(value);
}

it('the transactions that are changed below are accepted', async () => {
  await accepts();
});

describe('refuses another value of a row', () => {
  const columns: [keyof typeof ROW, string[]][] = [
    ['FEE', ['kind', 'uses', 'data_bytes', 'amount', 'fails']],
    ['BUDGET', ['kind', 'uses', 'data_bytes']],
    ['TOKENS', ['kind', 'program', 'uses', 'data_bytes']],
    ['TRANSFER', ['kind', 'uses', 'data_bytes', 'amount']],
    ['SECOND_FEE', ['kind', 'amount', 'fails']],
    ['FAILING', ['kind', 'program', 'data_bytes']],
    ['CREDIT', ['kind', 'uses']],
  ];
  for (const [row, names] of columns)
    for (const name of names)
      it(`${name} of ${row}`, () => refused(({ table }) => alter(table[ROW[row]]!, name)));

  for (const name of ['result', 'units', 'before'])
    for (const row of ['TOKENS', 'TRANSFER', 'FAILING'] as const)
      it(`${name} that came of ${row}`, () => refused(({ outcomes }) => alter(outcomes[ROW[row]]!, name)));

  it('a limit that is exceeded', () =>
    refused(({ table }) => {
      table[ROW.FEE]!.limit = '300';
    }));

  it('compute units of all', () =>
    refused((changed) => {
      changed.units = more(changed.units);
    }));

  it('a failing transaction that is said to succeed, with a result of 0', () =>
    refused(({ table, outcomes }) => {
      table[ROW.SECOND_FEE]!.fails = false;
      outcomes[ROW.FAILING]!.result = '0';
    }));

  it('a transfer that is left out, or of another row', async () => {
    await refused(({ transfers }) => {
      transfers[0]!.used = false;
    });
    await refused(({ transfers }) => {
      transfers[0]!.row = String(ROW.TOKENS);
    }, /no row asks for/);
  });

  it('a transaction without its fee', () =>
    refused(({ table }) => {
      table[ROW.SECOND_FEE]!.kind = '4';
      table[ROW.SECOND_FEE]!.uses = '0';
    }));
});

describe('refuses another value of what the rows name', () => {
  for (const part of ['low', 'high', 'roots'] as const)
    it(`${part} of a program`, () =>
      refused(({ programs }) => {
        programs[part][0] = more(programs[part][0]!);
      }));

  for (const use of [0, 1, 2, 4, 5, 6])
    it(`account of use ${use}`, () => refused(({ uses }) => alter(uses[use]!, 'account')));

  for (const [use, flag] of [
    [0, 'writable'],
    [1, 'writable'],
    [2, 'writable'],
    [3, 'signer'],
    [4, 'signer'],
    [4, 'writable'],
    [5, 'writable'],
  ] as const)
    it(`${flag} of use ${use}`, () => refused(({ uses }) => alter(uses[use]!, flag)));

  for (const use of [0, 2, 5, 20])
    it(`row of use ${use}`, () =>
      refused((changed) => {
        changed.use_rows[use] = more(changed.use_rows[use]!);
      }));

  it('a word of data, in front and in the middle', async () => {
    // Word 1 is that of a ComputeBudget instruction, which only messages look at.
    for (const word of [0, 2, 3, 4, 5, 6, 7])
      await refused(({ data }) => {
        data[word] = more(data[word]!);
      });
  });

  for (const column of ['keys', 'old_values', 'new_values'] as const)
    for (const account of [AT.PAYER, AT.OTHER, AT.FROM, AT.TO])
      it(`${column} of account ${account}`, () =>
        refused((changed) => {
          changed[column][account] = more(changed[column][account]!);
        }, /key of|value of/));

  it('a cell of an account', () =>
    refused(({ cells }) => {
      cells[8] = more(cells[8]!);
    }, /value of an account/));
});

describe('refuses another right', () => {
  const of = (kind: number, changed: Inputs, row = ROW.TOKENS) =>
    changed.rights.find((right) => right.kinds[kind] && right.row === String(row))!;

  for (const kind of [0, 1, 3, 4, 5])
    it(`row of a right of kind ${kind}`, () =>
      refused((changed) => {
        const right = of(kind, changed);
        right.row = more(right.row);
      }));

  for (const kind of [1, 3, 4])
    it(`use of a right of kind ${kind}`, () =>
      refused((changed) => {
        const right = of(kind, changed);
        right.usage = more(right.usage);
      }));

  for (const kind of [3, 8, 9])
    it(`use of a right of the kernel of kind ${kind}`, () =>
      refused((changed) => {
        const right = of(kind, changed, ROW.TRANSFER);
        right.usage = more(right.usage);
      }));

  it('page of a right to data, and its row', async () => {
    await refused((changed) => {
      const right = of(7, changed, ROW.FAILING);
      right.page = more(right.page);
    });
    await refused((changed) => {
      of(7, changed, ROW.FAILING).row = String(ROW.CREDIT);
    });
  });

  for (const kind of Array.from({ length: 10 }, (_, i) => i))
    it(`a second kind, ${kind}`, () =>
      refused((changed) => {
        const right = changed.rights[0]!;
        right.kinds[kind] = !right.kinds[kind];
      }));

  it('to store to a wallet that the program does not own', () =>
    refused((changed) => {
      const right = of(4, changed);
      right.usage = String(Number(of(3, changed).usage) + 2);
    }, /another's data/));

  it('to store in a transaction that fails', () =>
    refused((changed) => {
      const spare = changed.rights.at(-1)!;
      spare.kinds[4] = true;
      spare.row = String(ROW.FAILING);
      spare.usage = of(3, changed, ROW.FAILING).usage;
    }, /another's data/));

  it('to store lamports, for a program', () =>
    refused((changed) => {
      const spare = changed.rights.at(-1)!;
      spare.kinds[8] = true;
      spare.row = String(ROW.TOKENS);
      spare.usage = of(3, changed).usage;
    }, /store lamports/));

  it('to lamports of another row', () =>
    refused((changed) => {
      of(8, changed, ROW.TRANSFER).usage = '0';
    }, /not named/));
});

describe('refuses other read-only data and stacks', () => {
  const NO_PAGE = /not of its program/;

  it('each word of a page', async () => {
    for (const word of [0, 3, 14, 15])
      await refused(({ data_pages }) => {
        data_pages[0]!.words[word] = more(data_pages[0]!.words[word]!);
      }, NO_PAGE);
  });

  it('words of a page that are the same number together', () =>
    refused(({ data_pages }) => {
      const { words } = data_pages[0]!;
      const at = words.findIndex((word, i) => i % 3 > 0 && BigInt(word) > 0n);
      words[at - 1] = `0x${(BigInt(words[at - 1]!) + (1n << 64n)).toString(16)}`;
      words[at] = `0x${(BigInt(words[at]!) - 1n).toString(16)}`;
    }));

  for (const part of ['program', 'first', 'known'] as const)
    it(`${part} of a page`, () =>
      refused(({ data_pages }) => {
        data_pages[0]![part] = more(data_pages[0]![part]);
      }, NO_PAGE));

  it('a page of data as one of code', () =>
    refused(({ data_pages, code }) => {
      const { program, first, words, known } = data_pages[0]!;
      const packed = packData(Number(program), Number(first), words.map(BigInt));
      code.pages[0] = packed.map(fieldToHex);
      code.known[0] = known;
    }, /a page is of no program/));

  const last = 8191;
  const window = (invocation: number, frame: number, offset: number, words: number) => ({
    invocation: String(invocation),
    heap: false,
    returned: false,
    frame: String(frame),
    offset: String(offset),
    words: String(words),
  });

  it('a window that shares a word with another one', () =>
    refused(({ windows }) => {
      windows.splice(-2, 2, window(last, 0, 8, 4), window(last, 0, 11, 2));
    }));

  it('a window that leaves its frame', () =>
    refused(({ windows }) => {
      windows.splice(-1, 1, window(last, 0, 510, 3));
    }));

  it('windows out of order', () =>
    refused(({ windows }) => {
      windows.splice(-2, 2, window(last, 1, 0, 1), window(last, 0, 0, 1));
    }));
});

describe('a transaction that exhausts its units', () => {
  const exhausted = changedWitness<Inputs>(CIRCUIT, () => inputs([block([limitUnits(300), memo('gm')])]));

  it('is accepted', () => exhausted.accepts());

  it('is not shown as one that does not fail', () =>
    exhausted.refused(({ table }) => {
      table[0]!.fails = false;
    }));

  it('has no higher limit', () =>
    exhausted.refused(({ table }) => {
      table[0]!.limit = '424';
    }));
});
