import { u64le } from '@polyproof/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeTransaction,
  encodeBase58,
  type Message,
  SYSTEM_PROGRAM,
  type Transaction,
} from '../../src/index.js';
import { address, signMessage } from '../wire.js';
import { realRuntime } from './real-runtime.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';
import { TOKEN } from './token-accounts.js';

const NATIVE_MINT = 'So11111111111111111111111111111111111111112';
const GENESIS = { [COLLECTOR]: SOL, alice: 100n * SOL, bob: 100n * SOL };
const RENT = { mint: 1_461_600n, account: 2_039_280n };

interface Instruction {
  program: Uint8Array;
  /** names of signers with what they are: `s` signs, `w` is written */
  accounts: [name: string, role: string][];
  data: Uint8Array;
}

/** Names of accounts whose keys sign when they are made. */
const [MINT, ALICE, BOB] = ['mint', "alice's account", "bob's account"] as const;

const create = (name: string, lamports: bigint, bytes: number): Instruction => ({
  program: SYSTEM_PROGRAM,
  accounts: [
    ['alice', 'sw'],
    [name, 'sw'],
  ],
  data: Uint8Array.of(0, 0, 0, 0, ...u64le(lamports), ...u64le(BigInt(bytes)), ...TOKEN),
});
const token = (accounts: [string, string][], ...data: (number | Uint8Array)[]): Instruction => ({
  program: TOKEN,
  accounts,
  data: Uint8Array.from(data.flatMap((part) => (typeof part === 'number' ? [part] : [...part]))),
});
const initializeMint = token([[MINT, 'w']], 20, 6, address('alice'), 0);
const initializeAccount = (name: string, wallet: string) =>
  token(
    [
      [name, 'w'],
      [MINT, ''],
    ],
    18,
    address(wallet),
  );
const mintTo = (name: string, amount: bigint) =>
  token(
    [
      [MINT, 'w'],
      [name, 'w'],
      ['alice', 's'],
    ],
    7,
    u64le(amount),
  );
const move = (amount: bigint) =>
  token(
    [
      [ALICE, 'w'],
      [BOB, 'w'],
      ['alice', 's'],
    ],
    3,
    u64le(amount),
  );
const approve = (amount: bigint) =>
  token(
    [
      [ALICE, 'w'],
      ['bob', ''],
      ['alice', 's'],
    ],
    4,
    u64le(amount),
  );
const moveBack = (amount: bigint) =>
  token(
    [
      [BOB, 'w'],
      [ALICE, 'w'],
      ['bob', 's'],
    ],
    3,
    u64le(amount),
  );
const close = token(
  [
    [BOB, 'w'],
    ['alice', 'w'],
    ['bob', 's'],
  ],
  9,
);

describe('token programs on real engines', () => {
  let test: TestBank;
  beforeAll(async () => {
    test = await TestBank.open({}, { config: rollupConfig(GENESIS, 'any'), runtime: realRuntime });
  });
  afterAll(() => test.close());

  const make = (...instructions: Instruction[]) => transaction(test.bank.latestBlockhash, instructions);
  const ok = async (...instructions: Instruction[]) => {
    const made = make(...instructions);
    const { included } = await test.produce(made);
    expect(included).toHaveLength(1);
    const stored = test.bank.getTransaction(made.signatures[0]!)!;
    expect(stored.error).toBeUndefined();
    return stored;
  };
  const names = (entries: Iterable<[Uint8Array, unknown]>) =>
    [...entries].map(([key]) => encodeBase58(key)).sort();
  const expected = (...list: string[]) => list.map((name) => encodeBase58(address(name))).sort();
  const tokenAccounts = (...list: string[]) => [...expected(...list), NATIVE_MINT].sort();

  it('execute, with their accounts in the indexes and their balances in the metadata', async () => {
    const { bank } = test;
    await ok(create(MINT, RENT.mint, 82), initializeMint);
    await ok(
      create(ALICE, RENT.account, 165),
      initializeAccount(ALICE, 'alice'),
      create(BOB, RENT.account, 165),
      initializeAccount(BOB, 'bob'),
    );
    const { meta } = await ok(mintTo(ALICE, 1_000n), move(400n));
    const balances = meta.postTokenBalances.map(({ owner, amount, decimals }) => [owner, amount, decimals]);
    expect(balances).toContainEqual([address('alice'), 600n, 6]);
    expect(balances).toContainEqual([address('bob'), 400n, 6]);
    expect(meta.logs.length).toBeGreaterThan(2);

    const programId = { programId: TOKEN };
    expect(names(bank.getProgramAccounts(TOKEN))).toEqual(tokenAccounts(MINT, ALICE, BOB));
    expect(names(bank.getTokenAccountsByOwner(address('alice'), programId))).toEqual(expected(ALICE));
    expect(names(bank.getTokenAccountsByOwner(address('bob'), { mint: address(MINT) }))).toEqual(
      expected(BOB),
    );
    expect(names(bank.getTokenAccountsByOwner(address('bob'), { mint: address('bob') }))).toEqual([]);
    expect(names(bank.getTokenAccountsByMint(address(MINT)))).toEqual(expected(ALICE, BOB));
    await ok(approve(5n));
    expect(names(bank.getTokenAccountsByDelegate(address('bob'), programId))).toEqual(expected(ALICE));
    expect(names(bank.getTokenAccountsByDelegate(address('alice'), programId))).toEqual([]);
  });

  it('fail with their own errors, in blocks and in simulations', async () => {
    const failing = make(move(1_000_000n));
    const error = { InstructionError: [0, { Custom: 1 }] };
    const simulated = await test.bank.simulate(failing.bytes);
    expect(simulated).toMatchObject({ error, feeLamports: 5_000n });
    expect(simulated.meta.logs.join(' ')).toContain('insufficient funds');
    await test.produce(failing);
    expect(test.bank.getSignatureStatus(failing.signatures[0]!)).toMatchObject({ error });
    const good = await test.bank.simulate(make(move(100n)).bytes, { verifySignatures: true });
    expect('error' in good).toBe(false);
    const data = good.account(address(BOB))!.data;
    expect(new DataView(data.buffer, data.byteOffset).getBigUint64(64, true)).toBe(500n);
    const bytes = make(move(100n)).bytes.slice();
    bytes[5]! ^= 1;
    expect(await test.bank.simulate(bytes, { verifySignatures: true })).toMatchObject({
      error: 'SignatureFailure',
    });
  });

  it('see every block, also after rolling back and after a restart', async () => {
    const { bank } = test;
    const batch = (await bank.closeBatch())!;
    const root = bank.stateRoot;
    await ok(move(600n));
    await bank.rollBack(batch.number);
    expect(bank.stateRoot).toBe(root);
    await ok(move(599n));
    await test.reopen();
    await ok(move(1n));
    const failing = make(move(1n));
    await test.produce(failing);
    expect(test.bank.getTransaction(failing.signatures[0]!)?.error).toEqual({
      InstructionError: [0, { Custom: 1 }],
    });
    const total = ['alice', 'bob', COLLECTOR, MINT, ALICE, BOB].reduce(
      (sum, name) => sum + test.balance(name),
      0n,
    );
    expect(total).toBe(201n * SOL);
    await ok(moveBack(1_000n), close);
    expect(test.bank.getAccount(address(BOB))).toBeUndefined();
    expect(names(test.bank.getTokenAccountsByMint(address(MINT)))).toEqual(expected(ALICE));
    expect(names(test.bank.getProgramAccounts(TOKEN))).toEqual(tokenAccounts(MINT, ALICE));
  });
});

/** A transaction of alice's. */
function transaction(blockhash: Uint8Array, instructions: readonly Instruction[]): Transaction {
  const roles = new Map<string, string>([['alice', 'sw']]);
  for (const { accounts } of instructions)
    for (const [name, role] of accounts) roles.set(name, (roles.get(name) ?? '') + role);
  const has = (role: string, letter: string) => role.includes(letter);
  const group = (signs: boolean, written: boolean) =>
    [...roles]
      .filter(([, role]) => has(role, 's') === signs && has(role, 'w') === written)
      .map(([name]) => name);
  const groups = [group(true, true), group(true, false), group(false, true), group(false, false)] as const;
  const names = groups.flat();
  const programs = [...new Set(instructions.map(({ program }) => encodeBase58(program)))];
  const keys = instructions.map(({ program }) => program);
  const programKeys = programs.map((name) => keys.find((program) => encodeBase58(program) === name)!);
  const message: Message = {
    version: 'legacy',
    header: {
      numRequiredSignatures: groups[0].length + groups[1].length,
      numReadonlySignedAccounts: groups[1].length,
      numReadonlyUnsignedAccounts: groups[3].length + programs.length,
    },
    accountKeys: [...names.map(address), ...programKeys],
    recentBlockhash: blockhash,
    instructions: instructions.map(({ program, accounts, data }) => ({
      programIdIndex: names.length + programs.indexOf(encodeBase58(program)),
      accountIndexes: Uint8Array.from(accounts.map(([name]) => names.indexOf(name))),
      data,
    })),
    addressTableLookups: [],
  };
  return decodeTransaction(signMessage(message, [...groups[0], ...groups[1]]));
}
