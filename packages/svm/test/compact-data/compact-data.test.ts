import '../fixed-seed.js';
import { toHex } from '@polyproof/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCompactData } from '../../src/compact-data/decode.js';
import { compactSize, encodeCompactData } from '../../src/compact-data/encode.js';
import { CompactDataError } from '../../src/compact-data/errors.js';
import { tabulate } from '../../src/compact-data/tabulate.js';
import { blocksOf, encodeBatchData, encodeMessage } from '../../src/index.js';
import {
  blocksArbitrary,
  callMessage,
  messageArbitrary,
  systemTransfer,
  tokenTransfer,
  value,
} from './messages.js';

const blocksIn = (bytes: Uint8Array) =>
  blocksOf(decodeCompactData(bytes)).map((block) => block.map(({ messageBytes }) => messageBytes));

/** Refused, or the only encoding of what it says. */
function refusedOrCanonical(bytes: Uint8Array): void {
  let blocks: Uint8Array[][];
  try {
    blocks = blocksIn(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(CompactDataError);
    return;
  }
  expect(toHex(encodeCompactData(blocks))).toBe(toHex(bytes));
}

describe('compact batch data', () => {
  it('round-trips blocks of messages', () => {
    fc.assert(
      fc.property(blocksArbitrary, (blocks) => {
        expect(blocksIn(encodeCompactData(blocks))).toEqual(blocks);
      }),
    );
  });

  it('round-trips numbers of two bytes', () => {
    const keys = Array.from({ length: 40 }, (_, i) => value(i));
    const message = (data: number, accounts: number, first: number) =>
      encodeMessage(
        callMessage(
          keys.map((_, i) => value(first + i)),
          Array.from({ length: accounts }, (_, i) => i % 40),
          new Uint8Array(data).fill(7),
          value(first + 41),
        ),
      );
    const blocks = [
      [message(223, 224, 0), message(224, 223, 100)],
      Array.from({ length: 8 }, (_, i) => message(479 + i, 480, 41 * i)),
    ];
    expect(blocksIn(encodeCompactData(blocks))).toEqual(blocks);
  });

  it('of random bytes is refused or canonical', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), refusedOrCanonical), { numRuns: 2000 });
    const short = fc.uint8Array({ max: 4, maxLength: 60 });
    const header = fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 2 }));
    fc.assert(
      fc.property(
        header,
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        short,
        ([values, count], bytes, rest) =>
          refusedOrCanonical(Uint8Array.of(0, values, 0, count, ...bytes.subarray(0, 32 * values), ...rest)),
      ),
      { numRuns: 5000 },
    );
  });

  it('with a changed, missing or additional byte is refused or canonical', () => {
    fc.assert(
      fc.property(blocksArbitrary, fc.nat(), fc.nat(255), fc.nat(2), (blocks, place, byte, how) => {
        const bytes = [...encodeCompactData(blocks)];
        // Most bytes are those of values, where little can be wrong.
        const start = how === 0 || place % 8 === 0 ? 0 : 4 + 32 * tabulate(blocks).values.length;
        const at = start + (place % (bytes.length - start));
        if (how === 0) bytes.splice(at, 1);
        else if (how === 1) bytes.splice(at, 0, byte);
        else bytes[at] = byte;
        refusedOrCanonical(Uint8Array.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('is what it was', () => {
    const bytes = encodeCompactData([[systemTransfer(0, 1)], [systemTransfer(1, 0), systemTransfer(0, 2)]]);
    const values = [value(0), value(1), new Uint8Array(32), value(2000), value(2)].map((v) =>
      toHex(v).slice(2),
    );
    expect(toHex(bytes)).toBe(
      `0x00050003${values.join('')}${'c3000101'}${'43000101'}${'c3000101'}00010203${'01000203'}00040203${'02020c'.repeat(3)}${'0001'.repeat(3)}${'0200000040420f0000000000'.repeat(3)}`,
    );
  });

  it('takes so many bytes a transfer', () => {
    const sizes = (message: (number: number) => Uint8Array) => {
      const [one, two] = [1, 2].map((count) =>
        compactSize(tabulate([Array.from({ length: count }, (_, i) => message(i))])),
      );
      return { before: encodeBatchData([[message(0)]]).length, first: one, more: two!.rest - one!.rest };
    };
    expect(sizes(() => systemTransfer(0, 1))).toEqual({
      before: 154,
      first: { values: 128, rest: 25 },
      more: 25,
    });
    expect(sizes(() => tokenTransfer(0, 1, 2))).toEqual({
      before: 184,
      first: { values: 160, rest: 24 },
      more: 24,
    });
    expect(sizes((i) => tokenTransfer(3 * i, 3 * i + 1, 3 * i + 2)).more).toBe(24);
  });
});

it('no messages take four bytes', () => {
  for (const none of [[], [[]]]) expect(toHex(encodeCompactData(none))).toBe('0x00000000');
  expect(decodeCompactData(new Uint8Array(4))).toEqual([]);
});

describe('compact batch data refuses', () => {
  const message = systemTransfer(0, 1);
  const bytes = encodeCompactData([[message], [message]]);
  const values = 4 * 32;
  const [heads, keys, instructions] = [4 + values, 12 + values, 20 + values];
  const refused = (change: (bytes: number[]) => void, reason: RegExp) => {
    const changed = [...bytes];
    change(changed);
    expect(() => decodeCompactData(Uint8Array.from(changed))).toThrow(reason);
  };

  for (const [what, reason, change] of [
    ['bytes left over', /1 bytes are left over/, (b) => b.push(0)],
    ['values without a transaction', /value 0 is not used/, (b) => b.splice(3, 1, 0)],
    ['a value twice', /at byte 36, \w+ is there twice/, (b) => b.splice(36, 32, ...b.slice(4, 36))],
    ['a value that is not used', /value 3 is not used/, (b) => b.splice(keys + 3, 5, 2, 0, 1, 2, 2)],
    ['a value that is not there', /value 4 of 4 is named/, (b) => b.splice(keys + 4, 1, 4)],
    ['values out of order', /at byte 140, value 1 is named before value 0/, (b) => b.splice(keys, 2, 1, 0)],
    [
      'a transaction without keys',
      /at byte 132, a transaction has no account key/,
      (b) => b.splice(heads, 1, 0),
    ],
    ['a read-only fee payer', /transaction 0 is no message .*fee payer/, (b) => b.splice(heads + 1, 1, 1)],
    [
      'the fee payer as program',
      /transaction 0 is no message .*fee payer/,
      (b) => b.splice(instructions, 1, 0),
    ],
    ['a key twice', /transaction 1 is no message .*twice/, (b) => b.splice(keys + 5, 1, 0)],
    ['a block that does not end', /the last block does not end/, (b) => b.splice(heads + 4, 1, 0x43)],
  ] as [string, RegExp, (bytes: number[]) => void][])
    it(what, () => refused(change, reason));

  it('bytes that end early', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeCompactData(bytes.subarray(0, length))).toThrow(/they end in/);
  });

  it('messages that it cannot hold', () => {
    const many = Array.from({ length: 64 }, (_, i) => value(i));
    const message = callMessage(many, [], new Uint8Array(), value(100));
    const signed = structuredClone({ ...message, accountKeys: many.slice(0, 30) });
    signed.header.numRequiredSignatures = 17;
    signed.instructions = [];
    const lookups = structuredClone({
      ...signed,
      addressTableLookups: [] as typeof message.addressTableLookups,
    });
    lookups.header.numRequiredSignatures = 1;
    lookups.addressTableLookups.push({
      accountKey: value(1),
      writableIndexes: Uint8Array.of(1),
      readonlyIndexes: new Uint8Array(),
    });
    const long = callMessage(many.slice(0, 2), [], new Uint8Array(8416), value(100));
    for (const [wrong, reason] of [
      [message, /transaction 0: it has 64 account keys, at most 63/],
      [signed, /17 signers, at most 16/],
      [lookups, /lookup tables/],
      [long, /8416 bytes of instruction data, at most 8415/],
    ] as const)
      expect(() => encodeCompactData([[encodeMessage(wrong)]])).toThrow(reason);
    expect(() => encodeCompactData([[Uint8Array.of(1, 2)]])).toThrow(/cannot hold transaction 0/);
    fc.assert(fc.property(messageArbitrary(), (m) => void encodeCompactData([[encodeMessage(m)]])));
  });
});
