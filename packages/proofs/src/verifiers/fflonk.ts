import { BN254 as curve, type G1Point, type G2Point } from './curves.js';
import { type Domain, evaluateDomain, snarkjsChallenge } from './transcript.js';

/** A key of FFLONK as snarkjs makes it, over BN254. */
export interface FflonkKey {
  domain: Domain;
  inputCount: number;
  k1: bigint;
  k2: bigint;
  /** roots of unity of order 3, 4 and 8, and a cube root of the domain's generator */
  w3: bigint;
  w4: bigint;
  w8: bigint;
  wr: bigint;
  c0: G1Point;
  x2: G2Point;
}

/** Names of the evaluations in the order in which they are hashed. */
export const FFLONK_EVALUATIONS = [
  'ql',
  'qr',
  'qm',
  'qo',
  'qc',
  's1',
  's2',
  's3',
  'a',
  'b',
  'c',
  'z',
  'zw',
  't1w',
  't2w',
] as const;

export interface FflonkProof {
  c1: G1Point;
  c2: G1Point;
  w1: G1Point;
  w2: G1Point;
  at: Record<(typeof FFLONK_EVALUATIONS)[number], bigint>;
}

const F = curve.scalars;

/** Whether the proof shows that the inputs satisfy the key's circuit; numbers have to be reduced. */
export function verifyFflonk(key: FflonkKey, inputs: readonly bigint[], proof: FflonkProof): boolean {
  const { at } = proof;
  if (inputs.length !== key.inputCount) return false;
  if ([...inputs, ...Object.values(at)].some((value) => value < 0n || value >= curve.order)) return false;
  const hash = (...parts: (G1Point | bigint)[]) => snarkjsChallenge(curve, ...parts);
  const beta = hash(key.c0, ...inputs, proof.c1);
  const gamma = hash(beta);
  const seed = hash(gamma, proof.c2);
  const alpha = hash(seed, ...FFLONK_EVALUATIONS.map((name) => at[name]));
  const y = hash(alpha, proof.w1);

  // Polynomials are combined so that one is opened at the eighth, fourth and third roots of the point xi.
  const xi = F.pow(seed, 24n);
  const s0 = coset(F.pow(seed, 3n), key.w8, 8);
  const s1 = coset(F.pow(seed, 6n), key.w4, 4);
  const h2 = F.pow(seed, 8n);
  const s2 = coset(h2, key.w3, 3);
  const s2w = coset(F.mul(h2, key.wr), key.w3, 3);
  try {
    const domain = evaluateDomain(curve, key.domain, inputs, xi);
    const overVanishing = (value: bigint) => F.div(F.create(value), domain.vanishing);
    const gate = at.ql * at.a + at.qr * at.b + at.qm * at.a * at.b + at.qo * at.c + at.qc;
    const t0 = overVanishing(gate + domain.inputs);
    const t1 = overVanishing((at.z - 1n) * domain.first);
    const wire = (value: bigint, permuted: bigint) => F.create(value + beta * permuted + gamma);
    const identity = F.mul(F.mul(wire(at.a, xi), wire(at.b, key.k1 * xi)), wire(at.c, key.k2 * xi));
    const permuted = F.mul(F.mul(wire(at.a, at.s1), wire(at.b, at.s2)), wire(at.c, at.s3));
    const t2 = overVanishing(identity * at.z - permuted * at.zw);

    const r0 = interpolate(s0, [at.ql, at.qr, at.qo, at.qm, at.qc, at.s1, at.s2, at.s3], y);
    const r1 = interpolate(s1, [at.a, at.b, at.c, t0], y);
    const points = [...s2, ...s2w];
    const values = [
      ...s2.map((h) => polynomial([at.z, t1, t2], h)),
      ...s2w.map((h) => polynomial([at.zw, at.t1w, at.t2w], h)),
    ];
    const r2 = lagrange(points, values, y);

    const numerator = zeroAt(s0, y);
    const q1 = F.mul(alpha, F.div(numerator, zeroAt(s1, y)));
    const q2 = F.mul(F.sqr(alpha), F.div(numerator, zeroAt(points, y)));
    const sum = curve.combine([
      [key.c0, 1n],
      [proof.c1, q1],
      [proof.c2, q2],
      [curve.g1, -(r0 + q1 * r1 + q2 * r2)],
      [proof.w1, -numerator],
      [proof.w2, y],
    ]);
    return curve.pairingIsOne([
      { g1: sum, g2: curve.g2 },
      { g1: proof.w2.negate(), g2: key.x2 },
    ]);
  } catch {
    return false; // a division by zero: a challenge fell on a point of a domain
  }
}

function coset(start: bigint, root: bigint, size: number): bigint[] {
  const points = [start];
  while (points.length < size) points.push(F.mul(points.at(-1)!, root));
  return points;
}

function polynomial(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => F.create(sum * x + coefficient), 0n);
}

/** At y the value of the polynomial of least degree that agrees with the given one on the points. */
function interpolate(points: readonly bigint[], coefficients: readonly bigint[], y: bigint): bigint {
  return lagrange(
    points,
    points.map((point) => polynomial(coefficients, point)),
    y,
  );
}

function lagrange(points: readonly bigint[], values: readonly bigint[], y: bigint): bigint {
  return points.reduce((sum, point, i) => {
    const others = points.filter((_, j) => j !== i);
    return F.create(sum + values[i]! * F.div(zeroAt(others, y), zeroAt(others, point)));
  }, 0n);
}

/** The product of x - point over the points. */
function zeroAt(points: readonly bigint[], x: bigint): bigint {
  return points.reduce((product, point) => F.mul(product, F.sub(x, point)), 1n);
}
