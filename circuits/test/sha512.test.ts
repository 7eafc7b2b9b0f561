import '../../packages/svm/test/fixed-seed.js';
import { createHash } from 'node:crypto';
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { circuitVariant } from './circuit-variant.js';
import { sizeOf } from './sbpf-circuit.js';
import { blocksOf, paddedWords } from './sha512.js';
import { CircuitWithLies } from './written-lies.js';

const CIRCUIT = 'sha512';
const BLOCKS = sizeOf(CIRCUIT, 'BLOCKS');
const MOST_BYTES = 128 * BLOCKS - 17;

let circuit: CompiledCircuit;
beforeAll(async () => {
  circuit = await circuitVariant(CIRCUIT);
}, 300_000);

const inputsOf = (message: Uint8Array) => ({
  words: paddedWords(message, BLOCKS),
  blocks: blocksOf(message),
});

async function digestOf(message: Uint8Array): Promise<string> {
  const { returnValue } = await new Noir(circuit).execute(inputsOf(message) as unknown as InputMap);
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
  const LIES = [
    ['low: ‹(value % 0x100000000) as u32|((value + 1) % 0x100000000) as u32›', /halves|modulo/],
    ['unsafe { divide(sum, ‹64|63›) }', /./],
    ['unsafe { divide(word, ‹A|A + 1›) }', /./],
    ['unsafe { divide(rest, ‹B|0›) }', /./],
    ['unsafe { divide(rest, ‹C|C - 1›) }', /./],
  ] as const;
  let liar: CircuitWithLies;
  beforeAll(async () => {
    const lies = LIES.map(([says]) => ({ file: 'ed25519/sha512.nr', says }));
    liar = await CircuitWithLies.of(CIRCUIT, lies);
  }, 300_000);
  const told = (lie?: number) => liar.execute(inputsOf(message), lie);

  it('and without a lie accepted', async () => {
    await expect(told()).resolves.toBeDefined();
  }, 60_000);
  it.each(LIES.map(([says, reason], lie) => [says, lie, reason] as const))(
    '%s',
    async (_, lie, reason) => {
      await expect(told(lie)).rejects.toThrow(reason);
    },
    60_000,
  );
});
