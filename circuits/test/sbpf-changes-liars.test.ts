import { fieldToHex } from '@polyproof/base';
import { accountValue } from '@polyproof/state';
import { describe, it } from 'vitest';
import { named, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { changedWitness, more } from './changed-witness.js';
import { retold } from './sbpf-lies.js';
import {
  AT,
  allocate,
  assign,
  block,
  CIRCUIT,
  closeTokens,
  create,
  inputs,
  moveTokens,
  pay,
  RESERVE,
  wrapped,
} from './sbpf-transactions.js';

type Column = Record<string, unknown>;
interface Inputs {
  uses: { account: string; signer: boolean; writable: boolean }[];
  use_versions: string[];
  ends: string[];
  last: string[];
  new_values: string[];
  changes: (Column & { usage: string; lamports: string[]; space: string[]; owner: string[] })[];
}

// fee, create; fee, transfer of wrapped lamports; fee, close; fee, allocate, assign; fee, refused create
const BLOCKS = [
  block(
    [create(AT.NEW, RESERVE, 165)],
    [moveTokens(AT.FROM, AT.TO, 9n)],
    [closeTokens(AT.FROM, AT.OTHER)],
    [allocate(AT.OTHER, 24), assign(AT.OTHER)],
  ),
];
const CREATE = { change: 0, payer: 1, account: 2 };
const MOVE = { to: 5 };
const CLOSE = { change: 1, from: 8 };
const ALLOCATE = { change: 2, usage: 12 };
const ASSIGN = { change: 3, usage: 13 };
const FIRST_CHANGE = 8;

const { accepts, refused, refuses } = changedWitness<Inputs>(CIRCUIT, () => inputs(BLOCKS, wrapped()));

it('the transactions that are changed below are accepted', async () => {
  await accepts();
});

describe('refuses another version', () => {
  const stale = [block([create(AT.NEW, RESERVE, 165)], [pay(AT.PAYER, AT.NEW, RESERVE)])];

  it('one that is over', async () => {
    const lie = retold(stale, ({ versions }) => {
      versions.uses[5] = versions.accounts[AT.NEW]!;
    });
    await refuses(lie, /./);
  });

  it('one that is to come', async () => {
    const early = [block([pay(AT.PAYER, AT.OTHER, RESERVE)], [assign(AT.OTHER)])];
    const lie = retold(early, ({ versions }) => {
      versions.uses[2] = versions.changed[0]!;
    });
    await refuses(lie, /./);
  });

  it('of another account', async () => {
    const lie = retold([block([pay(AT.PAYER, AT.OTHER, 7n)])], ({ versions }) => {
      versions.uses[2] = versions.accounts[AT.FROM]!;
    });
    await refuses(lie, /version of another account/);
  });

  it('an end', async () => {
    await refused((changed) => {
      changed.ends[AT.NEW] = more(changed.ends[AT.NEW]);
    }, /does not end where it changes/);
    await refused((changed) => {
      changed.ends[FIRST_CHANGE + CREATE.change] = '20';
    }, /last version that ends/);
  });

  it('of what an account is at the end', async () => {
    await refused((changed) => {
      changed.last[AT.NEW] = String(AT.NEW);
    }, /last version that ends/);
    await refused((changed) => {
      changed.last[AT.NEW] = changed.last[AT.FROM]!;
    }, /last version of another account/);
  });
});

describe('refuses another change', () => {
  const change = (index: number, alter: (change: Inputs['changes'][number]) => void) => (inputs: Inputs) =>
    alter(inputs.changes[index]!);

  for (const [kind, index] of [
    ['creates', CREATE.change],
    ['allocates', ALLOCATE.change],
    ['assigns', ASSIGN.change],
    ['closes', CLOSE.change],
  ] as const)
    it(`${kind}: not at all`, () =>
      refused(
        change(index, (row) => {
          row[kind] = false;
        }),
      ));

  it('lamports, half by half', async () => {
    for (const half of [0, 1])
      await refused(
        change(CREATE.change, ({ lamports }) => {
          lamports[half] = more(lamports[half]);
        }),
        /data of a change/,
      );
  });

  for (const [index, name] of [
    [CREATE.change, 'create'],
    [ALLOCATE.change, 'allocate'],
  ] as const)
    it(`space of ${name}, all that depends on it included`, async () => {
      const lie = retold(
        BLOCKS,
        ({ versions }) => {
          versions.changes[index]!.space = 48n;
          versions.changes[index]!.bytes = 48;
          versions.changed[index]!.bytes = 48;
          if (index === ALLOCATE.change) {
            versions.changes[ASSIGN.change]!.bytes = 48;
            versions.changed[ASSIGN.change]!.bytes = 48;
          }
        },
        wrapped(),
      );
      await refuses(lie, /data of a change/);
    });

  for (const [index, name] of [
    [CREATE.change, 'create'],
    [ASSIGN.change, 'assign'],
  ] as const)
    it(`owner of ${name}, all that depends on it included`, async () => {
      for (let at = 0; at < 32; at += 4) {
        const lie = retold(
          BLOCKS,
          ({ versions }) => {
            const owner = Uint8Array.from(versions.changes[index]!.owner);
            owner[at]! ^= 1;
            versions.changes[index]!.owner = owner;
            versions.changed[index]!.owner = owner;
          },
          wrapped(),
        );
        await refuses(lie, /data of a change/);
      }
    });

  it('length after an assign', async () => {
    const lie = retold(
      BLOCKS,
      ({ versions }) => {
        versions.changes[ASSIGN.change]!.bytes = 16;
        versions.changed[ASSIGN.change]!.bytes = 16;
      },
      wrapped(),
    );
    await refuses(lie, /length after a change/);
  });

  it('too few rows for the data, so that others lie in it', async () => {
    const changed = inputs([block([create(AT.NEW, RESERVE, 165)])]) as unknown as Inputs;
    changed.changes[0]!.rows = '2';
    // Changes that are not used write the address of the first use behind the last record.
    const data = new Uint8Array(165);
    data.set(named('payer'), 96);
    const rentEpoch = 0xffffffffffffffffn;
    const account = { lamports: RESERVE, owner: TOKEN, data, executable: false, rentEpoch };
    changed.new_values[AT.NEW] = fieldToHex(accountValue(account));
    await refuses(changed, /./);
  });

  it('one that takes place although its transaction fails', async () => {
    const nothing = create(AT.OTHER, 890_880n, 0, { owner: new Uint8Array(32) });
    const lie = retold([block([nothing])], ({ versions }) => {
      versions.changes[0]!.made = true;
      versions.accounts[AT.OTHER]!.ends = CREATE.account;
      versions.last[AT.OTHER] = versions.changed[0]!;
    });
    await refuses(lie, /whether a change takes place/);
  });

  it('a space that is said to be too large', async () => {
    const lie = retold([block([create(AT.NEW, RESERVE, 10_485_761)])], ({ rows, versions }) => {
      rows[1]!.data = create(AT.NEW, RESERVE, 165).data;
      versions.changes[0]!.space = 165n;
    });
    await refuses(lie, /./);
  });

  it('whether it is allowed, is made, or is too large', async () => {
    for (const [column, reason] of [
      ['allowed', /whether a change is allowed/],
      ['made', /whether a change takes place/],
      ['large', /./],
    ] as const)
      await refused(
        change(CREATE.change, (row) => {
          row[column] = !row[column];
        }),
        reason,
      );
  });

  it('flags of accounts that have to sign and be writable', async () => {
    for (const usage of [CREATE.payer, CREATE.account, ALLOCATE.usage, ASSIGN.usage])
      for (const flag of ['signer', 'writable'] as const)
        await refused(({ uses }) => {
          uses[usage]![flag] = false;
        }, /whether a change is allowed/);
  });

  it('a use of another row, or another use of the row', async () => {
    for (const usage of [CREATE.payer, MOVE.to])
      await refused(
        change(CREATE.change, (row) => {
          row.usage = String(usage);
        }),
      );
  });

  it('the same one again, or in another order', async () => {
    const changed = inputs([block([create(AT.NEW, RESERVE, 165)])]) as unknown as Inputs;
    changed.changes[1] = structuredClone(changed.changes[0]!);
    await refuses(changed, /./);
    await refused(({ changes }) => {
      changes.reverse();
    });
  });

  it('a close where nothing is closed', async () => {
    const lie = retold([block([moveTokens(AT.FROM, AT.TO, 1n)])], ({ versions }) => {
      const close = { lamports: 0n, space: 0n, owner: new Uint8Array(32), large: false, bytes: 0 };
      versions.changes.push({ kind: 'close', row: 1, usage: 1, allowed: false, made: true, ...close });
      const before = versions.accounts[AT.FROM]!;
      const { owner } = close;
      versions.changed.push({ ...before, begins: 1, owner, bytes: 0, change: 0 });
      before.ends = 1;
      versions.last[AT.FROM] = versions.changed[0]!;
    });
    await refuses(lie, /something is left/);
  });

  it('a close of an account that the program does not own', () =>
    refused((changed) => {
      changed.changes[CLOSE.change]!.usage = String(CLOSE.from + 1);
    }));
});
