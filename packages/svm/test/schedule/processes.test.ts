import { concatBytes, u64le } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { decodeBase58, systemAccount } from '../../src/index.js';
import type { AccountEntry } from '../../src/runtime/types.js';
import type { Transaction } from '../../src/transaction.js';
import '../fixed-seed.js';
import { tableAccount } from '../resolve/messages.js';
import { deployment, programdata, returning, upgradeProgram } from '../support/engine-programs.js';
import {
  address,
  BLOCKHASH,
  engineTransaction,
  entry,
  hash,
  type Instruction,
  mintAccount,
  readonly,
  SOL,
  SYSTEM,
  signing,
  systemTransfer,
  tokenAccount,
  tokenTransfer,
  writable,
} from '../support/engine-transactions.js';
import { MortalExecutor, RealRuntime, summary } from './engines.js';

const USERS = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'];
const MINT = address('mint');
const TABLE = address('table');
const LOOKED_UP = ['new 0', 'new 1', 'new 2'].map(address);
const RECENT_BLOCKHASHES = decodeBase58('SysvarRecentB1ockHashes11111111111111111111');
const tokenOf = (user: string) => address(`${user} token`);
const nonceOf = (user: string) => address(`${user} nonce`);
const storedNonce = (user: string) => hash(`nonce of ${user}`);

function nonceAccount(user: string): AccountEntry {
  const data = concatBytes(
    Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0),
    address(user),
    storedNonce(user),
    u64le(5_000n),
  );
  return entry(nonceOf(user), { ...systemAccount(SOL), data });
}

const initial: AccountEntry[] = [
  ...genesisPrograms().map(([key, account]) => entry(key, account)),
  entry(MINT, mintAccount(address('u0'), 6_000n, 2)),
  entry(tokenOf('hot'), tokenAccount(MINT, address('hot'), 0n)),
  [TABLE, tableAccount({ addresses: LOOKED_UP })],
  ...USERS.flatMap((user) => [
    entry(address(user), systemAccount(SOL)),
    entry(tokenOf(user), tokenAccount(MINT, address(user), 1_000n)),
    nonceAccount(user),
  ]),
];

interface Step {
  signer: string;
  instructions: Instruction[];
  usesTable: boolean;
  usesNonce: boolean;
}

const user = fc.constantFrom(...USERS);
const lamports = fc.oneof(fc.bigInt({ min: 0n, max: 2_000_000n }), fc.bigInt({ min: 0n, max: 2n * SOL }));
const instruction = (signer: string): fc.Arbitrary<Instruction> =>
  fc.oneof(
    fc.tuple(user, lamports).map(([to, n]) => systemTransfer(address(signer), address(to), n)),
    // brings accounts into being, or fails at the rent
    fc
      .tuple(fc.constantFrom(...LOOKED_UP), lamports)
      .map(([to, n]) => systemTransfer(address(signer), to, n)),
    fc
      .tuple(user, fc.bigInt({ min: 0n, max: 1_300n }))
      .map(([to, n]) => tokenTransfer(tokenOf(signer), tokenOf(to), address(signer), n)),
    fc.constant(tokenTransfer(tokenOf(signer), tokenOf('hot'), address(signer), 10n)),
  );
const step: fc.Arbitrary<Step> = user.chain((signer) =>
  fc.record({
    signer: fc.constant(signer),
    instructions: fc.array(instruction(signer), { minLength: 1, maxLength: 2 }),
    usesTable: fc.boolean(),
    usesNonce: fc.nat(7).map((n) => n === 0),
  }),
);
const blocks = fc.array(fc.array(step, { minLength: 5, maxLength: 60 }), { minLength: 1, maxLength: 3 });

let unique = 0n;

/** No two are the same: each sends another amount to its own signer. */
function toTransaction({ signer, instructions, usesTable, usesNonce }: Step): Transaction {
  const advance: Instruction = {
    program: SYSTEM,
    accounts: [writable(nonceOf(signer)), readonly(RECENT_BLOCKHASHES), signing(address(signer))],
    data: Uint8Array.of(4, 0, 0, 0),
  };
  return engineTransaction({
    signers: [signer],
    instructions: [
      ...(usesNonce ? [advance] : []),
      ...instructions,
      systemTransfer(address(signer), address(signer), unique++),
    ],
    blockhash: usesNonce ? storedNonce(signer) : BLOCKHASH,
    ...(usesTable ? { tables: [{ address: TABLE, addresses: LOOKED_UP }] } : {}),
  }).transaction;
}

describe('a runtime on engine processes', () => {
  const runtimes = [1, 2, 4].map(
    (count) =>
      new RealRuntime(
        Array.from({ length: count }, () => new MortalExecutor()),
        { groupSize: 8 },
      ),
  );
  afterAll(async () => {
    await Promise.all(runtimes.map(({ runtime }) => runtime.close()));
  });

  it('gives the same with 1, 2 and 4 of them', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(blocks, async (list) => {
        for (const runtime of runtimes) runtime.reset(initial);
        for (const steps of list) {
          const transactions = steps.map(toTransaction);
          const [one, ...others] = await Promise.all(runtimes.map((runtime) => runtime.block(transactions)));
          for (const { outcome } of one!.executed)
            seen.add(`${outcome.status} ${JSON.stringify(outcome.error)}`);
          for (const other of others) expect(summary(other)).toEqual(summary(one!));
        }
      }),
      { numRuns: 12 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'ok undefined',
        'rejected "BlockhashNotFound"',
        expect.stringMatching(/^failed/),
      ]),
    );
  });

  it('calls a program that was deployed, and its replacement, on all of them', async () => {
    const call = (name: string): Transaction =>
      engineTransaction({
        signers: [name],
        instructions: [
          { program: address('program'), accounts: [signing(address(name))], data: u64le(unique++) },
        ],
        blockhash: BLOCKHASH,
      }).transaction;
    const send = (signers: string[], instructions: Instruction[]) =>
      engineTransaction({ signers, instructions, blockhash: BLOCKHASH }).transaction;
    const rich = entry(address('u0'), systemAccount(100n * SOL));
    const results = await Promise.all(
      runtimes.map(async (runtime) => {
        runtime.reset([...initial, rich]);
        const first = deployment('u0', 'buffer', 'program', returning(0n));
        const second = deployment('u0', 'buffer 2', 'program', returning(1n)).slice(0, -1);
        const deployed = await runtime.block([
          ...first.map((instructions, index) =>
            send(
              index === 0 ? ['u0', 'buffer'] : index === first.length - 1 ? ['u0', 'program'] : ['u0'],
              instructions,
            ),
          ),
          ...second.map((instructions, index) =>
            send(index === 0 ? ['u0', 'buffer 2'] : ['u0'], instructions),
          ),
        ]);
        const called = await runtime.block(USERS.slice(1).map(call));
        const upgraded = await runtime.block([
          call('u1'),
          call('u2'),
          send(['u0'], [upgradeProgram('u0', 'buffer 2', 'program')]),
          call('u3'),
        ]);
        const after = await runtime.block(USERS.slice(1).map(call));
        return [deployed, called, upgraded, after];
      }),
    );
    const statuses = results.map((list) =>
      list.map(({ executed }) => executed.map(({ outcome }) => outcome.status)),
    );
    expect(statuses[0]).toEqual([
      statuses[0]![0]!.map(() => 'ok'),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
      ['ok', 'ok', 'ok', 'failed'],
      ['failed', 'failed', 'failed', 'failed', 'failed'],
    ]);
    expect(statuses[1]).toEqual(statuses[0]);
    expect(statuses[2]).toEqual(statuses[0]);
    expect(runtimes[0]!.source.get(programdata(address('program')))).not.toBeNull();
  });
});

describe('killed engines', () => {
  it('change nothing', async () => {
    const steps: Step[] = Array.from({ length: 120 }, (_, i) => {
      const signer = USERS[i % USERS.length]!;
      const to = USERS[(i * 7 + 1) % USERS.length]!;
      return {
        signer,
        instructions: [tokenTransfer(tokenOf(signer), tokenOf(to), address(signer), 1n)],
        usesTable: false,
        usesNonce: false,
      };
    });
    const transactions = steps.map(toTransaction);
    const run = async (executors: MortalExecutor[]) => {
      const runtime = new RealRuntime(executors, { groupSize: 8 });
      runtime.reset(initial);
      try {
        return summary(await runtime.block(transactions));
      } finally {
        await runtime.runtime.close();
      }
    };
    const undisturbed = await run([new MortalExecutor()]);
    expect(undisturbed.outcomes.every(({ status }) => status === 'ok')).toBe(true);
    expect(await run([new MortalExecutor([1, 5]), new MortalExecutor([2])])).toEqual(undisturbed);
  });
});
