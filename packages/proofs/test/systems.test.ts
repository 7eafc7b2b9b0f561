import { readFileSync } from 'node:fs';
import { fromHex } from '@polyproof/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERIFIER_SYSTEMS, type VerificationFiles, type VerifierSystemName } from '../src/index.js';

type Json = string | number | Json[] | { [key: string]: Json };
type Vector = Record<'key' | 'inputs' | 'proof', Json>;
const KINDS = ['key', 'inputs', 'proof'] as const;

const encode = (json: Json) => new TextEncoder().encode(JSON.stringify(json));
const files = (vector: Vector): VerificationFiles => ({
  key: encode(vector.key),
  inputs: encode(vector.inputs),
  proof: encode(vector.proof),
});
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as Vector;

/** False, or an error that says what is wrong with a file: nothing else may come of bytes. */
async function refuses(name: VerifierSystemName, changed: VerificationFiles): Promise<void> {
  let valid: boolean;
  try {
    valid = await VERIFIER_SYSTEMS[name].verify(changed);
  } catch (error) {
    expect(['BAD_KEY', 'BAD_PROOF_SHAPE'], String(error)).toContain((error as { code?: string }).code);
    return;
  }
  expect(valid).toBe(false);
}

/** Paths to all decimal numbers in a vector. */
function numbersIn(json: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof json === 'string') return /^\d+$/.test(json) ? [path] : [];
  if (typeof json !== 'object') return [];
  return Object.entries(json).flatMap(([key, value]) => numbersIn(value, [...path, key]));
}

function changedAt(vector: Vector, path: (string | number)[], change: (text: string) => string): Vector {
  const copy = structuredClone(vector);
  let at = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const last = path.at(-1)!;
  at[last] = change(at[last] as string);
  return copy;
}

const SNARKJS = [
  'groth16-snarkjs',
  'groth16-bls12-381-snarkjs',
  'plonk-snarkjs',
  'plonk-bls12-381-snarkjs',
  'fflonk-snarkjs',
] as const;

describe.each(SNARKJS)('%s', (name) => {
  const vector = read(name);
  // The inverse helps the contract alone; everything else is of the proof.
  const paths = numbersIn(vector as unknown as Json).filter(
    (path) => path[0] !== 'source' && path.at(-1) !== 'inv',
  );

  it('accepts the proof that snarkjs made', async () => {
    expect(await VERIFIER_SYSTEMS[name].verify(files(vector))).toBe(true);
  });

  it('refuses it with any number of key, inputs or proof changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.constantFrom(1n, 2n, 1n << 100n), async (path, by) =>
        refuses(name, files(changedAt(vector, path, (text) => `${BigInt(text) + by}`))),
      ),
      { numRuns: 20 },
    );
  });

  it('refuses numbers that are not reduced, which stand for the same ones', async () => {
    const order = name.includes('bls12-381')
      ? 52435875175126190479447740508185965837690552500527637822603658699938581184513n
      : 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
    for (const path of paths.filter(
      ([kind, ...rest]) => kind === 'inputs' || String(rest.at(-1)).startsWith('eval'),
    ))
      await refuses(name, files(changedAt(vector, path, (text) => `${BigInt(text) + order}`)));
  });

  it('refuses another number of inputs', async () => {
    const inputs = vector.inputs as string[];
    await refuses(name, files({ ...vector, inputs: inputs.slice(1) }));
    await refuses(name, files({ ...vector, inputs: [...inputs, '0'] }));
  });

  it('refuses every point of the proof at infinity', async () => {
    const proof = vector.proof as Record<string, Json>;
    for (const part of ['', 'polynomials'])
      for (const [point, value] of Object.entries((part === '' ? proof : proof[part]) ?? {}))
        if (Array.isArray(value) && typeof value[0] === 'string') {
          const infinity = { [point]: ['0', '1', '0'] };
          const changed = part === '' ? infinity : { [part]: { ...(proof[part] as object), ...infinity } };
          await refuses(name, files({ ...vector, proof: { ...proof, ...changed } as Json }));
        }
  });

  it('refuses files that are none', async () => {
    const right = files(vector);
    const deep = new TextEncoder().encode('['.repeat(15_000));
    const rubbish = [new Uint8Array(0), new Uint8Array(64).fill(0xff), encode([]), encode({}), deep];
    for (const kind of KINDS) for (const bytes of rubbish) await refuses(name, { ...right, [kind]: bytes });
  });
});

describe.each([
  ['sp1-groth16', 'sp1-v4'],
  ['sp1-groth16', 'sp1-v5'],
  ['sp1-groth16', 'sp1-v6'],
  ['risc-zero', 'risc-zero-v5'],
] as const)('%s: %s', (name, file) => {
  const path = new URL(`../../../contracts/test/vectors/${file}.json`, import.meta.url);
  const { publicValues, proof, ...key } = JSON.parse(readFileSync(path, 'utf8'));
  const right = { key: encode(key), inputs: fromHex(publicValues), proof: fromHex(proof) };

  it('accepts a real proof, of this program alone', async () => {
    expect(await VERIFIER_SYSTEMS[name].verify(right)).toBe(true);
    const other = { ...key, programId: `0x${'11'.repeat(32)}` };
    await refuses(name, { ...right, key: encode(other) });
    await refuses(name, { ...right, inputs: right.inputs.slice(1) });
    const { programId: _, ...none } = key;
    await refuses(name, { ...right, key: encode(none) });
  });
});

describe('keys that could be made to prove anything', () => {
  it.each([
    ['plonk-snarkjs', { k1: '1' }, /not apart/],
    ['plonk-snarkjs', { k2: '2' }, /not apart/],
    ['plonk-snarkjs', { w: '1' }, /w of the key is not a root of unity of order 8/],
    ['fflonk-snarkjs', { w8: '1' }, /w8 of the key is not a root of unity of order 8/],
    ['fflonk-snarkjs', { wr: '1' }, /not a cube root/],
    ['groth16-snarkjs', { nPublic: 2 }, /4 points in IC for 2 inputs/],
    ['groth16-snarkjs', { curve: 'bls12381' }, /the key is of curve bls12381, expected bn128/],
  ] as const)('%s with %o', async (name, change, message) => {
    const vector = read(name);
    const key = { ...(vector.key as object), ...change } as Json;
    await expect(async () => VERIFIER_SYSTEMS[name].verify(files({ ...vector, key }))).rejects.toThrow(
      message,
    );
  });

  it('Groth16 without a contribution', async () => {
    const vector = read('groth16-bls12-381-snarkjs');
    const key = vector.key as Record<string, Json>;
    const changed = files({ ...vector, key: { ...key, vk_delta_2: key.vk_gamma_2! } });
    await expect(async () => VERIFIER_SYSTEMS['groth16-bls12-381-snarkjs'].verify(changed)).rejects.toThrow(
      /nobody contributed/,
    );
  });
});
