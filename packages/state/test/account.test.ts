import './fixed-seed.js';
import { bytesToBigInt } from '@polyproof/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Account, accountKey, accountValue } from '../src/account.js';
import { decodeAccount, encodeAccount } from '../src/account-codec.js';
import { AccountError } from '../src/errors.js';
import { hashFields, initHashing } from '../src/hashing.js';

beforeAll(initHashing);

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const accounts: fc.Arbitrary<Account> = fc.record({
  lamports: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
  data: fc.uint8Array({ maxLength: 100 }),
  owner: bytes32,
  executable: fc.boolean(),
  rentEpoch: u64,
});
const sample: Account = {
  lamports: 5n,
  data: Uint8Array.from({ length: 40 }, (_, i) => i),
  owner: new Uint8Array(32).fill(9),
  executable: true,
  rentEpoch: 7n,
};

describe('accountKey and accountValue', () => {
  it('follow the written format', () => {
    const address = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    const number = (bytes: Uint8Array) => bytesToBigInt(bytes.slice().reverse());
    const [high, low] = [number(address.subarray(16)), number(address.subarray(0, 16))];
    expect(accountKey(address)).toBe(hashFields([3n, high, low]));

    const owner = Uint8Array.from({ length: 32 }, (_, i) => 100 + i);
    const dataHash = hashFields([
      4n,
      40n,
      number(sample.data.subarray(0, 24)),
      number(sample.data.subarray(24)),
    ]);
    const meta = 5n + (7n << 64n) + (40n << 128n) + (1n << 192n) + (131n << 200n) + (8n << 208n);
    const ownerField = number(owner.subarray(0, 31));
    expect(accountValue({ ...sample, owner })).toBe(hashFields([meta, ownerField, dataHash]));
    const plain = { ...sample, owner, data: new Uint8Array(0), executable: false };
    const plainMeta = 5n + (7n << 64n) + (131n << 200n) + (8n << 208n);
    expect(accountValue(plain)).toBe(hashFields([plainMeta, ownerField, 0n]));
  });

  it('depends on every field', () => {
    const variants: Account[] = [
      sample,
      { ...sample, lamports: 6n },
      { ...sample, rentEpoch: 8n },
      { ...sample, executable: false },
      { ...sample, owner: new Uint8Array(32).fill(8) },
      { ...sample, owner: new Uint8Array(32).fill(9, 0, 31).fill(8, 31) },
      { ...sample, data: sample.data.slice(1) },
      { ...sample, data: Uint8Array.of(...sample.data, 0) },
    ];
    expect(new Set(variants.map(accountValue)).size).toBe(variants.length);
  });

  it('refuse values out of range', () => {
    const wrong: Partial<Account>[] = [
      { lamports: 0n },
      { lamports: 1n << 64n },
      { rentEpoch: -1n },
      { rentEpoch: 1n << 64n },
      { owner: new Uint8Array(31) },
    ];
    for (const part of wrong) {
      expect(() => accountValue({ ...sample, ...part })).toThrow(AccountError);
      expect(() => encodeAccount({ ...sample, ...part })).toThrow(AccountError);
    }
    expect(() => accountKey(new Uint8Array(33))).toThrow(AccountError);
  });
});

describe('account codec', () => {
  it('round-trips', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        expect(decodeAccount(encodeAccount(account))).toEqual(account);
      }),
    );
  });

  it('copies what it decodes, also out of a Buffer', () => {
    const buffer = Buffer.from(encodeAccount(sample));
    const account = decodeAccount(buffer);
    buffer.fill(0);
    expect(account).toEqual(sample);
  });

  it('refuses bytes that do not encode an account', () => {
    const bytes = encodeAccount(sample);
    expect(() => decodeAccount(bytes.subarray(0, 48))).toThrow(AccountError);
    const badFlag = bytes.slice();
    badFlag[48] = 2;
    expect(() => decodeAccount(badFlag)).toThrow(AccountError);
    expect(() => decodeAccount(bytes.slice().fill(0, 0, 8))).toThrow(AccountError);
  });
});
