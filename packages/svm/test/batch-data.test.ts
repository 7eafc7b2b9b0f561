import './fixed-seed.js';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BatchDataError,
  blocksOf,
  chainDataHash,
  decodeBatchData,
  encodeBatchData,
  encodeMessage,
} from '../src/index.js';
import { transferMessage } from './wire.js';
import { transferArbitrary } from './workload.js';

const messageArbitrary = transferArbitrary.map((parts) => encodeMessage(transferMessage(parts)));
const blocksArbitrary = fc.array(fc.array(messageArbitrary, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});

describe('batch data', () => {
  it('round-trips blocks of messages', () => {
    fc.assert(
      fc.property(blocksArbitrary, (blocks) => {
        const decoded = blocksOf(decodeBatchData(encodeBatchData(blocks)));
        expect(decoded.map((block) => block.map(({ messageBytes }) => messageBytes))).toEqual(blocks);
      }),
    );
  });

  it('has a header of two bytes, whose first bit ends a block', () => {
    const message = encodeMessage(transferMessage({ from: 'a', to: 'b', lamports: 1n }));
    const data = encodeBatchData([[message, message], [], [message]]);
    const size = message.length + 2;
    expect(data).toHaveLength(3 * size);
    const headers = [0, size, 2 * size].map((at) => (data[at]! << 8) | data[at + 1]!);
    expect(headers).toEqual([message.length, 0x8000 | message.length, 0x8000 | message.length]);
  });

  it('refuses what is not whole blocks of messages', () => {
    const message = encodeMessage(transferMessage({ from: 'a', to: 'b', lamports: 1n }));
    const data = encodeBatchData([[message], [message]]);
    for (let length = 0; length < data.length; length++)
      if (length !== data.length / 2)
        expect(() => decodeBatchData(data.subarray(0, length))).toThrow(BatchDataError);
    const unended = data.slice();
    unended[data.length / 2]! &= 0x7f;
    expect(() => decodeBatchData(unended)).toThrow(/last block does not end/);
    expect(() => decodeBatchData(Uint8Array.of(0x80, 0))).toThrow(/transaction 0 does not decode/);
    expect(() => encodeBatchData([[new Uint8Array()]])).toThrow(BatchDataError);
    expect(() => encodeBatchData([[new Uint8Array(0x8000)]])).toThrow(BatchDataError);
  });
});

describe('chainDataHash', () => {
  it('is sha256 of the previous hash and the data, without its first byte', () => {
    const digest = createHash('sha256').update(Buffer.alloc(32)).update('data').digest('hex');
    const first = chainDataHash(0n, Buffer.from('data'));
    expect(first.toString(16).padStart(62, '0')).toBe(digest.slice(2));
    const previous = Buffer.from(`00${digest.slice(2)}`, 'hex');
    const second = createHash('sha256').update(previous).update('more').digest('hex');
    expect(chainDataHash(first, Buffer.from('more')).toString(16).padStart(62, '0')).toBe(second.slice(2));
  });
});
