import { fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { chainDataHash } from '@polyproof/svm';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactsForTests, executor } from './circuits.js';
import { type CircuitInputs, COLLECTOR, Model, RENT_MINIMUM, RICH, type Transfer } from './fixture.js';

let run: (inputs: unknown) => Promise<void>;

beforeAll(async () => {
  await initHashing();
  run = executor(await artifactsForTests(), 'svm_batch');
}, 300_000);

const people = (count: number) => Array.from({ length: count }, (_, i) => [i, RICH] as const);
const model = (count = 12) => new Model([...people(count), [COLLECTOR, RICH]]);

describe('svm_batch accepts', () => {
  it('transfers in several blocks, legacy and version 0', async () => {
    await run(
      model().inputs([
        { from: 0, to: 1, lamports: 5n },
        { from: 1, to: 2, lamports: 7n, version: 'legacy', endsBlock: true },
        { from: 2, to: 0, lamports: RICH / 2n },
      ]),
    );
  });

  it('a full batch of 16', async () => {
    const transfers = Array.from({ length: 16 }, (_, i) => ({
      from: i % 8,
      to: (3 * i + 1) % 8,
      lamports: BigInt(i),
    }));
    await run(model().inputs(transfers));
  });

  it('a fee payer that is not the source', async () => {
    const m = model();
    await run(m.inputs([{ payer: 3, from: 0, to: 1, lamports: 9n }]));
    expect(m.balance(3)).toBe(RICH - 10_000n);
    expect(m.balance(0)).toBe(RICH - 9n);
  });

  it('failing transfers, which pay their fee and change nothing else', async () => {
    const m = model();
    await run(
      m.inputs([
        { from: 0, to: 1, lamports: RICH }, // does not have it after the fee
        { from: 6, to: 7, lamports: (1n << 64n) - 1n },
        { from: 8, to: 8, lamports: (1n << 64n) - 1n },
        { from: 1, to: 500, lamports: RENT_MINIMUM - 1n }, // the new account would pay rent
        { from: 2, to: 1, lamports: RICH - 5_000n - 1n }, // the source would
        { payer: 3, from: 4, to: 1, lamports: 1n, unsigned: true },
        { from: 5, to: 6, lamports: 0n, readOnly: true },
      ]),
    );
    for (const index of [0, 1, 2, 3, 5, 8]) expect(m.balance(index)).toBe(RICH - 5_000n);
    expect([m.balance(4), m.balance(6), m.balance(500)]).toEqual([RICH, RICH - 5_000n, 0n]);
  });

  it('a transfer to oneself', () => run(model().inputs([{ from: 0, to: 0, lamports: RICH - 5_000n }])));

  it('accounts that come and go', async () => {
    const m = model();
    const everything = RICH - 5_000n;
    await run(
      m.inputs([
        { from: 0, to: 700, lamports: RENT_MINIMUM + 5_000n }, // created
        { from: 1, to: 2, lamports: everything }, // emptied
        { from: 3, to: 701, lamports: everything }, // moved whole to a new one
        { from: 4, to: 702, lamports: RENT_MINIMUM + 5_000n },
        { from: 702, to: 5, lamports: RENT_MINIMUM }, // created and emptied in the same batch
      ]),
    );
    for (const index of [1, 3, 702]) expect(m.balance(index)).toBe(0n);
    await run(m.inputs([{ from: 700, to: 1, lamports: RENT_MINIMUM }])); // one comes back, one goes
    expect([m.balance(700), m.balance(1)]).toEqual([0n, RENT_MINIMUM]);
  });

  it('batches that empty a small tree and fill it again', async () => {
    const m = new Model([
      [0, RICH],
      [COLLECTOR, RICH],
    ]);
    await run(m.inputs([{ from: 0, to: COLLECTOR, lamports: RICH - 5_000n }]));
    expect(m.balance(0)).toBe(0n);
    await run(m.inputs([{ from: COLLECTOR, to: 0, lamports: RENT_MINIMUM }]));
    await run(m.inputs([{ from: COLLECTOR, to: 1, lamports: m.balance(COLLECTOR) - 5_000n }]));
  });

  it('fees that are burnt where the collector would stay poor', async () => {
    const m = new Model(people(4));
    await run(m.inputs([{ from: 0, to: 1, lamports: 1n }]));
    expect(m.balance(COLLECTOR)).toBe(0n);
  });

  it('random batches', async () => {
    // a fixed linear congruential sequence: the same batches every time
    let seed = 12345;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed % below;
    };
    const m = model(8);
    for (let round = 0; round < 6; round++) {
      const transfers: Transfer[] = [];
      for (let i = 0; i < 10; i++) {
        const from = random(8);
        if (m.balance(from) < 2_000_000n) continue;
        const to = random(3) === 0 ? 100 + random(5) : random(8);
        const lamports = [0n, 1n, RENT_MINIMUM, 1_000_000n, RICH][random(5)]!;
        transfers.push({
          from,
          to,
          lamports,
          endsBlock: random(3) === 0,
          ...(random(2) ? { version: 'legacy' } : {}),
        });
      }
      // The model applies transfers of a batch in order; a source may run out of lamports for a later fee.
      const poor = transfers.filter((t, i) => transfers.findIndex((u) => u.from === t.from) === i);
      await run(m.inputs(poor.length > 0 ? poor : [{ from: 0, to: 1, lamports: 1n }]));
    }
  });
});

/** Makes the statement's data hash fit the data. */
function rehash({ batch, statement }: CircuitInputs): void {
  const data = Uint8Array.from(batch.data.stream.slice(0, batch.data.length));
  statement.new_data_hash = fieldToHex(chainDataHash(BigInt(statement.prev_data_hash!), data));
}

describe('svm_batch refuses', () => {
  const refused = async (reason: RegExp, change: (inputs: CircuitInputs) => void, transfers?: Transfer[]) => {
    const inputs = model().inputs(
      transfers ?? [
        { from: 0, to: 1, lamports: 5n, endsBlock: true },
        { from: 2, to: 901, lamports: RENT_MINIMUM },
      ],
    );
    change(inputs);
    await expect(run(inputs)).rejects.toThrow(reason);
  };
  const more = (value: string) => `0x${(BigInt(value) + 1n).toString(16)}`;
  const at = (inputs: CircuitInputs, index: number) => inputs.batch.positions[index]!;

  for (const [field, reason] of [
    ['prev_state_root', /old state of an account/],
    ['new_state_root', /new state root/],
    ['prev_data_hash', /data hash/],
    ['new_data_hash', /data hash/],
    ['last_batch', /one batch/],
    ['exit_root', /exit root/],
    ['config_hash', /configuration/],
  ] as const)
    it(`another ${field} in the statement`, () =>
      refused(reason, ({ statement }) => {
        statement[field] = more(statement[field]!);
      }));

  for (const field of ['rollup_id', 'lamports_per_signature', 'collector_low'])
    it(`another ${field} in the configuration`, () =>
      refused(/configuration/, ({ batch }) => {
        batch.config[field] = more(batch.config[field]!);
      }));

  it('a previous data hash of 32 bytes', () =>
    refused(/assert_max_bit_size/, ({ statement }) => {
      statement.prev_data_hash = `0x${(1n << 248n).toString(16)}`;
    }));

  it('changed lamports in a message', () =>
    refused(/data hash/, ({ batch }) => {
      batch.data.stream[batch.data.length - 2]! ^= 1;
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
    ['more blocks than needed', /last block/, (data) => data.blocks++],
  ] as [string, RegExp, (data: CircuitInputs['batch']['data']) => unknown][])
    it(`data with ${what}`, () => refused(reason, ({ batch }) => void change(batch.data)));

  // Offsets in the first transaction: version 0, one signature, three keys. The data hash is made to fit, so that
  // only the check of the message itself can refuse.
  const ENTRY = 2;
  const KEYS = ENTRY + 5;
  const INSTRUCTION = KEYS + 3 * 32 + 32;
  for (const [what, reason, at, byte] of [
    ['a longer length in its header', /message length|instruction/, 1, 153],
    ['version 1', /./, ENTRY, 0x81],
    ['no signature', /fee payer is not a writable signer/, ENTRY + 1, 0],
    ['more signatures than keys', /key counts|overflow/, ENTRY + 1, 4],
    ['a read-only fee payer', /fee payer is not a writable signer/, ENTRY + 2, 1],
    ['more read-only keys than keys', /key counts/, ENTRY + 3, 3],
    ['one account key', /fewer than 2 or more than 4|key counts/, ENTRY + 4, 1],
    ['five account keys', /fewer than 2 or more than 4/, ENTRY + 4, 5],
    ['two instructions', /not exactly one instruction/, INSTRUCTION, 2],
    ['a program that is not there', /account index out of range/, INSTRUCTION + 1, 3],
    ['the fee payer as program', /fee payer as a program/, INSTRUCTION + 1, 0],
    ['another program', /not the System program/, INSTRUCTION + 1, 1],
    ['three accounts in the transfer', /not exactly two accounts/, INSTRUCTION + 2, 3],
    ['a source that is not there', /account index out of range/, INSTRUCTION + 3, 3],
    ['more data in the transfer', /not 12 bytes of data/, INSTRUCTION + 5, 13],
    ['another System instruction', /not a transfer/, INSTRUCTION + 6, 3],
    ['a large instruction number', /not a transfer/, INSTRUCTION + 9, 1],
    ['lookup tables', /lookup tables/, INSTRUCTION + 18, 1],
  ] as const)
    it(`a message with ${what}`, () =>
      refused(reason, (inputs) => {
        inputs.batch.data.stream[at] = byte;
        rehash(inputs);
      }));

  it('a message that names an account twice', () =>
    refused(/account key occurs twice/, (inputs) => {
      const { stream } = inputs.batch.data;
      stream.splice(KEYS + 32, 32, ...stream.slice(KEYS, KEYS + 32));
      rehash(inputs);
    }));

  it('a reserved account in the table', () =>
    refused(/reserved account/, ({ batch }) => {
      // The rows behind the table hold address 0, the System program's.
      batch.account_count = String(Number(batch.account_count) + 1);
    }));

  it('fewer transactions than the data holds', () =>
    refused(/end with its last transaction/, ({ batch }) => {
      batch.transaction_count = '1';
    }));

  it('more transactions than the data holds', () =>
    refused(/./, ({ batch }) => {
      batch.transaction_count = '3';
    }));

  it('a block that does not end', () =>
    refused(/data hash|end with a block/, ({ batch }) => {
      batch.data.stream[0]! ^= 0x80;
      batch.data.stream[156]! ^= 0x80;
    }));

  for (const role of ['payer', 'from', 'to'] as const)
    it(`another account in the place of ${role}`, () =>
      refused(/does not hold the message's account/, (inputs) => {
        at(inputs, 0)[role] = (at(inputs, 0)[role] + 1) % 5;
      }));

  it('an account behind the table', () =>
    refused(/./, (inputs) => {
      const { batch } = inputs;
      const free = Number(batch.account_count);
      batch.accounts[free] = { ...batch.accounts[at(inputs, 0).from]! };
      batch.lamports[free] = '1000000000000';
      at(inputs, 0).from = free;
    }));

  it('another account as collector', () =>
    refused(/does not hold the collector/, ({ batch }) => {
      batch.collector = (batch.collector + 1) % 5;
    }));

  it('more lamports before the batch', () =>
    refused(/old state of an account/, (inputs) => {
      const { from } = at(inputs, 0);
      inputs.batch.lamports[from] = more(inputs.batch.lamports[from]!);
    }));

  it('lamports in an account that does not exist', () =>
    refused(/old state of an account/, (inputs) => {
      inputs.batch.lamports[at(inputs, 1).to] = '1';
    }));

  it('an account that exists as one that does not', () =>
    refused(/./, (inputs) => {
      inputs.batch.lamports[at(inputs, 0).to] = '0';
    }));

  for (const field of ['owner', 'owner_last', 'data_length', 'data_hash'])
    it(`another ${field}`, () =>
      refused(/./, (inputs) => {
        inputs.batch.accounts[at(inputs, 0).to]![field] = '1';
      }));

  it('contents in an account that does not exist', () =>
    refused(/contents/, (inputs) => {
      inputs.batch.accounts[at(inputs, 1).to]!.owner = '1';
    }));

  it('an account twice in the table', () =>
    refused(/./, (inputs) => {
      const { batch } = inputs;
      const count = Number(batch.account_count);
      for (const list of [batch.accounts, batch.lamports, batch.places] as unknown[][])
        list[count] = list[count - 1];
      batch.account_count = String(count + 1);
    }));

  it('accounts left out of the update', () =>
    refused(/./, ({ batch }) => {
      batch.account_count = String(Number(batch.account_count) - 1);
    }));

  for (const [field, reason] of [
    ['depth', /./],
    ['key_rest', /path of/],
  ] as const)
    it(`another ${field} of a new account's place`, () =>
      refused(reason, (inputs) => {
        const place = inputs.batch.places[at(inputs, 1).to]!;
        place[field] = more(String(place[field]));
      }));

  it('another kind of place for a new account', () =>
    refused(/./, (inputs) => {
      const place = inputs.batch.places[at(inputs, 1).to]!;
      place.other_is_leaf = !(place.other_is_leaf as boolean);
    }));

  it('any other sibling or turn on the way to the root', async () => {
    const inputs = model().inputs([{ from: 0, to: 1, lamports: 5n }]);
    const { siblings } = inputs.batch;
    const used = siblings.flatMap((level, i) =>
      level.every((sibling) => BigInt(sibling) === 0n) ? [] : [i],
    );
    for (const step of [used[0]!, used[Math.floor(used.length / 2)]!, used.at(-1)!])
      for (const which of [0, 1, 2])
        for (const change of [
          (batch: CircuitInputs['batch']) =>
            (batch.siblings[step]![which] = more(batch.siblings[step]![which]!)),
          ({ digits }: CircuitInputs['batch']) => (digits[step]![which % 2] = !digits[step]![which % 2]),
        ]) {
          const copy = structuredClone(inputs);
          change(copy.batch);
          await expect(run(copy)).rejects.toThrow();
        }
  });

  it('a fee payer that cannot pay', () =>
    expect(
      run(
        new Model([
          [0, RENT_MINIMUM],
          [1, RICH],
          [COLLECTOR, RICH],
        ]).inputs([{ from: 0, to: 1, lamports: 1n }]),
      ),
    ).rejects.toThrow(/fee payer/));
});
