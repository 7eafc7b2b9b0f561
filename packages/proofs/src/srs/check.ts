import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToBigInt, errorMessage } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { POINT_BYTES } from './points.js';

/**
 * Checks a file of points against [tau]_2: the first is the generator, and a random combination of neighbouring
 * points, sampled over the file, satisfies e(sum r_i P_{i+1}, G2) = e(sum r_i P_i, [tau]_2).
 * @throws {ProofError} `SRS_BAD`
 */
export function checkSrs(path: string, g2: Uint8Array, samples = 32): void {
  const { Point: G1 } = bn254.G1;
  const { Point: G2 } = bn254.G2;
  const count = statSync(path).size / POINT_BYTES;
  const file = openSync(path, 'r');
  const point = (index: number) => {
    const bytes = Buffer.alloc(POINT_BYTES);
    readSync(file, bytes, 0, POINT_BYTES, index * POINT_BYTES);
    return G1.fromAffine({ x: bytesToBigInt(bytes.subarray(0, 32)), y: bytesToBigInt(bytes.subarray(32)) });
  };
  try {
    const tau = G2.fromAffine({
      x: bn254.fields.Fp2.create({ c0: limb(g2, 0), c1: limb(g2, 1) }),
      y: bn254.fields.Fp2.create({ c0: limb(g2, 2), c1: limb(g2, 3) }),
    });
    let lower = point(0);
    let upper = point(1);
    if (!lower.equals(G1.BASE))
      throw new ProofError('SRS_BAD', 'the first point of the SRS is not the generator.');
    for (let i = 0; i < samples; i++) {
      const index = Math.min(count - 2, Math.floor(Math.random() * (count - 1)));
      const factor = BigInt(1 + Math.floor(Math.random() * 2 ** 40));
      lower = lower.add(point(index).multiply(factor));
      upper = upper.add(point(index + 1).multiply(factor));
    }
    const left = bn254.pairing(upper, G2.BASE);
    const right = bn254.pairing(lower, tau);
    if (!bn254.fields.Fp12.eql(left, right))
      throw new ProofError('SRS_BAD', 'the points of the SRS are not powers of the expected tau.');
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('SRS_BAD', `the SRS holds a bad point: ${errorMessage(error)}`);
  } finally {
    closeSync(file);
  }
}

function limb(g2: Uint8Array, index: number): bigint {
  return bytesToBigInt(g2.subarray(index * 32, (index + 1) * 32));
}
