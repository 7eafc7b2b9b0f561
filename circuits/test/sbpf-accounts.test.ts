import { fieldToHex } from '@polyproof/base';
import { type Account, accountKey, accountValue, initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountInputs, layAccounts } from '../../packages/svm/src/zkvm/account-cells.js';
import { named } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { testExecutor } from './sbpf-circuit.js';

const CAPACITY = { accounts: 6, rows: 16 };
const CELLS = 256;

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor('sbpf_accounts');
}, 300_000);

interface Inputs {
  shapes: Record<string, string | boolean>[];
  rows: { account: string; first: boolean }[];
  cells: string[];
  keys: string[];
  values: string[];
}

function inputsOf(sizes: readonly number[]): Inputs {
  const accounts = sizes.map((bytes, index) => {
    const account: Account = {
      lamports: BigInt(1_000_000 + index),
      data: Uint8Array.from({ length: bytes }, (_, i) => (7 * i + index + 1) & 255),
      owner: named(`owner ${index}`),
      executable: index === 2,
      rentEpoch: 0xffffffffffffffffn,
    };
    return { address: named(`account ${index}`), account };
  });
  const laid = layAccounts(accounts);
  const inputs = accountInputs(laid, CAPACITY) as unknown as Inputs;
  const cells = [...laid.cells, ...Array.from({ length: CELLS - laid.cells.length }, () => 0n)];
  // Unused places of the table are in the cells behind the accounts, which are zero.
  const none: Account = {
    lamports: 1n,
    data: new Uint8Array(),
    owner: new Uint8Array(32),
    executable: false,
    rentEpoch: 0xffffffffffffffffn,
  };
  while (accounts.length < CAPACITY.accounts) {
    const cell = laid.cells.length + 10 * (accounts.length - sizes.length);
    cells[cell + 8] = 1n;
    accounts.push({ address: new Uint8Array(32), account: none });
  }
  return {
    ...inputs,
    cells: cells.map(String),
    keys: accounts.map(({ address }) => fieldToHex(accountKey(address))),
    values: accounts.map(({ account }) => fieldToHex(accountValue(account))),
  };
}

describe('accounts in cells have the keys and values of the state tree', () => {
  for (const sizes of [
    [0],
    [1],
    [8, 23, 24, 25],
    [165, 82, 0, 165],
    [0, 0, 96, 97, 0, 48],
    [355],
    [120, 119, 0, 121],
  ])
    it(`of ${sizes.join(', ')} bytes`, () =>
      expect(execute(inputsOf(sizes)).then(() => 'accepted')).resolves.toBe('accepted'));
});

describe('refuses', () => {
  const more = (value: string) => `0x${(BigInt(value) + 1n).toString(16)}`;
  const less = (value: string) => `0x${(BigInt(value) - 1n).toString(16)}`;
  const refused = async (change: (inputs: Inputs) => void, reason = /./) => {
    const inputs = inputsOf([165, 82, 0, 165]);
    change(inputs);
    await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(reason);
  };

  for (const cell of [0, 5, 8, 9, 10, 20, 30])
    it(`another word in cell ${cell}`, () =>
      refused((inputs) => {
        inputs.cells[cell] = more(inputs.cells[cell]!);
      }));

  for (const column of ['rows', 'rows_before', 'chunks_before'])
    for (const [what, change] of [
      ['more', more],
      ['fewer', less],
    ] as const)
      it(`${what} ${column}`, () =>
        refused((inputs) => {
          const shape = inputs.shapes[1]!;
          shape[column] = change(shape[column] as string);
        }));

  it('another flag', () =>
    refused((inputs) => {
      inputs.shapes[0]!.executable = true;
    }, /value of an account/));

  it('an account without lamports that has something', async () => {
    for (const [bytes, reason] of [
      [0, /an account without lamports has an owner/],
      [8, /an account without lamports has contents/],
    ] as const) {
      const inputs = inputsOf([bytes]);
      inputs.cells[8] = '0';
      // the last byte of the owner, which is no part of the others
      inputs.cells[7] = String(BigInt(inputs.cells[7]!) % (1n << 56n));
      await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(reason);
    }
  });

  it('rows of another account', () =>
    refused((inputs) => {
      inputs.rows[3]!.account = '0';
    }, /first row is not where it should be/));

  it('an account without its first row', () =>
    refused((inputs) => {
      inputs.rows[3]!.first = false;
    }, /data is not hashed|value of an account/));

  it('a first row in the middle of an account', () =>
    refused((inputs) => {
      inputs.rows[1] = { account: '0', first: true };
    }, /first row is not where it should be/));
});
