import type { InputMap } from '@noir-lang/noir_js';
import { fieldToHex } from '@polyproof/base';
import { chainDataHash, type StatelessExecutor } from '@polyproof/svm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputsWithin } from '../../packages/svm/src/circuit-inputs.js';
import type { TestBank } from '../../packages/svm/test/bank/test-bank.js';
import {
  type Call,
  callsTransaction,
  moveTokens,
  pay,
  setLimit,
  setPrice,
} from '../../packages/svm/test/calls.js';
import { closedBatch, newStateless, openBatchBank } from './batch-bank.js';
import { batchExecutor, TINY } from './svm-batch-sizes.js';

const RENT_MINIMUM = 890_880n;

/** The inputs of `svm_batch`, as far as the tests change them. */
interface Inputs {
  batch: {
    config: Record<string, string> & { programs: Record<'low' | 'high' | 'roots', string[]> };
    data: { stream: number[]; length: number; blocks: number };
    links: Record<string, string[]>;
    hints: {
      accounts_of: { is_account: boolean; account: string }[];
      called: string[];
      settings: { limit: boolean; price: boolean }[];
    };
    transactions: {
      rows: (Record<string, string> & { fails: boolean; called: boolean })[];
      outcomes: Record<string, string>[];
      units: string;
      uses: { account: string; signer: boolean; writable: boolean }[];
      use_rows: string[];
      rights: { row: string }[];
    };
    machine: {
      step_entries: string[];
      step_rows: string[];
      nodes: { known: string }[];
      code: { known: string[] };
    };
    cells: string[];
    shapes: (Record<string, string> & { executable: boolean })[];
    hash_rows: { account: string; first: boolean }[];
    account_count: string;
    collector: string;
    places: Record<string, string | boolean | string[]>[];
    siblings: string[][];
    digits: boolean[][];
  };
  statement: Record<string, string>;
}

let run: (inputs: unknown) => Promise<unknown>;
let test: TestBank;
let stateless: StatelessExecutor;
let honest: Inputs;

async function batchOf(...blocks: [payer: string, ...calls: Call[]][][]): Promise<Inputs> {
  for (const block of blocks) {
    const transactions = block.map(([payer, ...calls]) =>
      callsTransaction(payer, calls, test.bank.latestBlockhash),
    );
    const { rejected } = await test.produce(...transactions);
    expect(rejected).toEqual([]);
  }
  const { witness, after } = await closedBatch(test, stateless);
  return inputsWithin(witness, after, TINY) as unknown as Inputs;
}

beforeAll(async () => {
  run = await batchExecutor(TINY);
  test = await openBatchBank();
  stateless = newStateless();
  honest = await batchOf(
    [['a', setLimit(50_000), setPrice(77n), moveTokens('token a', 'token b', 'a', 5n)]],
    [['b', pay('b', 'new', RENT_MINIMUM)]],
  );
}, 300_000);

afterAll(async () => {
  await stateless.close();
  await test.close();
});

describe('svm_batch accepts', () => {
  it('tokens and lamports in two blocks', () => run(honest));

  it('failing transactions, which pay their fee and change nothing else', async () => {
    const before = test.balance('c');
    await run(
      await batchOf([
        ['c', moveTokens('token a', 'token b', 'c', 5n)],
        ['c', pay('c', 'poor', RENT_MINIMUM - 1n)],
      ]),
    );
    expect(test.balance('c')).toBe(before - 10_000n);
  });

  it('accounts that are emptied and come back', async () => {
    await run(await batchOf([['b', pay('new', 'b', RENT_MINIMUM)]]));
    expect(test.balance('new')).toBe(0n);
    await run(await batchOf([['b', pay('b', 'new', RENT_MINIMUM)]], [['b', pay('new', 'b', RENT_MINIMUM)]]));
  });

  it('a transaction without instructions', async () => run(await batchOf([['d']])));
});

describe('svm_batch refuses', () => {
  const more = (value: string) => fieldToHex(BigInt(value) + 1n);
  const refused = async (reason: RegExp, change: (inputs: Inputs) => unknown) => {
    const inputs = structuredClone(honest);
    change(inputs);
    await expect(run(inputs as unknown as InputMap)).rejects.toThrow(reason);
  };
  const batch = (reason: RegExp, change: (batch: Inputs['batch']) => unknown) =>
    refused(reason, (inputs) => change(inputs.batch));

  for (const [field, reason] of [
    ['prev_state_root', /old state/],
    ['new_state_root', /new state root/],
    ['prev_data_hash', /data hash/],
    ['new_data_hash', /data hash/],
    ['last_batch', /a batch proof is of one batch/],
    ['exit_root', /exit root/],
    ['config_hash', /configuration/],
  ] as const)
    it(`another ${field} in the statement`, () =>
      refused(reason, ({ statement }) => {
        statement[field] = more(statement[field]!);
      }));

  for (const field of ['rollup_id', 'lamports_per_signature', 'collector_low', 'collector_high'])
    it(`another ${field} in the configuration`, () =>
      batch(/configuration/, ({ config }) => {
        config[field] = more(config[field]!);
      }));

  for (const field of ['low', 'high', 'roots'] as const)
    for (const place of [0, 1])
      it(`another program ${place} in the configuration: ${field}`, () =>
        batch(/configuration/, ({ config }) => {
          config.programs[field][place] = more(config.programs[field][place]!);
        }));

  it('a previous data hash of 32 bytes', () =>
    refused(/assert_max_bit_size/, ({ statement }) => {
      statement.prev_data_hash = `0x${(1n << 248n).toString(16)}`;
    }));

  it('changed data', () =>
    batch(/data hash/, ({ data }) => {
      data.stream[data.length - 2]! ^= 1;
    }));

  it('changed data with the hash that it has', () =>
    refused(/amount of a transfer/, ({ batch: { data }, statement }) => {
      data.stream[data.length - 2]! ^= 1;
      const bytes = Uint8Array.from(data.stream.slice(0, data.length));
      statement.new_data_hash = fieldToHex(chainDataHash(BigInt(statement.prev_data_hash!), bytes));
    }));

  for (const [what, reason, change] of [
    ['a shorter length', /padding|last block/, (data) => data.length--],
    ['a longer length', /padding|last block/, (data) => data.length++],
    ['padding without its first bit', /0x80/, (data) => (data.stream[data.length] = 0)],
    ['padding with something in it', /padding is not zero/, (data) => (data.stream[data.length + 1] = 1)],
    [
      'another length in the padding',
      /length in the padding/,
      (data) => (data.stream[64 * data.blocks - 33]! ^= 8),
    ],
    ['more blocks than needed', /does not end in its last block/, (data) => data.blocks++],
    [
      'more blocks than there is room for',
      /too many blocks/,
      (data) => {
        data.length += 64 * (13 - data.blocks);
        data.blocks = 13;
      },
    ],
  ] as [string, RegExp, (data: Inputs['batch']['data']) => unknown][])
    it(`data with ${what}`, () => batch(reason, ({ data }) => change(data)));

  it('links of the data to other rows', () =>
    batch(/./, ({ links }) => {
      links.transaction_of_instruction![0] = '1';
    }));

  for (const [what, reason, change] of [
    ['another account of a value', /address of its account/, (h) => (h.accounts_of[0]!.account = '1')],
    ['another program', /calls another program/, (h) => (h.called[2] = '0')],
    ['another setting', /that is not proved/, (h) => (h.settings[0]!.limit = false)],
  ] as [string, RegExp, (hints: Inputs['batch']['hints']) => unknown][])
    it(`messages with ${what}`, () => batch(reason, ({ hints }) => change(hints)));

  for (const [what, reason, change] of [
    ['a smaller fee', /a fee is not what/, (t) => (t.rows[0]!.amount = '1')],
    ['one that is said to fail', /./, (t) => (t.rows[0]!.fails = true)],
    ['another amount', /amount of a transfer/, (t) => (t.rows[6]!.amount = '890881')],
    ['one that is left out', /./, (t) => (t.rows[6]!.kind = '0')],
    ['one that a program calls', /there is no room for calls/, (t) => (t.rows[2]!.called = true)],
    ['another result', /./, (t) => (t.outcomes[3]!.result = '1')],
    ['other compute units', /./, (t) => (t.outcomes[4]!.units = '0')],
    ['other units at the end', /./, (t) => (t.units = '0')],
    ['another account in use', /the one that is named/, (t) => (t.uses[1]!.account = '0')],
    ['a use without its signature', /the one that is named/, (t) => (t.uses[3]!.signer = false)],
    ['a use in another row', /./, (t) => (t.use_rows[1] = '4')],
    ['a right of another row', /./, (t) => (t.rights[3]!.row = '6')],
  ] as [string, RegExp, (transactions: Inputs['batch']['transactions']) => unknown][])
    it(`transactions with ${what}`, () => batch(reason, ({ transactions }) => change(transactions)));

  for (const [what, change] of [
    ['another entry in a step', (m) => (m.step_entries[40] = m.step_entries[41]!)],
    ['another answer for a step', (m) => (m.step_rows[40] = m.step_rows[41]!)],
    ['a page as another one', (m) => (m.code.known[0] = m.code.known[1]!)],
    ['a node as another one', (m) => (m.nodes[2]!.known = m.nodes[3]!.known)],
  ] as [string, (machine: Inputs['batch']['machine']) => unknown][])
    it(`a run with ${what}`, () => batch(/./, ({ machine }) => change(machine)));

  it('another word of any account', async () => {
    // Words of addresses, owners, lamports, lengths and data: every seventh of them.
    const used = honest.batch.cells.findLastIndex((cell) => BigInt(cell) !== 0n);
    for (let cell = 0; cell <= used; cell += 7)
      await batch(/./, ({ cells }) => {
        cells[cell] = more(cells[cell]!);
      });
  }, 120_000);

  it('an account that is executable', () =>
    batch(/./, ({ shapes }) => {
      shapes[0]!.executable = true;
    }));

  it('hashes of other accounts', () =>
    batch(/./, ({ hash_rows }) => {
      hash_rows[0]!.account = more(hash_rows[0]!.account);
    }));

  it('a reserved account in the table', () =>
    batch(/an account that the runtime reserves/, (own) => {
      // The rows behind the table hold address 0, the System program's.
      own.account_count = String(Number(own.account_count) + 1);
    }));

  it('accounts left out of the update', () =>
    batch(/./, (own) => {
      own.account_count = String(Number(own.account_count) - 1);
    }));

  it('another account as collector', () =>
    batch(/does not hold the collector/, (own) => {
      own.collector = own.collector === '0' ? '1' : '0';
    }));

  it('another place in the state tree', () =>
    batch(/./, ({ places }) => {
      places[0]!.depth = more(String(places[0]!.depth));
    }));

  it('another sibling or turn on the way to the root', async () => {
    await batch(/./, ({ siblings }) => {
      siblings[0]![0] = more(siblings[0]![0]!);
    });
    await batch(/./, ({ digits }) => {
      digits[0]![0] = !digits[0]![0];
    });
  });
});
