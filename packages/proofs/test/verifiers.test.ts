import { readFileSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';
import {
  bigIntToBytes,
  concatBytes,
  equalBytes,
  FIELD_MODULUS,
  fromHex,
  type Hex,
  toHex,
} from '@polyproof/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Groth16Verifier,
  type Groth16VerifyingKey,
  type ProofClaim,
  type ProofVerifier,
  RiscZeroVerifier,
  type RiscZeroVersion,
  Sp1Verifier,
  type Sp1Version,
} from '../src/index.js';
import { BASE_MODULUS } from '../src/srs/points.js';
import { forgeKey, forgeProof } from './groth16-forge.js';

type Vector = Sp1Version & RiscZeroVersion & Record<'programId' | 'publicValues' | 'proof', Hex>;

function read<T>(name: string): T {
  const file = new URL(`../../../contracts/test/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function claimOf({ programId, publicValues, proof }: Vector): ProofClaim {
  return { programId: fromHex(programId), publicValues: fromHex(publicValues), proof: fromHex(proof) };
}

const snarkjs = read<{ key: Groth16VerifyingKey; publicInputs: Hex[]; proof: Hex }>('groth16-snarkjs');
const groth16 = new Groth16Verifier(snarkjs.key);
const SYSTEMS: [string, ProofVerifier, ProofClaim][] = [
  [
    'Groth16 by snarkjs',
    groth16,
    {
      programId: groth16.programId,
      publicValues: concatBytes(...snarkjs.publicInputs.map((input) => fromHex(input, 32))),
      proof: fromHex(snarkjs.proof),
    },
  ],
  ...['sp1-v4', 'sp1-v5', 'sp1-v6'].map((name): [string, ProofVerifier, ProofClaim] => {
    const vector = read<Vector>(name);
    return [name, new Sp1Verifier(vector), claimOf(vector)];
  }),
  ['risc-zero-v5', new RiscZeroVerifier(read('risc-zero-v5')), claimOf(read('risc-zero-v5'))],
];

describe.each(SYSTEMS)('%s', (_, verifier, claim) => {
  it('accepts a real proof', async () => {
    expect(await verifier.verify(claim)).toBe(true);
  });

  it('refuses it with any bit of proof, program or public values changed', async () => {
    const change = fc.record({
      part: fc.constantFrom('proof' as const, 'programId' as const, 'publicValues' as const),
      at: fc.nat(),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ part, at, bit }) => {
        const bytes = claim[part].slice();
        bytes[at % bytes.length]! ^= 1 << bit;
        expect(await verifier.verify({ ...claim, [part]: bytes })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses every other length, and rubbish, without an error', async () => {
    for (const length of [0, 3, 4, claim.proof.length - 1, claim.proof.length + 1, claim.proof.length + 32]) {
      const proof = new Uint8Array(length);
      proof.set(claim.proof.subarray(0, length));
      expect(await verifier.verify({ ...claim, proof })).toBe(false);
    }
    for (const programId of [
      new Uint8Array(0),
      claim.programId.slice(1),
      concatBytes(new Uint8Array(1), claim.programId),
    ])
      expect(await verifier.verify({ ...claim, programId })).toBe(false);
    expect(await verifier.verify({ ...claim, publicValues: claim.publicValues.subarray(1) })).toBe(false);
    expect(await verifier.verify({ ...claim, publicValues: new Uint8Array(0) })).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (proof) => {
        expect(await verifier.verify({ ...claim, proof })).toBe(false);
      }),
    );
  });

  it('refuses a second encoding of the same points', async () => {
    const start = claim.proof.length - 256;
    for (let at = start; at < claim.proof.length; at += 32) {
      const word = claim.proof.subarray(at, at + 32);
      const proof = claim.proof.slice();
      proof.set(bigIntToBytes(BigInt(toHex(word)) + BASE_MODULUS, 32), at);
      expect(await verifier.verify({ ...claim, proof })).toBe(false);
    }
  });
});

describe('Groth16', () => {
  const scalar = fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n });

  it('accepts what was proved and nothing else, for any key and inputs', async () => {
    const instance = fc.record({
      secrets: fc.array(fc.bigInt({ min: 1n, max: FIELD_MODULUS - 1n }), { minLength: 9, maxLength: 9 }),
      inputs: fc.array(fc.oneof(fc.constantFrom(0n, 1n, FIELD_MODULUS - 1n), scalar), { maxLength: 6 }),
      c: fc.oneof(fc.constant(0n), scalar),
    });
    await fc.assert(
      fc.asyncProperty(instance, async ({ secrets, inputs, c }) => {
        const verifier = new Groth16Verifier(forgeKey(secrets, inputs.length));
        const verify = (values: bigint[], proof = forgeProof(secrets, inputs, c)) =>
          verifier.verify({
            programId: verifier.programId,
            publicValues: concatBytes(...values.map((value) => bigIntToBytes(value, 32))),
            proof,
          });
        expect(await verify(inputs)).toBe(true);
        for (const [i, input] of inputs.entries()) {
          expect(await verify(inputs.with(i, (input + 1n) % FIELD_MODULUS))).toBe(false);
          // The same scalar: the equation holds, so only the check of the range refuses it.
          expect(await verify(inputs.with(i, input + FIELD_MODULUS))).toBe(false);
        }
        expect(await verify(inputs, forgeProof(secrets, [...inputs, 1n], c))).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('the id of a key changes with every word of it', () => {
    const key = forgeKey([1n, 2n, 3n], 1);
    expect(new Groth16Verifier(key).programId).toHaveLength(32);
    const other = new Groth16Verifier(forgeKey([1n, 2n, 4n], 1)).programId;
    expect(equalBytes(other, new Groth16Verifier(key).programId)).toBe(false);
  });

  const zeros = (count: number): Hex[] => Array.from({ length: count }, () => toHex(new Uint8Array(32)));
  const outOfSubgroup = () => {
    // x = 1 is on the twist, and like nearly every point of it not in the subgroup.
    const { Fp2 } = bn254.fields;
    const b = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }));
    const y = Fp2.sqrt(Fp2.add(Fp2.ONE, b));
    return [0n, 1n, y.c1, y.c0].map((value) => toHex(bigIntToBytes(value, 32)));
  };
  const key = forgeKey([1n, 2n, 3n], 1);
  const unreduced = key.alpha.map((word) => toHex(bigIntToBytes(BigInt(word) + BASE_MODULUS, 32)));
  it.each<[string, Partial<Groth16VerifyingKey>, RegExp]>([
    ['a point off the curve', { alpha: [key.alpha[0]!, key.alpha[0]!] }, /^alpha .* not a point/],
    ['a point that is not reduced', { alpha: unreduced }, /^alpha .* not a point/],
    ['infinity in G1', { ic: [...key.ic.slice(0, 2), ...zeros(2)] }, /^ic\[1\] .* not a point/],
    ['infinity in G2', { delta: zeros(4) }, /^delta .* not a point/],
    ['a point out of the subgroup', { beta: outOfSubgroup() }, /^beta .* not a point/],
    ['a word too many', { gamma: [...key.gamma, ...zeros(1)] }, /^gamma .* not a point/],
    ['half a point', { ic: key.ic.slice(0, 3) }, /ic .* has 3 words/],
    ['no points for inputs', { ic: [] }, /ic .* has 0 words/],
    ['a setup without a contribution', { delta: key.gamma }, /nobody contributed/],
  ])('refuses a key with %s', (_, change, message) => {
    const construct = () => new Groth16Verifier({ ...key, ...change });
    expect(construct).toThrow(message);
    expect(construct).toThrow(expect.objectContaining({ code: 'BAD_KEY' }));
  });
});

describe('SP1 v6', () => {
  const secrets = [11n, 12n, 13n, 14n, 15n, 16n, 17n];
  const vkRoot = 99n;
  const selector = '0xf0f0f0f0';
  const verifier = new Sp1Verifier({
    key: forgeKey(secrets, 5),
    selector,
    vkRoot: toHex(bigIntToBytes(vkRoot, 32)),
  });

  // The pairing holds for all of them: what refuses is the verifier's own look at the header.
  it.each([
    ['accepts a program that ended well, whatever the nonce', [0n, vkRoot, 1234n], true],
    ['refuses a program that failed', [1n, vkRoot, 0n], false],
    ['refuses another recursion', [0n, vkRoot + 1n, 0n], false],
  ])('%s', async (_, header, expected) => {
    const values = Buffer.from('values');
    const digest = BigInt(toHex(await sha256(values))) & ((1n << 253n) - 1n);
    const proof = concatBytes(
      fromHex(selector),
      ...header.map((word) => bigIntToBytes(word, 32)),
      forgeProof(secrets, [7n, digest, ...header], 5n),
    );
    expect(await verifier.verify({ programId: bigIntToBytes(7n, 32), publicValues: values, proof })).toBe(
      expected,
    );
  });

  it('refuses keys and roots of other versions', () => {
    const root = toHex(bigIntToBytes(vkRoot, 32));
    expect(() => new Sp1Verifier({ key: forgeKey(secrets, 3), selector })).toThrow(
      /2 public inputs .* this one 3/,
    );
    expect(() => new Sp1Verifier({ key: forgeKey(secrets, 2), selector, vkRoot: root })).toThrow(
      /belongs to SP1 v6/,
    );
    expect(() => new Sp1Verifier({ key: forgeKey(secrets, 5), selector })).toThrow(/belongs to SP1 v6/);
  });
});

it('RISC Zero refuses a key of another number of inputs', () => {
  const version = read<RiscZeroVersion>('risc-zero-v5');
  expect(() => new RiscZeroVerifier({ ...version, key: forgeKey([1n, 2n, 3n, 4n], 2) })).toThrow(
    /5 public inputs, this one 2/,
  );
});

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
