import { encodeAccount } from '@polyproof/state';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import type { EngineOutcome } from '../../src/runtime/types.js';
import { TestEngine } from '../support/engine-harness.js';
import {
  closeProgram,
  deployment,
  endlessLoop,
  programdata,
  returning,
  upgradeProgram,
} from '../support/engine-programs.js';
import {
  address,
  FEE,
  type Instruction,
  SOL,
  systemTransfer,
  TOKEN,
  wallets,
  writable,
} from '../support/engine-transactions.js';

const PROGRAM = address('program');
const call = (...accounts: Instruction['accounts']): Instruction => ({
  program: PROGRAM,
  accounts,
  data: new Uint8Array(),
});

describe('programs in the engine', () => {
  let engine: TestEngine;
  afterEach(() => engine.close());

  const run = async (signers: string[], ...instructions: Instruction[]): Promise<EngineOutcome> =>
    (await engine.run(engine.transaction({ signers, instructions })))[0]!;
  const deploy = async (elf: Uint8Array, buffer = 'buffer') => {
    engine = new TestEngine(wallets('alice', 'bob'));
    for (const instructions of deployment('alice', buffer, 'program', elf))
      expect(await run(['alice', buffer, 'program'], ...instructions)).toMatchObject({ status: 'ok' });
    engine.nextBlock();
  };

  it('are deployed, called, upgraded and called again', async () => {
    await deploy(returning(0n));
    expect(engine.account(PROGRAM)?.executable).toBe(true);
    expect(await run(['bob'], call())).toMatchObject({ status: 'ok' });
    for (const instructions of deployment('alice', 'buffer 2', 'unused', returning(7n)).slice(0, -1))
      expect(await run(['alice', 'buffer 2'], ...instructions)).toMatchObject({ status: 'ok' });
    expect(await run(['alice'], upgradeProgram('alice', 'buffer 2', 'program'))).toMatchObject({
      status: 'ok',
    });
    engine.nextBlock();
    expect(await run(['bob'], call())).toMatchObject({
      status: 'failed',
      error: { InstructionError: [0, { Custom: 7 }] },
    });
  });

  it('are the same in an engine that is given the accounts anew', async () => {
    await deploy(returning(3n));
    const before = await run(['bob'], call());
    const accounts = [...engine.accounts].map(([key, bytes]) => [Buffer.from(key, 'latin1'), bytes] as const);
    // The worst order: programs before their code.
    const programdataKey = programdata(PROGRAM);
    const isCode = ([key]: (typeof accounts)[number]) => Buffer.compare(key, programdataKey) === 0;
    await engine.close();
    engine = new TestEngine([...accounts.filter((entry) => !isCode(entry)), ...accounts.filter(isCode)]);
    const after = await run(['bob'], call());
    expect([after.status, after.error, after.computeUnits]).toEqual([
      before.status,
      before.error,
      before.computeUnits,
    ]);
    expect(after.error).toEqual({ InstructionError: [0, { Custom: 3 }] });
  });

  it('follow their code when only that is given', async () => {
    await deploy(returning(0n));
    const code = engine.account(programdata(PROGRAM))!;
    const other = returning(9n);
    const data = Uint8Array.from(code.data);
    data.set(other, 45);
    engine.set([programdata(PROGRAM), encodeAccount({ ...code, data })]);
    expect(await run(['bob'], call())).toMatchObject({ error: { InstructionError: [0, { Custom: 9 }] } });
  });

  it('may be closed, their code address funded, and they themselves touched', async () => {
    await deploy(returning(0n));
    expect(await run(['alice'], closeProgram('alice', 'program'))).toMatchObject({ status: 'ok' });
    expect(await run(['bob'], call())).toMatchObject({
      status: 'failed',
      error: { InstructionError: [0, expect.anything()] },
    });
    const code = programdata(PROGRAM);
    expect(await run(['bob'], systemTransfer(address('bob'), code, SOL))).toMatchObject({ status: 'ok' });
    const generation = engine.executor.generation;
    // litesvm alone aborts its process here.
    expect(await run(['bob'], systemTransfer(address('bob'), PROGRAM, SOL))).toMatchObject({ status: 'ok' });
    expect(engine.account(PROGRAM)!.lamports).toBeGreaterThan(SOL);
    expect(await run(['bob'], call(writable(PROGRAM)))).toMatchObject({ status: 'failed', feeLamports: FEE });
    expect(engine.executor.generation).toBe(generation);
    // The same after a restart from the accounts.
    const accounts = [...engine.accounts].map(([key, bytes]) => [Buffer.from(key, 'latin1'), bytes] as const);
    await engine.close();
    engine = new TestEngine(accounts);
    expect(await run(['bob'], systemTransfer(address('bob'), PROGRAM, SOL))).toMatchObject({ status: 'ok' });
    expect(await run(['bob'], call())).toMatchObject({ status: 'failed' });
    expect(engine.executor.generation).toBe(1);
  });

  it('may be closed and their code address funded in one transaction', async () => {
    await deploy(returning(0n));
    const code = programdata(PROGRAM);
    const outcome = await run(
      ['alice'],
      closeProgram('alice', 'program'),
      systemTransfer(address('alice'), code, SOL),
    );
    expect(outcome).toMatchObject({ status: 'ok' });
    expect(engine.account(code)!.lamports).toBe(SOL);
    expect(await run(['bob'], call())).toMatchObject({ status: 'failed' });
    expect(await run(['bob'], systemTransfer(address('bob'), PROGRAM, 5n))).toMatchObject({ status: 'ok' });
    expect(engine.executor.generation).toBe(1);
  });

  it('end at the limit of compute units', async () => {
    await deploy(endlessLoop());
    const outcome = await run(['bob'], call());
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { InstructionError: [0, 'ProgramFailedToComplete'] },
      computeUnits: 200_000n,
    });
    expect(decodeMeta(outcome.meta).logs.at(-1)).toContain('failed');
    expect(engine.balance('bob')).toBe(10n * SOL - FEE);
  });

  it('are missed with the fee taken where there is none', async () => {
    engine = new TestEngine(wallets('bob'));
    expect(await run(['bob'], call())).toMatchObject({
      status: 'failed',
      error: 'ProgramAccountNotFound',
      feeLamports: FEE,
    });
    expect(engine.balance('bob')).toBe(10n * SOL - FEE);
    // SPL programs are no part of the engine.
    const [token] = await engine.run(
      engine.transaction({ signers: ['bob'], instructions: [{ ...call(), program: TOKEN }] }),
    );
    expect(token).toMatchObject({ status: 'failed', error: 'ProgramAccountNotFound' });
  });

  it('are gone when the caller takes them back', async () => {
    await deploy(returning(0n));
    expect(await run(['bob'], call())).toMatchObject({ status: 'ok' });
    engine.set([PROGRAM, null]);
    engine.set([programdata(PROGRAM), null]);
    expect(await run(['bob'], call())).toMatchObject({ error: 'ProgramAccountNotFound' });
    // Named, but not used: litesvm alone aborts its process.
    const instructions = [systemTransfer(address('bob'), address('alice'), 1n)];
    const idle = engine.transaction({ signers: ['bob'], instructions, unused: [PROGRAM] });
    expect((await engine.run(idle))[0]).toMatchObject({ error: 'ProgramAccountNotFound' });
    expect(engine.executor.generation).toBe(1);
  });
});
