import '../../packages/svm/test/fixed-seed.js';
import { initHashing } from '@polyproof/state';
import { encodeMessage, type Message } from '@polyproof/svm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tabulate } from '../../packages/svm/src/compact-data/tabulate.js';
import { KIND } from '../../packages/svm/src/zkvm/transaction-rows.js';
import {
  type Call,
  callsMessage,
  moveTokens,
  pay,
  setLimit,
  setPrice,
  TOKEN,
} from '../../packages/svm/test/calls.js';
import { CIRCUIT, type Inputs, inputsOf, inputsOfTables, rowsOf } from './messages.js';
import { testExecutor } from './sbpf-circuit.js';

let run: (inputs: unknown) => Promise<unknown>;
beforeAll(async () => {
  await initHashing();
  run = await testExecutor(CIRCUIT);
}, 300_000);

const BLOCKHASH = new Uint8Array(32).fill(9);
const message = (payer: string, ...calls: Call[]): Message => callsMessage(payer, calls, BLOCKHASH).message;
const token = (accounts: readonly (readonly [string, string])[], bytes: number): Call => ({
  program: TOKEN,
  accounts,
  data: Uint8Array.from({ length: bytes }, (_, i) => i + 3),
});

/** Two blocks: a transaction with everything; one whose payer signs for nobody; one without instructions. */
const BLOCKS = [
  [
    message(
      'a',
      setLimit(70_000),
      moveTokens('token a', 'token b', 'b', 7n),
      setPrice(123_456n),
      pay('c', 'd', 5n, 's'),
    ),
    message('b', token([['mint', '']], 17)),
  ],
  [message('c')],
];

describe('rows of messages are accepted', () => {
  it('of any kind', () => run(inputsOf(BLOCKS)));

  it('of random messages', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'token a', 'token b', 'mint');
    const named = fc.tuple(name, fc.constantFrom('', 's', 'w', 'sw'));
    const call = fc.oneof(
      fc
        .tuple(fc.array(named, { maxLength: 3 }), fc.nat(18))
        .map(([accounts, bytes]) => token(accounts, bytes)),
      fc
        .tuple(name, name, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }))
        .map(([from, to, lamports]) => pay(from, to, lamports)),
    );
    const limit = fc.oneof(
      fc.nat(2_000_000),
      fc.constantFrom(0, 1_399_999, 1_400_000, 1_400_001, 0xffff_ffff),
    );
    const price = fc.oneof(
      fc.bigInt({ min: 0n, max: 5_000_000n }),
      fc.constantFrom(1n, 1_000_000n, 1n << 40n, (1n << 62n) / 1_400_000n),
    );
    const settings = fc
      .tuple(fc.option(limit), fc.option(price))
      .map(([units, micro]) => [
        ...(units === null ? [] : [setLimit(units)]),
        ...(micro === null ? [] : [setPrice(micro)]),
      ]);
    const messages = fc
      .tuple(name, fc.array(call, { maxLength: 2 }), settings, fc.boolean())
      .map(([payer, calls, budget, first]) =>
        message(payer, ...(first ? [...budget, ...calls] : [...calls, ...budget])),
      );
    const blocks = fc.array(fc.array(messages, { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(blocks, async (batch) => void (await run(inputsOf(batch)))),
      { numRuns: 40 },
    );
  }, 240_000);
});

describe('rows of messages are refused', () => {
  const refused = async (reason: RegExp, change: (inputs: Inputs) => void) => {
    const inputs = inputsOf(BLOCKS);
    change(inputs);
    await expect(run(inputs)).rejects.toThrow(reason);
  };
  const more = (value: string, by = 1n) => String(BigInt(value) + by);

  it('with a value that is said to be another account', () =>
    refused(/not the address of its account/, ({ hints }) => {
      hints.accounts_of[0]!.account = more(hints.accounts_of[0]!.account);
    }));

  it('with a value that differs from its account in one half', async () => {
    for (const half of ['low', 'high'] as const)
      await refused(/not the address of its account/, ({ addresses }) => {
        addresses[half][0] = more(addresses[half][0]!);
      });
  });

  it('with an account behind those that the state tree holds', () =>
    refused(/assert_max_bit_size/, ({ addresses }) => {
      addresses.count = '6';
    }));

  it('with an account that is said to be none', () =>
    refused(/the one that is named/, ({ hints }) => {
      hints.accounts_of.find(({ is_account }) => is_account)!.is_account = false;
    }));

  it('with another program', async () => {
    for (const number of ['0', '2', '3'])
      await refused(/calls another program/, ({ hints }) => {
        hints.called[1] = number;
      });
  });

  it('with a program whose address differs in one half', async () => {
    for (const half of ['low', 'high'] as const)
      await refused(/calls another program/, ({ programs }) => {
        programs[half][0] = more(programs[half][0]!);
      });
  });

  it('with settings that are not those of the instruction', async () => {
    const settings: [number, boolean, boolean, RegExp][] = [
      [0, false, false, /that is not proved/],
      [0, true, true, /that is not proved/],
      [0, false, true, /data of a ComputeBudget instruction/],
      [2, true, false, /data of a ComputeBudget instruction/],
      [1, true, false, /that is not proved/],
    ];
    for (const [instruction, limit, price, reason] of settings)
      await refused(reason, ({ hints }) => {
        hints.settings[instruction] = { limit, price };
      });
  });

  it('with a fee or a limit that is not what is asked for', async () => {
    await refused(/a fee is not what/, ({ rows }) => {
      rows[0]!.amount = more(rows[0]!.amount);
    });
    await refused(/a limit of compute units is not what/, ({ rows }) => {
      rows[0]!.limit = more(rows[0]!.limit);
    });
    await refused(/a fee is not what/, (inputs) => {
      inputs.lamports_per_signature = '4999';
    });
  });

  for (const [what, at, field] of [
    ['the program', 2, 'program'],
    ['the number of uses', 2, 'uses'],
    ['the length of the data', 2, 'data_bytes'],
  ] as const)
    it(`with an instruction that differs in ${what}`, () =>
      refused(/an instruction is not the one/, ({ rows }) => {
        rows[at]![field] = more(rows[at]![field]);
      }));

  it('with an instruction of another kind', async () => {
    for (const [at, kind] of [
      [2, KIND.TRANSFER],
      [2, KIND.BUDGET],
      [4, KIND.BUDGET],
      [1, KIND.TRANSFER],
    ] as const)
      await refused(/an instruction is not the one/, ({ rows }) => {
        rows[at]!.kind = String(kind);
      });
  });

  it('that are not all there', async () => {
    const all = rowsOf(BLOCKS);
    for (let left = 0; left < all.length; left++) {
      const rows = all.filter((_, i) => i !== left);
      const tables = tabulate(BLOCKS.map((messages) => messages.map(encodeMessage)));
      await expect(run(inputsOfTables(tables, BLOCKS.flat(), rows)), `without row ${left}`).rejects.toThrow(
        /that is not asked for|not the one that is asked for|has no row/,
      );
    }
  });

  it('of which the last ones are not there', async () => {
    const all = rowsOf(BLOCKS);
    const tables = tabulate(BLOCKS.map((messages) => messages.map(encodeMessage)));
    for (const [left, reason] of [
      [1, /an instruction or the end of a block has no row/],
      [2, /a transaction has no row/],
    ] as const)
      await expect(run(inputsOfTables(tables, BLOCKS.flat(), all.slice(0, -left)))).rejects.toThrow(reason);
  });

  it('that are there twice, or in another order', async () => {
    const all = rowsOf(BLOCKS);
    const tables = tabulate(BLOCKS.map((messages) => messages.map(encodeMessage)));
    const orders = all.flatMap((row, i) => [
      [...all.slice(0, i), row, ...all.slice(i)],
      ...(i === 0 ? [] : [[...all.slice(0, i - 1), row, all[i - 1]!, ...all.slice(i + 1)]]),
    ]);
    for (const rows of orders)
      await expect(run(inputsOfTables(tables, BLOCKS.flat(), rows))).rejects.toThrow(
        /that is not asked for|not the one that is asked for|has no row/,
      );
  });

  it('that programs are said to call, or to go on with', async () => {
    await refused(/has no row|not the one that is asked for/, ({ rows }) => {
      rows[2]!.called = true;
    });
    await refused(/has no row|not the one that is asked for/, ({ rows }) => {
      rows[2]!.kind = String(KIND.RESUMED);
    });
    await refused(/that no program calls/, ({ rows }) => {
      rows[0]!.called = true;
    });
  });

  it('with uses in rows that are none', () =>
    refused(/uses of no row/, ({ rows }) => {
      rows.at(-1)!.uses = '1';
    }));

  it('with uses that are not those that are named', async () => {
    const { uses } = inputsOf(BLOCKS);
    const used = rowsOf(BLOCKS).flatMap(({ uses: own }) => own).length;
    for (let i = 0; i < used + 1; i++) {
      for (const change of ['signer', 'writable'] as const)
        await refused(/the one that is named/, (inputs) => {
          inputs.uses[i]![change] = !uses[i]![change];
        });
      await refused(/the one that is named/, (inputs) => {
        inputs.uses[i]!.account = more(uses[i]!.account);
      });
    }
  }, 120_000);

  it('with another collector', () =>
    refused(/the one that is named/, ({ addresses }) => {
      addresses.collector = '0';
    }));

  const twice = (...calls: Call[]) => {
    const asked = message('a', ...calls);
    // A prover that takes the last setting for the one that counts.
    const honest = message('a', ...calls.slice(1));
    const [fee, ...rest] = rowsOf([[honest]]);
    const [, first] = rowsOf([[message('a', calls[0]!)]]);
    return run(inputsOfTables(tabulate([[encodeMessage(asked)]]), [asked], [fee!, first!, ...rest]));
  };

  it('with a limit or a price that is set twice', async () => {
    await expect(twice(setLimit(5), setLimit(6))).rejects.toThrow(/assert_max_bit_size/);
    await expect(twice(setPrice(5n), setPrice(6n))).rejects.toThrow(/assert_max_bit_size/);
    await expect(twice(setPrice((1n << 64n) - 1n), setPrice(1n))).rejects.toThrow(/assert_max_bit_size/);
  });

  it('with an instruction of ComputeBudget that is not proved', async () => {
    for (const data of [
      [1, 0, 0, 4, 0],
      [4, 0, 0, 4, 0],
      [2, 1, 0, 0],
      [2, 1, 0, 0, 0, 0],
      [3, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      [],
    ]) {
      const call = { ...setLimit(1), data: Uint8Array.from(data) };
      const asked = message('a', call);
      const [fee, , end] = rowsOf([[message('a', setLimit(1))]]);
      const own = { ...rowsOf([[message('a', setLimit(1))]])[1]!, data: call.data };
      for (const setting of [
        { limit: true, price: false },
        { limit: false, price: true },
      ]) {
        const inputs = inputsOfTables(tabulate([[encodeMessage(asked)]]), [asked], [fee!, own, end!]);
        inputs.hints.settings[0] = setting;
        await expect(run(inputs)).rejects.toThrow();
      }
    }
  });
});
