import { createHash } from 'node:crypto';
import { concatBytes, u64le } from '@polyproof/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase58, rentExemptMinimum } from '../../src/index.js';
import { TestEngine } from '../support/engine-harness.js';
import { createAccount } from '../support/engine-programs.js';
import {
  address,
  FEE,
  type Instruction,
  readonly,
  SOL,
  SYSTEM,
  signing,
  systemTransfer,
  wallets,
  writable,
} from '../support/engine-transactions.js';

const BLOCKHASHES = decodeBase58('SysvarRecentB1ockHashes11111111111111111111');
const RENT = decodeBase58('SysvarRent111111111111111111111111111111111');
const NONCE = address('nonce');
const NONCE_RENT = rentExemptMinimum(80);

const advance = (authority: string, nonce = NONCE): Instruction => ({
  program: SYSTEM,
  accounts: [writable(nonce), readonly(BLOCKHASHES), signing(address(authority))],
  data: Uint8Array.of(4, 0, 0, 0),
});
const initialize = (authority: string, nonce = NONCE): Instruction => ({
  program: SYSTEM,
  accounts: [writable(nonce), readonly(BLOCKHASHES), readonly(RENT)],
  data: concatBytes(Uint8Array.of(6, 0, 0, 0), address(authority)),
});
const authorize = (from: string, to: string): Instruction => ({
  program: SYSTEM,
  accounts: [writable(NONCE), signing(address(from))],
  data: concatBytes(Uint8Array.of(7, 0, 0, 0), address(to)),
});
const withdraw = (authority: string, to: string, lamports: bigint): Instruction => ({
  program: SYSTEM,
  accounts: [
    writable(NONCE),
    writable(address(to)),
    readonly(BLOCKHASHES),
    readonly(RENT),
    signing(address(authority)),
  ],
  data: concatBytes(Uint8Array.of(5, 0, 0, 0), u64le(lamports)),
});
const durable = (blockhash: Uint8Array) =>
  Uint8Array.from(createHash('sha256').update('DURABLE_NONCE').update(blockhash).digest());

describe('durable nonces', () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = new TestEngine(wallets('alice', 'bob'));
    const [created] = await engine.run(
      engine.transaction({
        signers: ['alice', 'nonce'],
        instructions: [createAccount('alice', 'nonce', NONCE_RENT, 80, SYSTEM), initialize('alice')],
      }),
    );
    expect(created).toMatchObject({ status: 'ok' });
  });
  afterEach(() => engine.close());

  const stored = () => engine.account(NONCE)!.data.slice(40, 72);
  /** A transaction that uses the nonce as its blockhash. */
  const withNonce = (
    instructions: Instruction[],
    { signers = ['alice'], blockhash = stored(), nonce = NONCE } = {},
  ) => engine.transaction({ signers, instructions, blockhash, nonce });
  const move = (lamports = 7n) => systemTransfer(address('alice'), address('bob'), lamports);

  it('start from the last blockhash, at the fee of now', () => {
    const { data } = engine.account(NONCE)!;
    expect(stored()).toEqual(durable(engine.blockhash));
    expect(data.slice(0, 8)).toEqual(Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0));
    expect(data.slice(8, 40)).toEqual(address('alice'));
    expect(data.slice(72)).toEqual(u64le(FEE));
  });

  it('advance to the last blockhash of the block that uses them', async () => {
    engine.nextBlock();
    const [outcome] = await engine.run(withNonce([advance('alice'), move()]));
    expect(outcome).toMatchObject({ status: 'ok', feeLamports: FEE });
    expect(stored()).toEqual(durable(engine.blockhash));
    expect(engine.balance('bob')).toBe(10n * SOL + 7n);
  });

  it('cannot be used in the block that made or advanced them', async () => {
    const [sameBlock] = await engine.run(withNonce([advance('alice'), move()]));
    expect(sameBlock).toMatchObject({ status: 'rejected', error: 'BlockhashNotFound', feeLamports: 0n });
    engine.nextBlock();
    const blockhash = stored();
    const twice = [1n, 2n].map((lamports) => withNonce([advance('alice'), move(lamports)], { blockhash }));
    const outcomes = await engine.run(...twice);
    expect(outcomes.map(({ status, error }) => [status, error])).toEqual([
      ['ok', undefined],
      ['rejected', 'BlockhashNotFound'],
    ]);
    const [again] = await engine.run(withNonce([advance('alice'), move()]));
    expect(again).toMatchObject({ status: 'rejected', error: 'BlockhashNotFound' });
    expect(engine.balance('bob')).toBe(10n * SOL + 1n);
  });

  it('advance with a transaction that fails, which pays its fee and does nothing else', async () => {
    engine.nextBlock();
    const before = engine.balance('alice');
    const [outcome] = await engine.run(withNonce([advance('alice'), move(), move(20n * SOL)]));
    expect(outcome).toMatchObject({ status: 'failed', error: { InstructionError: [2, { Custom: 1 }] } });
    expect(stored()).toEqual(durable(engine.blockhash));
    expect(engine.account(NONCE)!.lamports).toBe(NONCE_RENT);
    expect([engine.balance('alice'), engine.balance('bob')]).toEqual([before - FEE, 10n * SOL]);
    const [replay] = await engine.run(
      withNonce([advance('alice'), move()], { blockhash: durable(engine.blockhash) }),
    );
    expect(replay).toMatchObject({ status: 'rejected' });
    engine.nextBlock();
    expect((await engine.run(withNonce([advance('alice'), move()])))[0]).toMatchObject({ status: 'ok' });
  });

  it('advance with a transaction whose programs do not load', async () => {
    engine.nextBlock();
    const nowhere = { program: address('nowhere'), accounts: [], data: new Uint8Array() };
    const [outcome] = await engine.run(withNonce([advance('alice'), nowhere]));
    expect(outcome).toMatchObject({ status: 'failed', error: 'ProgramAccountNotFound', feeLamports: FEE });
    expect(stored()).toEqual(durable(engine.blockhash));
  });

  it('need their authority, the right value, and to be nonces', async () => {
    engine.nextBlock();
    const cases = [
      withNonce([advance('bob'), move()], { signers: ['bob', 'alice'] }),
      withNonce([advance('alice'), move()], { blockhash: new Uint8Array(32).fill(5) }),
      withNonce([advance('alice', address('bob')), move()], { nonce: address('bob') }),
      withNonce([advance('alice', address('nobody')), move()], { nonce: address('nobody') }),
    ];
    for (const outcome of await engine.run(...cases))
      expect(outcome).toMatchObject({ status: 'rejected', error: 'BlockhashNotFound', feeLamports: 0n });
    expect(engine.balance('bob')).toBe(10n * SOL);
  });

  it('advance in the middle of a block from the last blockhash, whichever recent one the transaction names', async () => {
    const made = engine.blockhash;
    engine.nextBlock();
    engine.nextBlock();
    // The blockhash that the nonce stands at: the transaction's own must not matter.
    const [first] = await engine.run(
      engine.transaction({ signers: ['alice'], instructions: [advance('alice')], blockhash: made }),
    );
    expect(first).toMatchObject({ status: 'ok' });
    expect(stored()).toEqual(durable(engine.blockhash));
    const [second] = await engine.run(
      engine.transaction({ signers: ['alice'], instructions: [advance('alice')], blockhash: made }),
    );
    // SystemError::NonceBlockhashNotExpired
    expect(second).toMatchObject({ status: 'failed', error: { InstructionError: [0, { Custom: 7 }] } });
  });

  it('may change hands and be withdrawn', async () => {
    engine.nextBlock();
    const [handed] = await engine.run(withNonce([advance('alice'), authorize('alice', 'bob')]));
    expect(handed).toMatchObject({ status: 'ok' });
    engine.nextBlock();
    const [old] = await engine.run(withNonce([advance('alice'), move()]));
    expect(old).toMatchObject({ status: 'rejected', error: 'BlockhashNotFound' });
    const [emptied] = await engine.run(
      withNonce([advance('bob'), withdraw('bob', 'bob', NONCE_RENT)], { signers: ['bob'] }),
    );
    // Just advanced: it could be used again in the next block.
    expect(emptied).toMatchObject({ status: 'failed', error: { InstructionError: [1, { Custom: 7 }] } });
    engine.nextBlock();
    const [gone] = await engine.run(
      engine.transaction({ signers: ['bob'], instructions: [withdraw('bob', 'bob', NONCE_RENT)] }),
    );
    expect(gone).toMatchObject({ status: 'ok' });
    expect(engine.account(NONCE)).toBeNull();
  });

  it('may pay the fee themselves, and keep their rent', async () => {
    engine.nextBlock();
    await engine.run(
      engine.transaction({
        signers: ['alice'],
        instructions: [systemTransfer(address('alice'), NONCE, FEE)],
      }),
    );
    await engine.run(engine.transaction({ signers: ['alice'], instructions: [authorize('alice', 'nonce')] }));
    engine.nextBlock();
    const paying = (lamports: bigint) =>
      withNonce([advance('nonce'), systemTransfer(NONCE, address('bob'), lamports)], { signers: ['nonce'] });
    // The System program transfers from no account with data.
    const [paid] = await engine.run(paying(1n));
    expect(paid).toMatchObject({ status: 'failed', feeLamports: FEE });
    expect(engine.account(NONCE)!.lamports).toBe(NONCE_RENT);
    expect(stored()).toEqual(durable(engine.blockhash));
    engine.nextBlock();
    const [poor] = await engine.run(paying(1n));
    expect(poor).toMatchObject({ status: 'rejected', error: 'InsufficientFundsForFee', feeLamports: 0n });
    expect(engine.account(NONCE)!.lamports).toBe(NONCE_RENT);
  });
});
