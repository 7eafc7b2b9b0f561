import './fixed-seed.js';
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Base58Error, decodeBase58, encodeBase58 } from '../src/base58.js';

const kitEncode = (bytes: Uint8Array) => getBase58Decoder().decode(bytes);
const kitDecode = (text: string) => Uint8Array.from(getBase58Encoder().encode(text));

/** Random bytes, many of them 0 or 255, where carries are. */
const byte = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 255 }), weight: 2 }, fc.constantFrom(0, 255));
const bytes = (constraints: fc.ArrayConstraints) =>
  fc.array(byte, constraints).map((list) => Uint8Array.from(list));

describe('base 58', () => {
  it.each([
    ['addresses', { minLength: 32, maxLength: 32 }],
    ['signatures', { minLength: 64, maxLength: 64 }],
    ['anything', { maxLength: 200 }],
  ])('encodes and decodes %s as kit does', (_, constraints) => {
    fc.assert(
      fc.property(bytes(constraints), (input) => {
        const text = encodeBase58(input);
        expect(text).toBe(kitEncode(input));
        expect(decodeBase58(text)).toEqual(input);
      }),
      { numRuns: 500 },
    );
  });

  it('decodes any text of the alphabet as kit does', () => {
    const character = fc.constantFrom(
      ...'123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
      '1',
      'z',
    );
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 120 }), (text) => {
        expect(decodeBase58(text)).toEqual(kitDecode(text));
        expect(encodeBase58(decodeBase58(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('takes long inputs', () => {
    const long = new Uint8Array(5_000).fill(255);
    expect(decodeBase58(encodeBase58(long))).toEqual(long);
    expect(encodeBase58(new Uint8Array(3_000))).toBe('1'.repeat(3_000));
  });

  it('refuses other characters', () => {
    for (const text of ['0', 'O', 'I', 'l', ' ', '1é', 'ab\u{1f600}', 'abc=', 'a\0'])
      expect(() => decodeBase58(text)).toThrow(Base58Error);
  });
});
