import { concatBytes, u64le } from '@polyproof/base';
import litesvm from 'litesvm/dist/internal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBase58, encodeBase58, systemAccount } from '../../src/index.js';
import { createProgramAddress } from '../../src/sbpf/syscalls/program-address.js';
import {
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
import { type Svm, TracedLitesvm } from '../support/traced-litesvm.js';

const ATA = decodeBase58('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const MEMOS = [
  decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
  decodeBase58('Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo'),
];
const MINT = address('mint');
const OWNER = address('owner');
const OTHER = address('other');

function prepare(machine: TracedLitesvm): void {
  for (const name of ['payer', 'owner', 'other']) machine.set(address(name), systemAccount(10n * SOL));
  machine.set(MINT, mintAccount(OWNER, 1_000_000n, 6));
  machine.set(address('a'), tokenAccount(MINT, OWNER, 1_000n));
  machine.set(address('b'), tokenAccount(MINT, OTHER, 500n));
}

function run(machine: TracedLitesvm, signers: string[], ...instructions: Instruction[]) {
  return expectSameTrace(machine, engineTransaction({ signers, instructions, blockhash: BLOCKHASH }));
}

const P_TOKEN = 'ptokFjwyJtrwCa9Kgo9xoDS59V4QccBGEaRFnRPnSdP';

/** Mainnet's features as litesvm keeps them: 8 bytes of slot behind each address in its image. */
function withoutPToken(): Svm {
  const image = Buffer.from(new litesvm.LiteSvm().toBytes());
  let at = 1;
  const u64 = () => {
    at += 8;
    return Number(image.readBigUInt64LE(at - 8));
  };
  for (let count = u64(); count > 0; count--) {
    at += 40;
    const length = u64();
    at += length + 41;
  }
  at += 64;
  const features = new litesvm.FeatureSet();
  for (let count = u64(); count > 0; count--) {
    const id = Uint8Array.from(image.subarray(at, at + 32));
    at += 32;
    const slot = image.readBigUInt64LE(at);
    at += 8;
    if (encodeBase58(id) !== P_TOKEN) features.activate(id, slot);
  }
  const svm = litesvm.LiteSvm.default();
  svm.setFeatureSet(features);
  svm.setBuiltins();
  svm.setLamports(10n ** 15n);
  svm.setSysvars();
  svm.setDefaultPrograms();
  return svm;
}

describe('the classic token program', () => {
  const machine = new TracedLitesvm(withoutPToken);
  afterAll(() => machine.close());

  it('transfers, and fails to', () => {
    prepare(machine);
    const transfer = (amount: bigint) => tokenTransfer(address('a'), address('b'), OWNER, amount);
    const done = run(machine, ['payer', 'owner'], transfer(77n));
    expect([done.status, done.executions[0]!.trace!.steps]).toEqual(['ok', 4_485]);
    expect(run(machine, ['payer', 'owner'], transfer(7_777n)).status).toBe('failed');
    const checked = (decimals: number): Instruction => ({
      program: TOKEN,
      accounts: [writable(address('a')), readonly(MINT), writable(address('b')), signing(OWNER)],
      data: concatBytes(Uint8Array.of(12), u64le(5n), Uint8Array.of(decimals)),
    });
    expect(run(machine, ['payer', 'owner'], checked(6)).status).toBe('ok');
    expect(run(machine, ['payer', 'owner'], checked(7)).status).toBe('failed');
  });
});

describe('SPL programs', () => {
  const machine = new TracedLitesvm();
  afterAll(() => machine.close());
  beforeAll(() => prepare(machine));

  it.each(MEMOS.map((memo) => ({ memo, name: encodeBase58(memo) })))('memo $name', ({ memo }) => {
    for (const data of ['', 'gm', 'ä€𝄞', 'x'.repeat(300)])
      run(machine, ['payer'], { program: memo, accounts: [], data: new TextEncoder().encode(data) });
    for (const data of [[0xff], [0x61, 0xc3], [0xe2, 0x28, 0xa1]])
      run(machine, ['payer'], { program: memo, accounts: [], data: Uint8Array.from(data) });
    run(machine, ['payer', 'owner'], {
      program: memo,
      accounts: [signing(OWNER)],
      data: Buffer.from('signed'),
    });
    run(machine, ['payer'], { program: memo, accounts: [readonly(OWNER)], data: Buffer.from('unsigned') });
  });

  it('associated token accounts, with the programs that they call', () => {
    const associated = (wallet: Uint8Array) => {
      for (let bump = 255; ; bump--) {
        const found = createProgramAddress([wallet, TOKEN, MINT, Uint8Array.of(bump)], ATA);
        if (typeof found !== 'string') return found;
      }
    };
    const create = (tag: number[], wallet: Uint8Array, account = associated(wallet)): Instruction => ({
      program: ATA,
      accounts: [
        payer(address('payer')),
        writable(account),
        readonly(wallet),
        readonly(MINT),
        readonly(SYSTEM),
        readonly(TOKEN),
      ],
      data: Uint8Array.from(tag),
    });
    const created = run(machine, ['payer'], create([], OWNER));
    expect(created.status).toBe('ok');
    expect(created.executions.length).toBe(4);
    expect(run(machine, ['payer'], create([0], OWNER)).status).toBe('failed');
    expect(run(machine, ['payer'], create([1], OWNER)).status).toBe('ok');
    expect(run(machine, ['payer'], create([1], OTHER)).status).toBe('ok');
    expect(run(machine, ['payer'], create([0], address('third'), associated(OTHER))).status).toBe('failed');
    // Somebody has sent lamports there before.
    machine.set(associated(address('third')), systemAccount(SOL));
    expect(run(machine, ['payer'], create([0], address('third'))).status).toBe('ok');
    const transfer = tokenTransfer(address('a'), associated(OTHER), OWNER, 5n);
    expect(run(machine, ['payer', 'owner'], create([1], OTHER), transfer).status).toBe('ok');
  });
});
