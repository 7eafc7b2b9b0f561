import './fixed-seed.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigIntToBytes,
  bytesToBigInt,
  concatBytes,
  equalBytes,
  fromHex,
  toHex,
  u16be,
  u64le,
} from '../src/index.js';

const bytes = fc.uint8Array({ maxLength: 64 });

describe('hex', () => {
  it('gives the bytes back, with and without 0x, in either case', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const hex = toHex(value);
        expect(hex).toMatch(/^0x([0-9a-f]{2})*$/);
        expect(fromHex(hex)).toEqual(value);
        expect(fromHex(hex.slice(2).toUpperCase(), value.length)).toEqual(value);
      }),
    );
  });

  it('shows the part that a view covers', () => {
    expect(toHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0x0203');
    expect(toHex(Buffer.from('ff00', 'hex'))).toBe('0xff00');
  });

  it('refuses what is not hex', () => {
    for (const text of ['0x1', 'abc', '0xgg', '0x 1', '1\n', '0x0x00', '0X00'])
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ name: 'BytesError', code: 'BAD_HEX' }));
  });

  it('refuses another length', () => {
    expect(() => fromHex('0x0102', 3)).toThrow(
      expect.objectContaining({ code: 'BAD_LENGTH', message: 'expected 3 bytes of hex, got 2.' }),
    );
  });
});

describe('concatBytes and equalBytes', () => {
  it('put parts together, in order', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect(concatBytes(...parts)).toEqual(Uint8Array.from(parts.flatMap((part) => [...part])));
      }),
    );
  });

  it('agree with what the bytes are', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.boolean(), (a, other, same) => {
        const b = same ? Uint8Array.from(a) : other;
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
      }),
    );
  });
});

describe('integers', () => {
  it('survive big-endian bytes of any sufficient length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.nat(8), (value, extra) => {
        const length = Math.ceil(value.toString(16).length / 2) + extra;
        const encoded = bigIntToBytes(value, length);
        expect(encoded).toHaveLength(length);
        expect(bytesToBigInt(encoded)).toBe(value);
      }),
    );
    expect(bytesToBigInt(new Uint8Array())).toBe(0n);
  });

  it('that do not fit are refused', () => {
    for (const [value, length] of [
      [256n, 1],
      [-1n, 8],
      [1n << 256n, 32],
    ] as const)
      expect(() => bigIntToBytes(value, length)).toThrow(expect.objectContaining({ code: 'BAD_LENGTH' }));
  });

  it('of fixed width have their byte order', () => {
    expect(toHex(u16be(0x0102))).toBe('0x0102');
    expect(toHex(u64le(0x0102n))).toBe('0x0201000000000000');
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
        expect(bytesToBigInt(u64le(value).toReversed())).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.nat(0xffff), (value) => {
        expect(bytesToBigInt(u16be(value))).toBe(BigInt(value));
      }),
    );
  });
});
