import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineCodecError } from '../../src/runtime/engine/engine-codec-error.js';
import { decodeMeta, encodeMeta } from '../../src/runtime/engine/meta-codec.js';
import type { TransactionMeta } from '../../src/runtime/types.js';
import '../fixed-seed.js';

const bytes = (length?: number) =>
  fc
    .uint8Array(length === undefined ? { maxLength: 40 } : { minLength: length, maxLength: length })
    .map((value) => Buffer.from(value));
const u8 = fc.nat(255);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const addresses = fc.array(bytes(32), { minLength: 3, maxLength: 3 });
const tokenBalance = addresses.chain((table) =>
  fc.record({
    accountIndex: u8,
    mint: fc.constantFrom(...table),
    owner: fc.constantFrom(...table),
    programId: fc.constantFrom(...table),
    amount: u64,
    decimals: u8,
  }),
);
const meta = fc
  .record({
    logs: fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 5 }),
    innerInstructions: fc.array(
      fc.record({
        index: u8,
        instructions: fc.array(
          fc.record({ programIdIndex: u8, stackHeight: u8, accountIndexes: bytes(), data: bytes() }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 3 },
    ),
    returnData: fc.option(fc.record({ programId: bytes(32), data: bytes() }), { nil: undefined }),
    balances: fc.array(fc.tuple(u64, u64), { maxLength: 6 }),
    preTokenBalances: fc.array(tokenBalance, { maxLength: 4 }),
    postTokenBalances: fc.array(tokenBalance, { maxLength: 4 }),
    loadedAddresses: fc.record({
      writable: fc.array(bytes(32), { maxLength: 2 }),
      readonly: fc.array(bytes(32), { maxLength: 2 }),
    }),
  })
  .map(
    ({ balances, returnData, ...rest }): TransactionMeta => ({
      ...rest,
      ...(returnData === undefined ? {} : { returnData }),
      preBalances: balances.map(([pre]) => pre),
      postBalances: balances.map(([, post]) => post),
    }),
  );

describe('metadata of transactions as bytes', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(meta, (value) => {
        expect(decodeMeta(encodeMeta(value))).toEqual(value);
      }),
    );
  });

  it('is read from nothing shorter or longer', () => {
    fc.assert(
      fc.property(meta, fc.nat(), (value, cut) => {
        const encoded = encodeMeta(value);
        expect(() => decodeMeta(encoded.subarray(0, cut % encoded.length))).toThrow(EngineCodecError);
        expect(() => decodeMeta(Buffer.concat([encoded, Buffer.of(0)]))).toThrow(EngineCodecError);
      }),
    );
  });

  it('has one encoding: other bytes are refused or mean something else', () => {
    fc.assert(
      fc.property(meta, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const encoded = Uint8Array.from(encodeMeta(value));
        encoded[at % encoded.length]! ^= change;
        let decoded: TransactionMeta;
        try {
          decoded = decodeMeta(encoded);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineCodecError);
          return;
        }
        expect(decoded).not.toEqual(value);
      }),
    );
  });
});
