import '../../packages/svm/test/fixed-seed.js';
import { createHash } from 'node:crypto';
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { circuitVariant } from './circuit-variant.js';
import { sizeOf, testCircuit } from './sbpf-circuit.js';
import { blocksOf, paddedWords } from './sha512.js';

const CIRCUIT = 'sha512';
const BLOCKS = sizeOf(CIRCUIT, 'BLOCKS');
const MOST_BYTES = 128 * BLOCKS - 17;

let circuit: CompiledCircuit;
beforeAll(async () => {
  circuit = await testCircuit(CIRCUIT);
}, 300_000);

async function digestOf(message: Uint8Array, compiled = circuit): Promise<string> {
  const inputs = { words: paddedWords(message, BLOCKS), blocks: blocksOf(message) };
  const { returnValue } = await new Noir(compiled).execute(inputs as unknown as InputMap);
  return (returnValue as string[]).map((word) => BigInt(word).toString(16).padStart(16, '0')).join('');
}
const sha512 = (message: Uint8Array) => createHash('sha512').update(message).digest('hex');

describe('SHA-512 in the circuit', () => {
  // FIPS 180-2, appendix C.1 and C.2, and the empty message
  it.each([
    [
      '',
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    ],
    [
      'abc',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      '8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909',
    ],
  ])('is that of the standard for "%s"', async (message, expected) => {
    expect(await digestOf(Buffer.from(message))).toBe(expected);
  });

  it.each([7, 8, 111, 112, 127, 128, 239, 240, MOST_BYTES])(
    'is that of OpenSSL for %i bytes, where blocks and words end',
    async (length) => {
      const message = Uint8Array.from({ length }, (_, i) => 255 - (i % 256));
      expect(await digestOf(message)).toBe(sha512(message));
    },
  );

  it('is that of OpenSSL for random messages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: MOST_BYTES, size: 'max' }), async (message) => {
        expect(await digestOf(message)).toBe(sha512(message));
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

describe('a hint that lies is refused', () => {
  const message = Uint8Array.from({ length: 131 }, (_, i) => 3 * i);
  it.each([
    ['low: (value % 0x100000000) as u32', 'low: ((value + 1) % 0x100000000) as u32', /halves|modulo/],
    ['unsafe { divide(sum, 64) }', 'unsafe { divide(sum, 63) }', /./],
    ['unsafe { divide(word, A) }', 'unsafe { divide(word, A + 1) }', /./],
    ['unsafe { divide(rest, B) }', 'unsafe { divide(rest, 0) }', /./],
    ['unsafe { divide(rest, C) }', 'unsafe { divide(rest, C - 1) }', /./],
  ] as const)(
    '%s',
    async (from, to, reason) => {
      const liar = await circuitVariant(CIRCUIT, [{ file: 'lib/src/ed25519/sha512.nr', from, to }]);
      await expect(digestOf(message, liar)).rejects.toThrow(reason);
    },
    120_000,
  );
});
