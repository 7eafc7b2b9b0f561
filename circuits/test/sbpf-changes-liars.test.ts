import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Line, load, set, store, withValue } from '../../packages/svm/src/zkvm/assembler.js';
import { OP, REGISTER } from '../../packages/svm/src/zkvm/operations.js';
import { testExecutor } from './sbpf-circuit.js';
import { ownProgram, RECORD, retold, withProgram } from './sbpf-lies.js';
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
  outcomes: Record<string, string>[];
  rights: { kinds: boolean[]; row: string; usage: string; page: string }[];
  changes: (Column & { usage: string; lamports: string[]; space: string[]; owner: string[] })[];
  balances: (Column & { usage: string; before: Column; after: Column })[];
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
const MOVE = { row: 3, from: 4, to: 5 };
const CLOSE = { change: 1, from: 8, balance: 2 };
const ALLOCATE = { change: 2, usage: 12 };
const ASSIGN = { change: 3, usage: 13 };
const FIRST_CHANGE = 8;

let execute: (inputs: unknown) => Promise<unknown>;
let valid: Inputs;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor(CIRCUIT);
  valid = inputs(BLOCKS, wrapped()) as unknown as Inputs;
}, 300_000);

const more = (value: unknown) => `0x${(BigInt(value as string) + 1n).toString(16)}`;

async function refuses(changed: unknown, reason: RegExp): Promise<void> {
  await expect(execute(changed).then(() => 'accepted')).rejects.toThrow(reason);
}

async function refused(change: (inputs: Inputs) => void, reason = /./): Promise<void> {
  const changed = structuredClone(valid);
  change(changed);
  await refuses(changed, reason);
}

it('the transactions that are changed below are accepted', async () => {
  await expect(execute(valid)).resolves.toBeDefined();
});

describe('refuses another version', () => {
  const stale = [block([create(AT.NEW, RESERVE, 165)], [pay(AT.PAYER, AT.NEW, 7n)])];

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

  it('of another account', () =>
    refused((changed) => {
      changed.use_versions[MOVE.from] = String(AT.TO);
    }, /version of another account/));

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

  it('length after an assign', () =>
    refused(
      change(ASSIGN.change, (row) => {
        row.length = '16';
      }),
      /length after a change/,
    ));

  it('too few rows for the data', () =>
    refused(
      change(CREATE.change, (row) => {
        row.rows = '2';
      }),
    ));

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
    await refused(({ changes }) => {
      changes[CLOSE.change] = structuredClone(changes[CREATE.change]!);
    });
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
    await expect(execute(moves)).resolves.toBeDefined();
    const all = [...add(RECORD.OTHER, OWNED), ...clear(RECORD.OWN, [...OWNER, LAMPORTS, 80n])];
    await expect(execute(withProgram(ownProgram(all)))).resolves.toBeDefined();
  });

  it('lamports made and destroyed', async () => {
    for (const change of [9n, -9n])
      await refuses(withProgram(ownProgram(add(RECORD.OWN, change))), /makes or destroys lamports/);
    const uneven = ownProgram([...add(RECORD.OWN, -9n), ...add(RECORD.OTHER, 8n)]);
    await refuses(withProgram(uneven), /makes or destroys lamports/);
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
    await refuses(withProgram(keeps), /that is closed has lamports/);
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
        row.closing = String(CLOSE.change + 1);
      }),
      /another account is closed/,
    );
    await refused(
      balance(CLOSE.balance, (row) => {
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
        outcomes[MOVE.row]!.balances = count;
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
