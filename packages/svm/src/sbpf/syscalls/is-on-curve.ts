const P = (1n << 255n) - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/**
 * Whether 32 bytes are a point of ed25519, as curve25519-dalek decompresses it: y is taken modulo p, and any sign of x
 * is good.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) & ((1n << 255n) - 1n);
  const square = (y * y) % P;
  const numerator = (square + P - 1n) % P;
  const denominator = (D * square + 1n) % P;
  // x^2 = numerator / denominator has a root if and only if their product has one.
  const product = (numerator * denominator) % P;
  return product === 0n || power(product, (P - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
