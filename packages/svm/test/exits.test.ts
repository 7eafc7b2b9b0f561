import './fixed-seed.js';
import { hashFields, initHashing } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  batchExitRoot,
  type Exit,
  exitAddress,
  exitPath,
  exitsOf,
  isExitAddress,
  sequenceExitRoot,
  systemAccount,
} from '../src/index.js';

beforeAll(initHashing);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const exits = fc.array(
  fc.record({ recipient: bytes(20), lamports: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }) }),
  { maxLength: 4 },
);
/** What the contract computes, from its documentation. */
function climb({ recipient, lamports }: Exit, { bits, siblings }: ReturnType<typeof exitPath>): bigint {
  const number = BigInt(`0x${Buffer.from(recipient).reverse().toString('hex')}`);
  return siblings.reduce(
    (node, beside, level) =>
      (bits >> BigInt(level)) & 1n ? hashFields([11n, beside, node]) : hashFields([11n, node, beside]),
    hashFields([10n, number, lamports]),
  );
}

describe('exits', () => {
  it('each have a path to the root of their sequence, and each another one', () => {
    fc.assert(
      fc.property(fc.array(exits, { minLength: 1, maxLength: 7 }), (batches) => {
        const root = sequenceExitRoot(batches);
        const places = new Set<string>();
        batches.forEach((batch, i) => {
          batch.forEach((exit, j) => {
            const path = exitPath(batches, i, j);
            expect(climb(exit, path)).toBe(root);
            places.add(`${path.siblings.length} ${path.bits}`);
          });
        });
        expect(places.size).toBe(batches.flat().length);
        if (batches.every((batch) => batch.length === 0)) expect(root).toBe(0n);
      }),
      { numRuns: 50 },
    );
  });

  it('are under one root in one batch, in the tree that its proof makes', () => {
    const exit = { recipient: new Uint8Array(20).fill(1), lamports: 5n };
    const leaf = hashFields([10n, BigInt(`0x${'01'.repeat(20)}`), 5n]);
    const root = hashFields([11n, hashFields([11n, leaf, 0n]), 0n]);
    expect(batchExitRoot([exit])).toBe(root);
    expect(batchExitRoot([])).toBe(0n);
    expect(sequenceExitRoot([[exit]])).toBe(root);
    expect(sequenceExitRoot([[], [exit], []])).toBe(hashFields([11n, hashFields([11n, 0n, root]), 0n]));
  });

  it('are the accounts at exit addresses that hold something', () => {
    const recipient = Uint8Array.from({ length: 20 }, (_, i) => i);
    const address = exitAddress(recipient);
    expect(Buffer.from(address).toString('latin1').slice(0, 12)).toBe('polyproof:l1');
    expect(isExitAddress(address)).toBe(true);
    for (let i = 0; i < 12; i++) {
      const other = address.slice();
      other[i]! ^= 1;
      expect(isExitAddress(other)).toBe(false);
    }
    expect(exitsOf([[address, systemAccount(7n)]])).toEqual([{ recipient, lamports: 7n }]);
    expect(
      exitsOf([
        [address, null],
        [new Uint8Array(32), systemAccount(7n)],
      ]),
    ).toEqual([]);
    expect(() => exitAddress(new Uint8Array(32))).toThrow(/has 20 bytes, not 32/);
  });
});
