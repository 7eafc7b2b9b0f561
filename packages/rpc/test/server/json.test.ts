import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from '../../src/index.js';

describe('JSON with exact integers', () => {
  it('writes and reads u64 values digit by digit', () => {
    const value = {
      rentEpoch: 18446744073709551615n,
      small: 5,
      list: [9007199254740993n, -9007199254740993n],
    };
    const text = '{"rentEpoch":18446744073709551615,"small":5,"list":[9007199254740993,-9007199254740993]}';
    expect(stringifyJson(value)).toBe(text);
    expect(parseJson(text)).toEqual(value);
  });

  it('leaves numbers inside strings, fractions and exponents alone', () => {
    const text =
      '{"a":"12345678901234567890 \\"12345678901234567890\\"","b":1.5e300,"c":0.12345678901234567}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('leaves out undefined members, as JSON.stringify does', () => {
    expect(stringifyJson({ a: undefined, b: [undefined, null] })).toBe('{"b":[null,null]}');
  });

  it('keeps what looks like a prototype an own member', () => {
    const value = parseJson(
      '{"__proto__":18446744073709551615,"a":{"__proto__":{"b":18446744073709551614}}}',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(stringifyJson(value)).toBe(
      '{"__proto__":18446744073709551615,"a":{"__proto__":{"b":18446744073709551614}}}',
    );
  });

  it('reads a long text of one string or of many numbers', () => {
    const text = `["${'x\\"'.repeat(300_000)}",${'1234567890123456789,'.repeat(30_000)}1]`;
    const value = parseJson(text) as unknown[];
    expect(value).toHaveLength(30_002);
    expect(value[1]).toBe(1234567890123456789n);
  });

  it('refuses what JSON.parse refuses', () => {
    for (const text of ['', '{', '[1,]', '01234567890123456789', "{'a':1}"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('agrees with JSON for every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(stringifyJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        const text = JSON.stringify(value);
        expect(JSON.parse(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('carries every bigint through', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (n) => {
        expect(BigInt(parseJson(stringifyJson(n)) as number | bigint)).toBe(n);
      }),
    );
  });
});
