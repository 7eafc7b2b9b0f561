import './fixed-seed.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  errorMessage,
  fromSerializedError,
  InvariantError,
  PolyproofError,
  serializeError,
} from '../src/index.js';

class LostError extends PolyproofError<'LOST' | 'STOLEN'> {}

describe('PolyproofError', () => {
  it('is named after its class and keeps its cause', () => {
    const cause = new Error('below');
    const error = new LostError('LOST', 'it is lost.', { at: 3n }, { cause });
    expect(error).toMatchObject({ name: 'LostError', code: 'LOST', details: { at: 3n }, cause });
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('LostError: it is lost.');
  });

  it('makes bigint and bytes strings when it leaves the process, at any depth', () => {
    const details = {
      big: 1n << 70n,
      bytes: Uint8Array.of(1, 255),
      buffer: Buffer.from('ab', 'hex'),
      list: [2n, { deep: Uint8Array.of(7) }],
      none: undefined,
      nothing: null,
    };
    expect(new LostError('LOST', 'm', details).toObject()).toEqual({
      name: 'LostError',
      code: 'LOST',
      message: 'm',
      details: {
        big: '1180591620717411303424',
        bytes: '01ff',
        buffer: 'ab',
        list: ['2', { deep: '07' }],
        nothing: null,
      },
    });
  });

  it('survives the way to another process and back', () => {
    const details = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    const code = fc.constantFrom('LOST' as const, 'STOLEN' as const);
    fc.assert(
      fc.property(code, fc.string(), details, (code, message, details) => {
        const sent = new LostError(code, message, details).toObject();
        expect(structuredClone(sent)).toEqual(sent);
        const received = fromSerializedError(JSON.parse(JSON.stringify(sent)));
        expect(received).toBeInstanceOf(PolyproofError);
        expect(received.toObject()).toEqual(sent);
      }),
    );
  });
});

describe('InvariantError', () => {
  it('asks for a report', () => {
    expect(new InvariantError('a batch is missing', { batch: 2n })).toMatchObject({
      name: 'InvariantError',
      code: 'INVARIANT',
      message: 'a batch is missing. This is a defect in Polyproof: please report it.',
      details: { batch: 2n },
    });
  });
});

describe('what is thrown by others', () => {
  it('is serialised as unexpected', () => {
    const serialized = (error: unknown) => serializeError(error);
    expect(serialized(new LostError('LOST', 'm'))).toMatchObject({ name: 'LostError', code: 'LOST' });
    expect(serialized(new RangeError('r'))).toEqual({
      name: 'RangeError',
      code: 'UNEXPECTED',
      message: 'r',
      details: {},
    });
    expect(serialized('text')).toEqual({ name: 'Error', code: 'UNEXPECTED', message: 'text', details: {} });
  });

  it('has a message', () => {
    expect([new Error('e'), 'text', undefined, 7].map(errorMessage)).toEqual(['e', 'text', 'undefined', '7']);
  });
});
