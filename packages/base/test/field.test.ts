import './fixed-seed.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bigIntToBytes,
  bytesToBigInt,
  concatBytes,
  FIELD_MODULUS,
  fieldFromBytes,
  fieldFromHex,
  fieldToBytes,
  fieldToHex,
  sha256Field,
  splitBytes32,
  toField,
} from '../src/index.js';

const field = fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n });
const refusal = expect.objectContaining({ name: 'FieldError', code: 'NOT_A_FIELD_ELEMENT' });

describe('a field element', () => {
  it('survives bytes and hex', () => {
    fc.assert(
      fc.property(field, (value) => {
        expect(fieldToBytes(value)).toHaveLength(32);
        expect(fieldFromBytes(fieldToBytes(value))).toBe(value);
        expect(fieldToHex(value)).toMatch(/^0x[0-9a-f]{64}$/);
        expect(fieldFromHex(fieldToHex(value))).toBe(value);
        expect(fieldFromHex(value.toString())).toBe(value);
      }),
    );
  });

  it('is below the modulus', () => {
    expect(toField(FIELD_MODULUS - 1n)).toBe(FIELD_MODULUS - 1n);
    for (const value of [FIELD_MODULUS, -1n, 1n << 256n]) {
      expect(() => toField(value)).toThrow(refusal);
      expect(() => fieldToBytes(value)).toThrow(refusal);
      expect(() => fieldToHex(value)).toThrow(refusal);
    }
    expect(() => fieldFromBytes(bigIntToBytes(FIELD_MODULUS, 32))).toThrow(refusal);
    expect(() => fieldFromHex(`0x${FIELD_MODULUS.toString(16)}`)).toThrow(refusal);
  });

  it('is written in digits', () => {
    for (const text of ['', '0x', '-1', '0xzz', 'ff', ' 1', '1n', 'undefined'])
      expect(() => fieldFromHex(text)).toThrow(refusal);
  });
});

describe('sha256Field', () => {
  it('is SHA-256 without its most significant byte', () => {
    // printf abc | sha256sum: ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad
    expect(fieldToHex(sha256Field(Buffer.from('abc')))).toBe(
      '0x007816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('takes its parts as one string', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (parts) => {
        expect(sha256Field(...parts)).toBe(sha256Field(concatBytes(...parts)));
      }),
    );
  });
});

describe('splitBytes32', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const [high, low] = splitBytes32(bytes);
        expect((high << 128n) | low).toBe(bytesToBigInt(bytes.slice().reverse()));
        expect(high < 1n << 128n && low < 1n << 128n).toBe(true);
      }),
    );
  });
});
