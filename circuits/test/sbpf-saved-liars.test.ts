import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';
import { describe, expect, it } from 'vitest';
import { changedWitness, more } from './changed-witness.js';
import { resaved } from './sbpf-lies.js';
import { AT, block, CAPACITY, CIRCUIT, inputs, moveTokens, pay } from './sbpf-transactions.js';

interface Inputs {
  table: Record<string, string | boolean>[];
  outcomes: Record<string, string>[];
  new_values: string[];
  saved: { used: boolean; usage: string; lamports: boolean; word: string }[];
  rights: { kinds: boolean[]; row: string; usage: string; page: string }[];
  accesses: { words: { segment: string; stores: boolean; word: string }[] };
}

// fee, tokens, failing transfer; fee, lamports, failing transfer; fee, lamports that stay; end of the block
const TOO_MUCH = pay(AT.OTHER, AT.PAYER, 10n ** 12n);
const BLOCKS = [
  block(
    [moveTokens(AT.FROM, AT.TO, 5n), TOO_MUCH],
    [pay(AT.OTHER, AT.PAYER, 7n), TOO_MUCH],
    [pay(AT.OTHER, AT.PAYER, 9n)],
  ),
];
const ROW = { FIRST_FEE: 0, TOKENS: 1, FAILING: 2, SECOND_FEE: 3, LAMPORTS: 4, KEPT_FEE: 6, KEPT: 7 };
/** uses of the rows */
const USE = { TOKENS: 1, FAILING: 4, LAMPORTS: 7, KEPT: 12 };

const { accepts, refused, refuses } = changedWitness<Inputs>(CIRCUIT, () => inputs(BLOCKS));
const FIRST_SEGMENT = CAPACITY.rights + 2 * CAPACITY.windows + 2 * CAPACITY.changes + 2 * CAPACITY.balances;
const PART = { OWN: 0, SAVE: 1, RESTORE: 2 };

it('the transactions that are changed below are accepted, and what they save is what they store', async () => {
  await accepts();
  const { saved } = inputs(BLOCKS) as unknown as Inputs;
  expect(saved.filter(({ used }) => used)).toEqual([
    { used: true, usage: String(USE.TOKENS), lamports: false, word: '8' },
    { used: true, usage: String(USE.TOKENS + 1), lamports: false, word: '8' },
    { used: true, usage: String(USE.LAMPORTS), lamports: true, word: '0' },
    { used: true, usage: String(USE.LAMPORTS + 1), lamports: true, word: '0' },
  ]);
  await accepts(resaved(BLOCKS, () => {}));
});

describe('refuses another saved word', () => {
  for (const word of [0, 1, 2, 3]) {
    it(`${word} that is left out`, () =>
      refused(({ saved }) => {
        saved[word]!.used = false;
      }));
    it(`${word} of another use`, () =>
      refused(({ saved }) => {
        saved[word]!.usage = more(saved[word]!.usage);
      }));
    it(`${word} of another kind, or at another place`, async () => {
      await refused(({ saved }) => {
        saved[word]!.lamports = !saved[word]!.lamports;
      });
      if (word < 2)
        await refused(({ saved }) => {
          saved[word]!.word = more(saved[word]!.word);
        });
    });
  }

  it('owner, length, or what lies behind an account', async () => {
    const none = -1n + 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
    for (const word of [none, 21n])
      await refused(({ saved }) => {
        saved[0]!.word = String(word);
      }, /assert_max_bit_size/);
  });

  it('in a transaction that does not fail', () =>
    refused(({ saved }) => {
      saved[4] = { used: true, usage: String(USE.KEPT), lamports: true, word: '0' };
    }));

  it('in another order: transactions mixed, or one of them twice', async () => {
    await refused(({ saved }) => saved.splice(1, 2, saved[2]!, saved[1]!), /another transaction|./);
    await refused(({ saved }) => saved.splice(0, 4, saved[2]!, saved[3]!, saved[0]!, saved[1]!));
    await refused(({ saved }) => saved.splice(4, 2, saved[2]!, saved[3]!));
  });

  for (const fee of ['FIRST_FEE', 'SECOND_FEE'] as const)
    it(`another number of them in ${fee}`, () =>
      refused(({ outcomes }) => {
        outcomes[ROW[fee]]!.saved = more(outcomes[ROW[fee]]!.saved);
      }));

  it('fewer that are put back, as if the kernel looked at less than no balances', async () => {
    const fewer = resaved(
      BLOCKS,
      () => {},
      ({ fronts }) => {
        fronts[ROW.KEPT_FEE]!.words -= 1;
      },
    ) as unknown as Inputs;
    fewer.outcomes[ROW.KEPT_FEE]!.balances = fieldToHex(FIELD_MODULUS - 1n);
    await refuses(fewer, /assert_max_bit_size/);
  });

  for (const [name, part] of Object.entries(PART))
    it(`the value or the place of an access: ${name}`, async () => {
      const own = (changed: Inputs) =>
        changed.accesses.words.find(({ segment }) => Number(segment) === FIRST_SEGMENT + part)!;
      if (part !== PART.SAVE)
        await refused((changed) => {
          own(changed).word = more(own(changed).word);
        });
      await refused((changed) => {
        own(changed).segment = String(FIRST_SEGMENT + 3 + part);
      });
    });

  for (const account of [AT.FROM, AT.TO, AT.PAYER, AT.OTHER])
    it(`value of account ${account} at the end`, () =>
      refused(({ new_values: values }) => {
        values[account] = more(values[account]);
      }, /value of/));

  it('a transaction that is said not to fail', () =>
    refused(({ table }) => {
      table[ROW.SECOND_FEE]!.fails = false;
    }));
});

describe('refuses transactions of which something stays', () => {
  it('a word that is not saved, with a right to store to it', () =>
    refuses(
      resaved(
        BLOCKS,
        ({ saved }) => saved.splice(1, 1),
        ({ regions }) => {
          const own = regions[ROW.TOKENS]!;
          const all = own.find(({ right }) => {
            const { kind, usage } = right as { kind?: number; usage?: number };
            return kind === 3 && usage === USE.TOKENS + 1;
          })!;
          const right = { kind: 4, row: ROW.TOKENS, usage: USE.TOKENS + 1, page: 0 };
          own.push({
            ...all,
            start: all.start + 80n,
            length: all.length - 80,
            cell: all.cell + 10,
            writable: true,
            right,
          });
        },
      ),
      /another's data/,
    ));

  it('lamports that are not saved, with a right of the kernel to store them', () =>
    refuses(
      resaved(
        BLOCKS,
        ({ saved }) => saved.splice(3, 1),
        ({ regions }) => {
          const own = regions[ROW.LAMPORTS]!;
          const lamports = own.find(({ right }) => (right as { saved?: number }).saved === 2)!;
          const all = own.filter(({ right }) => (right as { kind?: number }).kind === 3).at(-1)!;
          const right = { kind: 8, row: ROW.LAMPORTS, usage: USE.LAMPORTS + 1, page: 0 };
          own.push({ ...lamports, start: all.start + 64n, cell: all.cell + 8, right });
        },
      ),
      /right to store lamports/,
    ));

  // Each time the machine executes what the lie says, and only the circuit does not.
  for (const [name, alter] of Object.entries({
    'words that are saved, and not put back': { end: undefined },
    'fewer that are put back': { end: 1 },
    'words that are put back, and not saved': { first: undefined },
    'fewer that are saved': { first: 1 },
    'fewer of both': { first: 1, end: 1 },
  }) as [string, { first?: number | undefined; end?: number | undefined }][])
    it(name, () =>
      refuses(
        resaved(
          BLOCKS,
          () => {},
          ({ fronts }) => {
            for (const [row, which] of [
              [ROW.LAMPORTS, 'first'],
              [ROW.KEPT_FEE, 'end'],
            ] as const) {
              if (!(which in alter)) continue;
              const words = alter[which];
              fronts[row] = words === undefined ? undefined : { ...fronts[row]!, words };
            }
          },
        ),
        /./,
      ),
    );

  it('words that are put back where others were saved', () =>
    refuses(
      resaved(
        BLOCKS,
        () => {},
        ({ regions }) => {
          const list = regions[ROW.KEPT_FEE]!.filter(({ right }) => (right as { part?: number }).part === 2);
          const [one, other] = list.map(({ start }) => start);
          list[0]!.start = other!;
          list[1]!.start = one!;
        },
      ),
      /./,
    ));
});
