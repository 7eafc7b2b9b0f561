import { bn254 } from '@noble/curves/bn254.js';
import { bigIntToBytes, concatBytes, fromHex } from '@polyproof/base';

/**
 * The second point of the SRS in G2, [tau]_2, as bb holds it: x.c0, x.c1, y.c0, y.c1, 32 bytes each, big-endian.
 * This one is the Ignition ceremony's: compiled into bb and written into every Solidity verifier that it makes.
 */
export const IGNITION_G2 = fromHex(
  '0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0' +
    '260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1' +
    '22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55' +
    '04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4',
);

/** The development SRS has this tau: anybody can forge proofs that are made with it. */
export const DEVELOPMENT_TAU = 2n;

export const DEVELOPMENT_G2 = (() => {
  const { x, y } = bn254.G2.Point.BASE.multiply(DEVELOPMENT_TAU).toAffine();
  return concatBytes(...[x.c0, x.c1, y.c0, y.c1].map((limb) => bigIntToBytes(limb, 32)));
})();
