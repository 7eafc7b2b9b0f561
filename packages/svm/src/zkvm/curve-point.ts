/** Whether an address is a point of ed25519, as circuits/lib/src/sbpf/curve.nr verifies it. */

const P = (1n << 255n) - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const LIMB_BITS = 88n;
const LIMB = (1n << LIMB_BITS) - 1n;
/** 2^264 modulo P */
const FOLD = 9_728n;

/** `Point` in the circuit. */
export interface PointInput {
  exists: boolean;
  square: string[];
  denominator: string[];
  product: string[];
  root: string[];
  inverse: string[];
  quotients: string[];
}

/** @param bytes - 32 of an address: y, with a sign that does not matter */
export function pointInput(bytes: Uint8Array): PointInput {
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) & ((1n << 255n) - 1n);
  const square = (y * y) % P;
  const denominator = (D * square + 1n) % P;
  const product = ((square + P - 1n) * denominator) % P;
  const exists = product === 0n || power(product, (P - 1n) / 2n) === 1n;
  const sought = exists ? product : 2n * product;
  // Its square is larger than any number that it is compared with.
  const root = rootOf(sought % P) + P;
  const inverse = exists ? 0n : power(product, P - 2n);
  const quotients = [
    quotient(limbs(y), limbs(y), square),
    quotient(limbs(D), limbs(square), denominator - 1n),
    quotient(
      limbs(square).map((limb, i) => limb + limbs(P)[i]! - (i === 0 ? 1n : 0n)),
      limbs(denominator),
      product,
    ),
    quotient(limbs(root), limbs(root), sought),
    quotient(limbs(product), limbs(inverse), exists ? 0n : 1n),
  ];
  return {
    exists,
    square: strings(square),
    denominator: strings(denominator),
    product: strings(product),
    root: strings(root),
    inverse: strings(inverse),
    quotients: quotients.map(String),
  };
}

const limbs = (value: bigint): bigint[] => [
  value & LIMB,
  (value >> LIMB_BITS) & LIMB,
  value >> (2n * LIMB_BITS),
];
const strings = (value: bigint) => limbs(value).map(String);

/** What is left of a product, folded at 2^264, beside a rest, in times of P. */
function quotient(a: readonly bigint[], b: readonly bigint[], rest: bigint): bigint {
  const at = (i: number, j: number) => a[i]! * b[j]!;
  const low = at(0, 0) + FOLD * (at(1, 2) + at(2, 1));
  const middle = at(0, 1) + at(1, 0) + FOLD * at(2, 2);
  const high = at(0, 2) + at(1, 1) + at(2, 0);
  return (low + (middle << LIMB_BITS) + (high << (2n * LIMB_BITS)) - rest) / P;
}

/** Of a square modulo P, which is 5 modulo 8. */
function rootOf(square: bigint): bigint {
  const root = power(square, (P + 3n) / 8n);
  return (root * root - square) % P === 0n ? root : (root * power(2n, (P - 1n) / 4n)) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
