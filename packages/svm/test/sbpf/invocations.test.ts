import { concatBytes, u64le } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase58, encodeBase58, systemAccount } from '../../src/index.js';
import { assemble } from '../../src/sbpf/assemble.js';
import { INPUT_ADDRESS } from '../../src/sbpf/program.js';
import { createProgramAddress } from '../../src/sbpf/syscalls/program-address.js';
import { serializeInput } from '../../src/trace/serialize-input.js';
import { elfV0, elfV3 } from '../support/elf-files.js';
import {
  type AccountMeta,
  address,
  BLOCKHASH,
  engineTransaction,
  type Instruction,
  mintAccount,
  payer,
  readonly,
  SOL,
  SYSTEM,
  signing,
  TOKEN,
  tokenAccount,
  tokenTransfer,
  writable,
} from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { type Invocation, proxyData, proxySource, RECURSOR } from '../support/proxy-program.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
const PROXY = { c: address('proxy c'), rust: address('proxy rust') };
const SECOND = address('second proxy');
const SETTER = address('setter');
const PAYER = address('payer');
const OWNER = address('owner');
const OWNED = address('owned by the setter');
const SEED = new TextEncoder().encode('vault');
const vault = (program: Uint8Array) => {
  for (let bump = 255; ; bump--) {
    const found = createProgramAddress([SEED, Uint8Array.of(bump)], program);
    if (typeof found !== 'string') return { key: found, seeds: [SEED, Uint8Array.of(bump)] };
  }
};

machine.deploy(PROXY.c, elfV3(assemble(proxySource('c'))));
machine.deploy(PROXY.rust, elfV0(assemble(proxySource('rust'), 0)));
machine.deploy(SECOND, elfV3(assemble(proxySource('c'))));
// Sets the length of its first account's data, and a word of it, and returns its data; fails with what comes last.
machine.deploy(
  SETTER,
  elfV3(
    assemble(`
      mov64 r6, r1
      mov64 r7, r2
      ldxdw r3, [r7+0]
      stxdw [r6+0x58], r3
      ldxdw r3, [r7+8]
      stxdw [r6+0x60], r3
      mov64 r1, r7
      mov64 r2, 16
      call sol_set_return_data
      ldxdw r0, [r7+16]
      exit`),
  ),
);

beforeEach(() => {
  machine.set(PAYER, systemAccount(10n * SOL));
  machine.set(OWNER, systemAccount(10n * SOL));
  machine.set(OWNED, { ...systemAccount(SOL), data: new Uint8Array(16), owner: SETTER });
  machine.set(address('mint'), mintAccount(OWNER, 1_000n, 2));
  machine.set(address('a'), tokenAccount(address('mint'), OWNER, 100n));
  machine.set(address('b'), tokenAccount(address('mint'), PAYER, 5n));
  for (const program of Object.values(PROXY)) machine.set(vault(program).key, systemAccount(SOL));
});

/** The proxy called with these accounts, and data made for where they lie in its input. */
function proxy(
  abi: 'c' | 'rust',
  accounts: AccountMeta[],
  invocation: Invocation,
  program = PROXY[abi],
): Instruction {
  const all = accounts.map(({ key }): Account & { address: Uint8Array; name: string } => ({
    ...(machine.account(key) ?? systemAccount(0n)),
    address: key,
    name: encodeBase58(key),
  }));
  const indexOf = (key: Uint8Array) => accounts.findIndex((meta) => Buffer.compare(meta.key, key) === 0);
  const frame = {
    program: 0,
    accounts: accounts.map(({ key, signer, writable: writes }) => ({
      index: indexOf(key),
      signer: signer === true,
      writable: writes === true,
    })),
    data: new Uint8Array(),
  };
  return { program, accounts, data: proxyData(abi, serializeInput(frame, all, true), invocation) };
}

const run = (...instructions: Instruction[]) =>
  expectSameTrace(
    machine,
    engineTransaction({ signers: ['payer', 'owner'], instructions, blockhash: BLOCKHASH }),
  );

const invoked = (instruction: Instruction, infos: number[]): Invocation => ({ ...instruction, infos });
const transfer = (from: AccountMeta, to: AccountMeta, lamports: bigint): Instruction => ({
  program: SYSTEM,
  accounts: [from, to],
  data: concatBytes(Uint8Array.of(2, 0, 0, 0), u64le(lamports)),
});
const set = (length: bigint, word: bigint, result = 0n): Instruction => ({
  program: SETTER,
  accounts: [writable(OWNED)],
  data: concatBytes(u64le(length), u64le(word), u64le(result)),
});

describe.each(['c', 'rust'] as const)('invocations in the layout of %s', (abi) => {
  const program = PROXY[abi];
  const system = readonly(SYSTEM);

  it('of the System program', () => {
    const accounts = [payer(PAYER), writable(OWNER), system];
    const call = transfer(payer(PAYER), writable(OWNER), 5n);
    const done = run(proxy(abi, accounts, invoked(call, [0, 1])));
    expect([done.status, done.executions[0]!.trace!.syscalls.map(({ name }) => name)]).toEqual([
      'ok',
      ['sol_memcpy_', `sol_invoke_signed_${abi}`, 'sol_get_return_data', 'sol_log_64_'],
    ]);
    expect(run(proxy(abi, accounts, invoked({ ...call, data: Uint8Array.of(2) }, [0, 1]))).status).toBe(
      'failed',
    );
    expect(run(proxy(abi, accounts, invoked(call, [0]))).error).toEqual({
      InstructionError: [0, 'MissingAccount'],
    });
    expect(run(proxy(abi, accounts.slice(0, 2), invoked(call, [0, 1]))).error).toEqual({
      InstructionError: [0, 'MissingAccount'],
    });
    expect(
      run(proxy(abi, accounts, invoked(transfer(payer(PAYER), payer(OWNER), 5n), [0, 1]))).error,
    ).toEqual({
      InstructionError: [0, 'PrivilegeEscalation'],
    });
    const unwritable = [payer(PAYER), readonly(OWNER), system];
    // Writable all the same, because the transaction says so elsewhere.
    run(proxy(abi, unwritable, invoked(call, [0, 1])));
    expect(
      run(
        proxy(
          abi,
          [payer(PAYER), readonly(address('c')), system],
          invoked(transfer(payer(PAYER), writable(address('c')), 5n), [0, 1]),
        ),
      ).error,
    ).toEqual({
      InstructionError: [0, 'PrivilegeEscalation'],
    });
  });

  it('that the program signs with seeds', () => {
    const { key, seeds } = vault(program);
    const accounts = [writable(key), writable(OWNER), system];
    const call = invoked(transfer(payer(key), writable(OWNER), 5n), [0, 1]);
    expect(run(proxy(abi, accounts, { ...call, seeds: [seeds] })).status).toBe('ok');
    expect(run(proxy(abi, accounts, { ...call, seeds: [[SEED], seeds] })).status).toMatch(/ok|failed/);
    expect(run(proxy(abi, accounts, call)).status).toBe('failed');
    expect(run(proxy(abi, accounts, { ...call, seeds: [[new Uint8Array(33)]] })).status).toBe('failed');
    expect(run(proxy(abi, accounts, { ...call, seeds: [Array(17).fill(new Uint8Array())] })).status).toBe(
      'failed',
    );
    expect(run(proxy(abi, accounts, { ...call, seeds: Array(17).fill([]) })).status).toBe('failed');
  });

  it('of the token program', () => {
    const accounts = [writable(address('a')), writable(address('b')), signing(OWNER), readonly(TOKEN)];
    const call = (amount: bigint) => tokenTransfer(address('a'), address('b'), OWNER, amount);
    const { status, executions } = run(proxy(abi, accounts, invoked(call(7n), [0, 1, 2])));
    expect([status, executions.length, executions[1]!.stackHeight]).toEqual(['ok', 2, 2]);
    expect(run(proxy(abi, accounts, invoked(call(7_000n), [2, 1, 0]))).status).toBe('failed');
  });

  it('of a program that changes data, its length, and returns something', () => {
    const accounts = [writable(OWNED), readonly(SETTER)];
    const input = 0x60n + INPUT_ADDRESS;
    for (const length of [0n, 8n, 16n, 24n, 10_256n, 10_257n, 1n << 40n])
      for (const load of [input, input - 8n, input + 8n])
        run(proxy(abi, accounts, { ...invoked(set(length, 77n), [0]), load }));
    run(proxy(abi, accounts, invoked(set(16n, 5n, 3n), [0])));
    run(
      proxy(abi, accounts, invoked(set(10_256n, 5n), [0])),
      proxy(abi, accounts, invoked(set(20n, 5n), [0])),
    );
    // Named twice, once as read-only.
    run(proxy(abi, [readonly(OWNED), ...accounts], invoked(set(20n, 5n), [0, 1])));
    run(
      proxy(abi, accounts, { ...invoked(set(16n, 5n), [0]), accounts: [readonly(OWNED), writable(OWNED)] }),
    );
    run(proxy(abi, accounts, { ...invoked(set(16n, 5n), [0]), accounts: [readonly(OWNED)] }));
    // What the caller changed before, although the account is not its own.
    for (const offset of [0x08n, 0x10n, 0x30n, 0x50n, 0x58n, 0x60n])
      run(
        proxy(abi, accounts, {
          ...invoked(set(16n, 5n), [0]),
          store: { address: INPUT_ADDRESS + offset, value: 9n },
        }),
      );
  });

  it('with pointers that are not those of the input', () => {
    const accounts = [writable(OWNED), writable(PAYER), readonly(SETTER)];
    const good = proxy(abi, accounts, invoked(set(16n, 5n), [0, 1]));
    for (let at = 0; at + 8 <= good.data.length; at += 8)
      for (const change of [1n, 8n, -8n, 1n << 32n, 1n << 33n]) {
        const data = Uint8Array.from(good.data);
        const view = new DataView(data.buffer);
        view.setBigUint64(at, BigInt.asUintN(64, view.getBigUint64(at, true) + change), true);
        run({ ...good, data });
      }
  });

  it('through another program back to itself', () => {
    const accounts = [readonly(program), readonly(SECOND)];
    const back = invoked(
      proxy(abi, accounts, { program, accounts: [], data: new Uint8Array(8), infos: [] }),
      [],
    );
    const through = invoked(proxy('c', accounts, back, SECOND), []);
    expect(run(proxy(abi, accounts, through)).error).toEqual({
      InstructionError: [0, 'ReentrancyNotAllowed'],
    });
  });

  it('of programs that nobody may invoke', () => {
    for (const name of [
      'BPFLoader2111111111111111111111111111111111',
      'BPFLoaderUpgradeab1e11111111111111111111111',
      'Ed25519SigVerify111111111111111111111111111',
    ]) {
      const native = decodeBase58(name);
      const call: Instruction = { program: native, accounts: [], data: Uint8Array.of(0, 0, 0, 0) };
      expect(run(proxy(abi, [readonly(native)], invoked(call, []))).status).toBe('failed');
    }
  });
});

describe('a program that invokes itself', () => {
  const recursor = address('recursor');
  machine.deploy(recursor, elfV3(assemble(RECURSOR)));

  it('can do so four times', () => {
    const statuses = [0n, 1n, 3n, 4n, 5n, 9n].map((count) => {
      const traced = run({ program: recursor, accounts: [readonly(recursor)], data: u64le(count) });
      return [count, traced.status, Math.max(...traced.executions.map(({ stackHeight }) => stackHeight))];
    });
    expect(statuses).toEqual([
      [0n, 'ok', 1],
      [1n, 'ok', 2],
      [3n, 'ok', 4],
      [4n, 'ok', 5],
      [5n, 'failed', 5],
      [9n, 'failed', 5],
    ]);
  });
});
