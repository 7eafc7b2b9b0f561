import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { DIAGONAL, FULL_ROUNDS, PARTIAL_ROUNDS, roundConstants, STATE_SIZE } from './parameters.js';
import { DIRECT_ROUNDS, recurrence, TERMS } from './recurrence.js';

/**
 * Numbers in the WebAssembly memory.
 *
 * An element is 20 signed digits of 13 bits, least significant first, and stands for their sum in Montgomery form
 * with R = 2^260. Digits are 16-bit numbers, two to a 32-bit lane, and the four lanes of a vector belong to four
 * independent hashes: vector k holds digits 2k and 2k+1 of four elements. A digit of a tidy element lies between
 * -4096 and 4095 (one unit), so that elements can be added a few times before their digits have to be tidied.
 *
 * The right factor of a multiplication is spread: vector c holds the digits (c, c-1), so that one dot product of
 * pairs adds two of the products that belong to one digit of the result.
 */
export const LANES = 4;
export const DIGIT_BITS = 13;
export const DIGITS = 20;
export const PAIRS = DIGITS / 2;
export const ELEMENT_BYTES = PAIRS * 16;
export const SPREAD_BYTES = (DIGITS + 1) * 16;
export const FIELD_BYTES = 32;

/** digits of (p - 1) / 2^26: p is 1 modulo 2^28, so that two digits are reduced at once and without a product */
export const MODULUS_DIGITS = 18;

const BASE = 1n << BigInt(DIGIT_BITS);
const R = 1n << BigInt(DIGIT_BITS * DIGITS);

let top = 0;
function place(bytes: number): number {
  top += bytes;
  return top - bytes;
}

/** Byte addresses in the memory. */
export const AT = {
  maskDigit: place(16),
  halfDigits: place(16),
  lowHalf: place(16),
  highHalf: place(16),
  maskHalf: place(16),
  firstBias: place(16),
  bias: place(16),
  inverseTop: place(16),
  roundingBias: place(16),
  /** minus (p - 1) / 2^26, spread */
  negativeModulus: place((MODULUS_DIGITS + 1) * 16),
  modulus: place(ELEMENT_BYTES),
  one: place(SPREAD_BYTES),
  rSquared: place(SPREAD_BYTES),
  diagonal: place(STATE_SIZE * SPREAD_BYTES),
  roundConstants: place((FULL_ROUNDS * STATE_SIZE + PARTIAL_ROUNDS) * ELEMENT_BYTES),
  /** of the recurrence of partial rounds: factors of each step, then those that give the state at its end */
  steps: place((PARTIAL_ROUNDS - DIRECT_ROUNDS) * TERMS * SPREAD_BYTES),
  others: place((STATE_SIZE - 1) * TERMS * SPREAD_BYTES),
  first: place(SPREAD_BYTES),
  /** first elements before the S-box, and what it gave, of each partial round */
  before: place((PARTIAL_ROUNDS + 1) * ELEMENT_BYTES),
  after: place(PARTIAL_ROUNDS * ELEMENT_BYTES),
  /** for one hash whose state is the lanes of one element */
  diagonalSingle: place(SPREAD_BYTES),
  roundConstantsSingle: place((FULL_ROUNDS + PARTIAL_ROUNDS) * ELEMENT_BYTES),
  matrixFirst: place(STATE_SIZE * 16),
  matrixSecond: place(STATE_SIZE * 16),
  /** the element 0 */
  nothing: place(ELEMENT_BYTES),
  /** digits of the product being reduced */
  columns: place(2 * DIGITS * 16),
  state: place(STATE_SIZE * ELEMENT_BYTES),
  sboxInput: place(ELEMENT_BYTES),
  sboxPower: place(ELEMENT_BYTES),
  sum: place(ELEMENT_BYTES),
  temporary: place(STATE_SIZE * ELEMENT_BYTES),
  spreadInput: place(SPREAD_BYTES),
  spreadPower: place(SPREAD_BYTES),
  /** the capacity's first value, a field for each lane */
  capacity: place(LANES * FIELD_BYTES),
  /** the hash of each lane */
  output: place(LANES * FIELD_BYTES),
  input: place(0),
};

export const STATE_ADDRESSES = [0, 1, 2, 3].map((i) => AT.state + i * ELEMENT_BYTES) as [
  number,
  number,
  number,
  number,
];

/** The matrix of full rounds as the product of two whose rows are small; the second is applied last. */
const MATRIX_FIRST = [
  [1, 1, 0, 0],
  [0, 0, 1, 1],
  [0, 2, 1, 1],
  [1, 1, 0, 2],
];
const MATRIX_SECOND = [
  [4, 0, 1, 1],
  [4, 0, 1, 0],
  [0, 4, 1, 1],
  [0, 4, 0, 1],
];

/** The memory at the start: all constants, and zeros. */
export function initialMemory(): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(AT.state);
  const write = new Writer(memory.buffer);
  const half = Number(BASE / 2n);
  const same = (value: number) => [value, value, value, value];
  write.words(AT.maskDigit, same(Number(BASE) - 1));
  write.pairs(AT.halfDigits, same(half), same(half));
  write.pairs(AT.lowHalf, same(1), same(0));
  write.pairs(AT.highHalf, same(0), same(1));
  write.pairs(AT.maskHalf, same(-1), same(0));
  // rounding to the nearest digit adds half a digit; a second column's bias adds the next one's too
  write.words(AT.firstBias, same(half));
  write.words(AT.bias, same(half + half * Number(BASE)));
  write.words(AT.inverseTop, same(Math.round(Number((1n << 263n) / FIELD_MODULUS))));
  write.words(AT.roundingBias, same(1 << 15));
  const all = (value: bigint, count?: number) => {
    const digits = toDigits(value, count);
    return [digits, digits, digits, digits];
  };
  write.spread(AT.negativeModulus, all(-((FIELD_MODULUS - 1n) >> 26n), MODULUS_DIGITS));
  write.element(AT.modulus, all(FIELD_MODULUS));
  write.spread(AT.one, all(1n));
  write.spread(AT.rSquared, all(centred(R * R)));
  const constant = (value: bigint) => all(centred(value * R));
  DIAGONAL.forEach((value, i) => {
    write.spread(AT.diagonal + i * SPREAD_BYTES, constant(value));
  });
  const constants = roundConstants();
  const { scale, steps, others, first } = recurrence();
  constants.forEach((value, i) => {
    const round = i - (FULL_ROUNDS / 2) * STATE_SIZE;
    const factor = round >= 0 && round < PARTIAL_ROUNDS ? scale[round]! : 1n;
    write.element(AT.roundConstants + i * ELEMENT_BYTES, constant(value * factor));
  });
  steps.flat().forEach((value, i) => {
    write.spread(AT.steps + i * SPREAD_BYTES, constant(value));
  });
  others.flat().forEach((value, i) => {
    write.spread(AT.others + i * SPREAD_BYTES, constant(value));
  });
  write.spread(AT.first, constant(first));

  const lanes = (values: readonly bigint[]) => values.map((value) => toDigits(centred(value * R)));
  write.spread(AT.diagonalSingle, lanes(DIAGONAL));
  for (let round = 0, at = 0; at < constants.length; round++) {
    const full = round < FULL_ROUNDS / 2 || round >= FULL_ROUNDS / 2 + PARTIAL_ROUNDS;
    const row = full ? constants.slice(at, at + STATE_SIZE) : [constants[at]!, 0n, 0n, 0n];
    at += full ? STATE_SIZE : 1;
    write.element(AT.roundConstantsSingle + round * ELEMENT_BYTES, lanes(row));
  }
  for (let by = 0; by < STATE_SIZE; by++) {
    const coefficients = (matrix: number[][]) => matrix.map((row, i) => row[(i + by) % STATE_SIZE]!);
    write.pairs(AT.matrixFirst + 16 * by, coefficients(MATRIX_FIRST), coefficients(MATRIX_FIRST));
    write.pairs(AT.matrixSecond + 16 * by, coefficients(MATRIX_SECOND), coefficients(MATRIX_SECOND));
  }
  return memory;
}

/** Writes vectors, whose lanes are given one by one. */
class Writer {
  readonly #words: Int32Array;
  readonly #halves: Int16Array;

  constructor(memory: ArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#halves = new Int16Array(memory);
  }

  words(address: number, lanes: number[]): void {
    this.#words.set(lanes, address / 4);
  }

  pairs(address: number, low: number[], high: number[]): void {
    low.forEach((value, lane) => {
      this.#halves.set([value, high[lane]!], address / 2 + 2 * lane);
    });
  }

  element(address: number, lanes: number[][]): void {
    const digits = (i: number) => lanes.map((lane) => lane[i]!);
    for (let k = 0; k < PAIRS; k++) this.pairs(address + 16 * k, digits(2 * k), digits(2 * k + 1));
  }

  spread(address: number, lanes: number[][]): void {
    const digits = (i: number) => lanes.map((lane) => lane[i] ?? 0);
    for (let c = 0; c <= lanes[0]!.length; c++) this.pairs(address + 16 * c, digits(c), digits(c - 1));
  }
}

/** The digits of an integer, each from -4096 to 4095. */
function toDigits(value: bigint, count = DIGITS): number[] {
  let rest = value;
  return Array.from({ length: count }, () => {
    const digit = BigInt.asIntN(DIGIT_BITS, rest);
    rest = (rest - digit) / BASE;
    return Number(digit);
  });
}

/** The representative between -p/2 and p/2. */
function centred(value: bigint): Field {
  const reduced = value % FIELD_MODULUS;
  return reduced > FIELD_MODULUS / 2n ? reduced - FIELD_MODULUS : reduced;
}
