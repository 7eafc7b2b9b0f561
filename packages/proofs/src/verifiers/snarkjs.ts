import { errorMessage } from '@polyproof/base';
import { z } from 'zod';
import { ProofError } from '../errors.js';
import { BLS12_381, BN254, type G1Point, type G2Point, type PairingCurve } from './curves.js';
import { FFLONK_EVALUATIONS, type FflonkProof, verifyFflonk } from './fflonk.js';
import { Groth16Equation } from './groth16-equation.js';
import { codeOf, parseJson } from './layouts.js';
import { verifyPlonk } from './plonk.js';
import type { VerificationFiles } from './system.js';

// Keys, proofs and public inputs as snarkjs writes them: JSON, numbers as decimal text, points with three coordinates.

const number = z.string().regex(/^(0|[1-9]\d{0,120})$/, 'is not a decimal number');
const g1 = z.tuple([number, number, number]);
const pair = z.tuple([number, number]);
const g2 = z.tuple([pair, pair, pair]);
const MAX_INPUTS = 4096;
const count = z.int().min(0).max(MAX_INPUTS);
const inputsSchema = z.array(number).max(MAX_INPUTS);
const curveName = z.enum(['bn128', 'bls12381']);

const groth16Key = z.object({
  protocol: z.literal('groth16'),
  curve: curveName,
  nPublic: count,
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.array(g1).max(MAX_INPUTS + 1),
});
const groth16Proof = z.object({
  protocol: z.literal('groth16'),
  curve: curveName,
  pi_a: g1,
  pi_b: g2,
  pi_c: g1,
});
const plonkKeyBase = { nPublic: count, power: z.int().min(1).max(28) };
const plonkKey = z.object({
  ...plonkKeyBase,
  protocol: z.literal('plonk'),
  curve: curveName,
  k1: number,
  k2: number,
  w: number,
  X_2: g2,
  ...fields(g1, ['Qm', 'Ql', 'Qr', 'Qo', 'Qc', 'S1', 'S2', 'S3']),
});
const plonkProof = z.object({
  protocol: z.literal('plonk'),
  curve: curveName,
  ...fields(g1, ['A', 'B', 'C', 'Z', 'T1', 'T2', 'T3', 'Wxi', 'Wxiw']),
  ...fields(number, ['eval_a', 'eval_b', 'eval_c', 'eval_s1', 'eval_s2', 'eval_zw']),
});
const fflonkKey = z.object({
  ...plonkKeyBase,
  protocol: z.literal('fflonk'),
  curve: z.literal('bn128'),
  ...fields(number, ['k1', 'k2', 'w', 'w3', 'w4', 'w8', 'wr']),
  X_2: g2,
  C0: g1,
});
const fflonkProof = z.object({
  protocol: z.literal('fflonk'),
  curve: z.literal('bn128'),
  polynomials: z.object(fields(g1, ['C1', 'C2', 'W1', 'W2'])),
  evaluations: z.object(fields(number, FFLONK_EVALUATIONS)),
});

/** Groth16 by snarkjs, over either curve. @throws {ProofError} `BAD_KEY`, `BAD_PROOF_SHAPE` */
export function verifySnarkjsGroth16(name: PairingCurve['name'], files: VerificationFiles): boolean {
  const key = parseJson('key', files.key, groth16Key);
  const proof = parseJson('proof', files.proof, groth16Proof);
  const inputs = parseJson('inputs', files.inputs, inputsSchema).map(BigInt);
  const curve = curveOf(name, key, proof);
  const ofKey = reader('key', curve);
  const equation = new Groth16Equation(curve, {
    alpha: ofKey.g1('vk_alpha_1', key.vk_alpha_1),
    beta: ofKey.g2('vk_beta_2', key.vk_beta_2),
    gamma: ofKey.g2('vk_gamma_2', key.vk_gamma_2),
    delta: ofKey.g2('vk_delta_2', key.vk_delta_2),
    ic: key.IC.map((point, i) => ofKey.g1(`IC[${i}]`, point)),
  });
  if (equation.inputCount !== key.nPublic)
    throw new ProofError('BAD_KEY', `the key has ${key.IC.length} points in IC for ${key.nPublic} inputs.`);
  const ofProof = reader('proof', curve);
  const points = {
    a: ofProof.g1('pi_a', proof.pi_a),
    b: ofProof.g2('pi_b', proof.pi_b),
    c: ofProof.g1('pi_c', proof.pi_c),
  };
  return equation.holds(points, inputs);
}

/** PLONK by snarkjs over either curve. @throws {ProofError} `BAD_KEY`, `BAD_PROOF_SHAPE` */
export function verifySnarkjsPlonk(name: PairingCurve['name'], files: VerificationFiles): boolean {
  const key = parseJson('key', files.key, plonkKey);
  const proof = parseJson('proof', files.proof, plonkProof);
  const inputs = parseJson('inputs', files.inputs, inputsSchema).map(BigInt);
  const curve = curveOf(name, key, proof);
  const k = reader('key', curve);
  const p = reader('proof', curve);
  return verifyPlonk(
    curve,
    {
      ...cosets(curve, key),
      inputCount: key.nPublic,
      qm: k.g1('Qm', key.Qm),
      ql: k.g1('Ql', key.Ql),
      qr: k.g1('Qr', key.Qr),
      qo: k.g1('Qo', key.Qo),
      qc: k.g1('Qc', key.Qc),
      s1: k.g1('S1', key.S1),
      s2: k.g1('S2', key.S2),
      s3: k.g1('S3', key.S3),
      x2: k.g2('X_2', key.X_2),
    },
    inputs,
    {
      a: p.g1('A', proof.A),
      b: p.g1('B', proof.B),
      c: p.g1('C', proof.C),
      z: p.g1('Z', proof.Z),
      t1: p.g1('T1', proof.T1),
      t2: p.g1('T2', proof.T2),
      t3: p.g1('T3', proof.T3),
      wxi: p.g1('Wxi', proof.Wxi),
      wxiw: p.g1('Wxiw', proof.Wxiw),
      at: {
        a: BigInt(proof.eval_a),
        b: BigInt(proof.eval_b),
        c: BigInt(proof.eval_c),
        s1: BigInt(proof.eval_s1),
        s2: BigInt(proof.eval_s2),
        zw: BigInt(proof.eval_zw),
      },
    },
  );
}

/** FFLONK by snarkjs over BN254. @throws {ProofError} `BAD_KEY`, `BAD_PROOF_SHAPE` */
export function verifySnarkjsFflonk(files: VerificationFiles): boolean {
  const key = parseJson('key', files.key, fflonkKey);
  const { polynomials, evaluations } = parseJson('proof', files.proof, fflonkProof);
  const inputs = parseJson('inputs', files.inputs, inputsSchema).map(BigInt);
  const common = cosets(BN254, key);
  const roots = {
    w3: root(BN254, 'w3', key.w3, 3n),
    w4: root(BN254, 'w4', key.w4, 4n),
    w8: root(BN254, 'w8', key.w8, 8n),
  };
  const wr = BigInt(key.wr);
  if (BN254.scalars.pow(wr, 3n) !== common.domain.generator)
    throw new ProofError('BAD_KEY', 'wr of the key is not a cube root of w.');
  const k = reader('key', BN254);
  const p = reader('proof', BN254);
  const at = Object.fromEntries(FFLONK_EVALUATIONS.map((name) => [name, BigInt(evaluations[name])]));
  return verifyFflonk(
    {
      ...common,
      ...roots,
      wr,
      inputCount: key.nPublic,
      c0: k.g1('C0', key.C0),
      x2: k.g2('X_2', key.X_2),
    },
    inputs,
    {
      c1: p.g1('C1', polynomials.C1),
      c2: p.g1('C2', polynomials.C2),
      w1: p.g1('W1', polynomials.W1),
      w2: p.g1('W2', polynomials.W2),
      at: at as FflonkProof['at'],
    },
  );
}

function curveOf(
  name: PairingCurve['name'],
  key: { curve: z.output<typeof curveName> },
  proof: { curve: z.output<typeof curveName> },
): PairingCurve {
  const expected = name === 'bn254' ? 'bn128' : 'bls12381';
  for (const [kind, { curve }] of [
    ['key', key],
    ['proof', proof],
  ] as const)
    if (curve !== expected)
      throw new ProofError(codeOf(kind), `the ${kind} is of curve ${curve}, expected ${expected}.`);
  return name === 'bn254' ? BN254 : BLS12_381;
}

/** Domain and cosets of a key: the generator has the domain's order, the cosets of the wires are apart. */
function cosets(
  curve: PairingCurve,
  key: { power: number; w: string; k1: string; k2: string; nPublic: number },
) {
  const F = curve.scalars;
  const size = 1n << BigInt(key.power);
  const generator = root(curve, 'w', key.w, size);
  const [k1, k2] = [BigInt(key.k1), BigInt(key.k2)];
  for (const k of [k1, k2])
    if (k === 0n || k >= curve.order)
      throw new ProofError('BAD_KEY', `coset ${k} of the key is not a coset.`);
  const inDomain = (value: bigint) => F.pow(value, size) === 1n;
  if (inDomain(k1) || inDomain(k2) || inDomain(F.div(k1, k2)))
    throw new ProofError('BAD_KEY', 'the cosets k1 and k2 of the key are not apart.');
  if (BigInt(key.nPublic) > size)
    throw new ProofError('BAD_KEY', `the key has ${key.nPublic} inputs and only ${size} rows.`);
  return { domain: { size, generator }, k1, k2 };
}

function root(curve: PairingCurve, name: string, text: string, order: bigint): bigint {
  const F = curve.scalars;
  const value = BigInt(text);
  const divisor = order === 3n ? 3n : 2n;
  if (value >= curve.order || F.pow(value, order) !== 1n || F.pow(value, order / divisor) === 1n)
    throw new ProofError('BAD_KEY', `${name} of the key is not a root of unity of order ${order}.`);
  return value;
}

function fields<T extends z.ZodType, const N extends string>(schema: T, names: readonly N[]): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<N, T>;
}

/** Reads points with their third coordinate, which is 1, or 0 at infinity. */
function reader(what: 'key' | 'proof', curve: PairingCurve) {
  const read = <T>(name: string, point: () => T): T => {
    try {
      return point();
    } catch (error) {
      throw new ProofError(codeOf(what), `${name} of the ${what} is not a point: ${errorMessage(error)}`);
    }
  };
  return {
    g1: (name: string, [x, y, z]: z.output<typeof g1>): G1Point =>
      read(name, () => {
        if (z === '0' && x === '0' && y === '1') return curve.pointG1(undefined, undefined);
        if (z !== '1') throw new ProofError(codeOf(what), 'it is not affine.');
        return curve.pointG1(BigInt(x), BigInt(y));
      }),
    g2: (name: string, [x, y, z]: z.output<typeof g2>): G2Point =>
      read(name, () => {
        if (z[0] !== '1' || z[1] !== '0') throw new ProofError(codeOf(what), 'it is not affine.');
        const of = ([c0, c1]: z.output<typeof pair>) => ({ c0: BigInt(c0), c1: BigInt(c1) });
        return curve.pointG2(of(x), of(y));
      }),
  };
}
