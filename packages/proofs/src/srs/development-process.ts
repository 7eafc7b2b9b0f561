// Entry point of a process: doubles points for the development SRS. Arguments: first chain, chains, chain length.
import { bn254 } from '@noble/curves/bn254.js';
import { FIELD_MODULUS } from '@polyproof/base';
import { DEVELOPMENT_TAU } from './g2.js';
import { BASE_MODULUS as P, POINT_BYTES } from './points.js';

const [first = 0, count = 0, length = 0] = process.argv.slice(2).map(Number);

const xs: bigint[] = [];
const ys: bigint[] = [];
for (let chain = first; chain < first + count; chain++) {
  const start = bn254.G1.Point.BASE.multiply(power(DEVELOPMENT_TAU, BigInt(chain * length))).toAffine();
  xs.push(start.x);
  ys.push(start.y);
}
const out = Array.from({ length: count }, () => Buffer.alloc(length * POINT_BYTES));
for (let i = 0; i < length; i++) {
  for (let chain = 0; chain < count; chain++)
    out[chain]!.write(hex(xs[chain]!) + hex(ys[chain]!), i * POINT_BYTES, 'hex');
  if (i + 1 < length) doubleAll();
}
let pending = count;
out.forEach((bytes, chain) => {
  process.send!({ chain: first + chain, bytes }, () => {
    pending -= 1;
    if (pending === 0) process.disconnect();
  });
});

/** Doubles every point, with one inversion for all of them. */
function doubleAll(): void {
  const prefixes: bigint[] = [];
  let product = 1n;
  for (const y of ys) {
    prefixes.push(product);
    product = (product * 2n * y) % P;
  }
  let inverse = invert(product);
  for (let i = ys.length - 1; i >= 0; i--) {
    const x = xs[i]!;
    const y = ys[i]!;
    const slope = (((3n * x * x) % P) * ((inverse * prefixes[i]!) % P)) % P;
    inverse = (inverse * 2n * y) % P;
    const doubled = (slope * slope + 2n * (P - x)) % P;
    xs[i] = doubled;
    ys[i] = (slope * (x + P - doubled) + P - y) % P;
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % FIELD_MODULUS)
    if (e & 1n) result = (result * b) % FIELD_MODULUS;
  return result;
}

function invert(value: bigint): bigint {
  let [a, b, u, v] = [P, value, 0n, 1n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, u, v] = [b, a - quotient * b, v, u - quotient * v];
  }
  return ((u % P) + P) % P;
}

function hex(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}
