import type { G1Point, G2Point, PairingCurve } from './curves.js';
import { type Domain, evaluateDomain, snarkjsChallenge } from './transcript.js';

/** A key of PLONK as snarkjs makes it. Wires b and c have the cosets k1 and k2. */
export interface PlonkKey {
  domain: Domain;
  inputCount: number;
  k1: bigint;
  k2: bigint;
  qm: G1Point;
  ql: G1Point;
  qr: G1Point;
  qo: G1Point;
  qc: G1Point;
  s1: G1Point;
  s2: G1Point;
  s3: G1Point;
  x2: G2Point;
}

export interface PlonkProof {
  a: G1Point;
  b: G1Point;
  c: G1Point;
  z: G1Point;
  t1: G1Point;
  t2: G1Point;
  t3: G1Point;
  wxi: G1Point;
  wxiw: G1Point;
  at: Record<'a' | 'b' | 'c' | 's1' | 's2' | 'zw', bigint>;
}

/** Whether the proof shows that the inputs satisfy the key's circuit; numbers have to be reduced. */
export function verifyPlonk(
  curve: PairingCurve,
  key: PlonkKey,
  inputs: readonly bigint[],
  proof: PlonkProof,
): boolean {
  const F = curve.scalars;
  const { at } = proof;
  if (inputs.length !== key.inputCount) return false;
  if ([...inputs, ...Object.values(at)].some((value) => value < 0n || value >= curve.order)) return false;
  const { qm, ql, qr, qo, qc, s1, s2, s3 } = key;
  const hash = (...parts: (G1Point | bigint)[]) => snarkjsChallenge(curve, ...parts);
  const beta = hash(qm, ql, qr, qo, qc, s1, s2, s3, ...inputs, proof.a, proof.b, proof.c);
  const gamma = hash(beta);
  const alpha = hash(beta, gamma, proof.z);
  const xi = hash(alpha, proof.t1, proof.t2, proof.t3);
  const v = hash(xi, at.a, at.b, at.c, at.s1, at.s2, at.zw);
  const u = hash(proof.wxi, proof.wxiw);

  let domain: ReturnType<typeof evaluateDomain>;
  try {
    domain = evaluateDomain(curve, key.domain, inputs, xi);
  } catch {
    return false; // xi is in the domain, which nobody can bring about
  }
  const wire = (value: bigint, permuted: bigint) => F.create(value + beta * permuted + gamma);
  const alpha2 = F.sqr(alpha);
  const permuted = F.mul(F.mul(wire(at.a, at.s1), wire(at.b, at.s2)), F.mul(alpha, at.zw));
  const constant = F.create(domain.inputs - domain.first * alpha2 - permuted * F.create(at.c + gamma));
  const identity = F.mul(
    F.mul(wire(at.a, xi), wire(at.b, F.mul(key.k1, xi))),
    F.mul(wire(at.c, F.mul(key.k2, xi)), alpha),
  );
  const xin = F.create(domain.vanishing + 1n);
  const [v2, v3, v4, v5] = [2n, 3n, 4n, 5n].map((power) => F.pow(v, power)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const opened = F.create(v * at.a + v2 * at.b + v3 * at.c + v4 * at.s1 + v5 * at.s2 + u * at.zw - constant);
  const sum = curve.combine([
    [qm, at.a * at.b],
    [ql, at.a],
    [qr, at.b],
    [qo, at.c],
    [qc, 1n],
    [proof.z, identity + domain.first * alpha2 + u],
    [s3, -permuted * beta],
    [proof.t1, -domain.vanishing],
    [proof.t2, -domain.vanishing * xin],
    [proof.t3, -domain.vanishing * F.sqr(xin)],
    [proof.a, v],
    [proof.b, v2],
    [proof.c, v3],
    [s1, v4],
    [s2, v5],
    [curve.g1, -opened],
    [proof.wxi, xi],
    [proof.wxiw, u * xi * key.domain.generator],
  ]);
  const quotients = curve.combine([
    [proof.wxi, -1n],
    [proof.wxiw, -u],
  ]);
  return curve.pairingIsOne([
    { g1: quotients, g2: key.x2 },
    { g1: sum, g2: curve.g2 },
  ]);
}
