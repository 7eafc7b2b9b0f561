import { AT, DIGIT_BITS, ELEMENT_BYTES, PAIRS, SPREAD_BYTES, STATE_ADDRESSES } from './layout.js';
import { FULL_ROUNDS, PARTIAL_ROUNDS, STATE_SIZE } from './parameters.js';
import { DIRECT_ROUNDS, TERMS } from './recurrence.js';
import { I32, V128, WasmCode } from './wasm-code.js';

/** Numbers of the functions that others call. */
export interface FunctionNumbers {
  multiply: number;
  product: number;
  addProduct: number;
  reduce: number;
  spread: number;
  tidy: number;
  power: number;
  mixFull: number;
  directRound: number;
  combine: number;
  partialRounds: number;
  permute: number;
  absorb: number;
  mixFullSingle: number;
  permuteSingle: number;
  squeeze: number;
}

/**
 * `tidy(element)`: digits of up to seven units become digits of one, and a value of up to four times p comes
 * between -0.6 p and 0.6 p.
 */
export function tidy(): WasmCode {
  const code = new WasmCode(I32);
  const zero = code.local(I32);
  const vectors = code.locals(PAIRS, V128);
  const [carry, previous] = [code.local(V128), code.local(V128)];
  const none = code.local(V128);
  for (let k = 0; k < PAIRS; k++)
    code
      .get(0)
      .load(16 * k)
      .set(vectors[k]!);
  const carryDigits = () => {
    code.get(none).set(previous);
    for (const vector of vectors) {
      code.get(vector).get(zero).load(AT.halfDigits).i16x8Add();
      code.i32(DIGIT_BITS).i16x8ShrS().set(carry);
      code.get(vector).get(carry).i32(DIGIT_BITS).i16x8Shl().i16x8Sub();
      // each digit's carry belongs to the next digit
      code.get(carry).i32(16).i32x4Shl().get(previous).i32(16).i32x4ShrU().vOr().i16x8Add().set(vector);
      code.get(carry).set(previous);
    }
  };
  carryDigits();
  subtractMultiple(code, vectors);
  carryDigits();
  vectors.forEach((vector, k) => {
    code
      .get(0)
      .get(vector)
      .store(16 * k);
  });
  return code;
}

/** Subtracts the multiple of p that is nearest to what the top digit says. */
export function subtractMultiple(code: WasmCode, vectors: number[]): void {
  const zero = code.local(I32);
  const multiple = code.local(V128);
  code
    .get(vectors[PAIRS - 1]!)
    .i32(16)
    .i32x4ShrS();
  code.get(zero).load(AT.inverseTop).i32x4Mul();
  code.get(zero).load(AT.roundingBias).i32x4Add().i32(16).i32x4ShrS().tee(multiple);
  code.i32(16).i32x4Shl().get(multiple).get(zero).load(AT.maskHalf).vAnd().vOr().set(multiple);
  vectors.forEach((vector, k) => {
    code.get(vector).get(multiple).get(zero);
    code
      .load(AT.modulus + 16 * k)
      .i16x8Mul()
      .i16x8Sub()
      .set(vector);
  });
}

/** `power(result, element, constant)`: (element + constant)^5. */
export function power(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32, I32, I32);
  const [result, element, constant] = [0, 1, 2];
  const zero = code.local(I32);
  for (let k = 0; k < PAIRS; k++) {
    code.get(zero).get(element);
    code
      .load(16 * k)
      .get(constant)
      .load(16 * k)
      .i16x8Add()
      .store(AT.sboxInput + 16 * k);
  }
  code.i32(AT.spreadInput).i32(AT.sboxInput).call(f.spread);
  code.i32(AT.sboxPower).i32(AT.sboxInput).i32(AT.spreadInput).i32(AT.nothing).call(f.multiply);
  code.i32(AT.spreadPower).i32(AT.sboxPower).call(f.spread);
  code.i32(AT.sboxPower).i32(AT.sboxPower).i32(AT.spreadPower).i32(AT.nothing).call(f.multiply);
  code.get(result).i32(AT.sboxPower).i32(AT.spreadInput).i32(AT.nothing).call(f.multiply);
  return code;
}

/** `mixFull()`: the state times the matrix of full rounds, by the additions of the paper's section 5.1. */
export function mixFull(f: FunctionNumbers): WasmCode {
  const code = new WasmCode();
  const zero = code.local(I32);
  const [s0, s1, s2, s3] = STATE_ADDRESSES;
  const [t0, t1, t2, t3] = STATE_ADDRESSES.map(
    (_, i) => AT.temporary + i * ELEMENT_BYTES,
  ) as typeof STATE_ADDRESSES;
  /** target = 2^shift · a + b (+ c) */
  const combine = (target: number, shift: number, ...sources: number[]) => {
    for (let k = 0; k < PAIRS; k++) {
      code.get(zero);
      sources.forEach((source, i) => {
        code.get(zero).load(source + 16 * k);
        if (i === 0 && shift > 0) code.i32(shift).i16x8Shl();
        if (i > 0) code.i16x8Add();
      });
      code.store(target + 16 * k);
    }
    code.i32(target).call(f.tidy);
  };
  combine(t0, 0, s0, s1);
  combine(t1, 0, s2, s3);
  combine(t2, 1, s1, t1);
  combine(t3, 1, s3, t0);
  combine(s3, 2, t1, t3);
  combine(s1, 2, t0, t2);
  combine(s0, 0, t3, s1);
  combine(s2, 0, t2, s3);
  return code;
}

/** `directRound(constant, before, after)`: a partial round, whose first elements stand and are put at these places. */
export function directRound(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32, I32, I32);
  const [constant, before, after] = [0, 1, 2];
  const zero = code.local(I32);
  const vectors = code.locals(PAIRS, V128);
  const [, ...others] = STATE_ADDRESSES;
  code.get(after).get(before).get(constant).call(f.power);
  vectors.forEach((vector, k) => {
    code.get(after).load(16 * k);
    for (const other of others)
      code
        .get(zero)
        .load(other + 16 * k)
        .i16x8Add();
    code.set(vector);
  });
  // the sum is below 4 p; without this, elements would grow from round to round
  subtractMultiple(code, vectors);
  vectors.forEach((vector, k) => {
    code
      .get(zero)
      .get(vector)
      .store(AT.sum + 16 * k);
  });
  code.get(before).i32(ELEMENT_BYTES).i32Add().get(after).i32(AT.diagonal).i32(AT.sum).call(f.multiply);
  others.forEach((element, i) => {
    code.i32(element).i32(element);
    code
      .i32(AT.diagonal + (i + 1) * SPREAD_BYTES)
      .i32(AT.sum)
      .call(f.multiply);
  });
  return code;
}

/**
 * `combine(result, before, after, factors, summand)`: six products and a summand: those of the element at `before`
 * and the two in front of it, and of the three in front of `after`.
 */
export function combine(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32, I32, I32, I32, I32);
  const [result, before, after, factors, summand] = [0, 1, 2, 3, 4];
  const terms = [
    [before, 0],
    [before, 1],
    [before, 2],
    [after, 1],
    [after, 2],
    [after, 3],
  ] as const;
  terms.forEach(([pointer, back], i) => {
    code
      .get(pointer)
      .i32(back * ELEMENT_BYTES)
      .i32Sub();
    code
      .get(factors)
      .i32(i * SPREAD_BYTES)
      .i32Add();
    code.call(i === 0 ? f.product : f.addProduct);
  });
  return code.get(result).get(summand).call(f.reduce);
}

/** `partialRounds(constant)`: all partial rounds; see {@link recurrence}. */
export function partialRounds(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32);
  const constant = 0;
  const zero = code.local(I32);
  const [before, after, factors, rounds] = code.locals(4, I32) as [number, number, number, number];
  const advance = (pointer: number, bytes: number) => code.get(pointer).i32(bytes).i32Add().set(pointer);
  const [s0, ...others] = STATE_ADDRESSES;
  for (let k = 0; k < PAIRS; k++) {
    code
      .get(zero)
      .get(zero)
      .load(s0 + 16 * k);
    code.store(AT.before + 16 * k);
  }
  code.i32(AT.before).set(before).i32(AT.after).set(after).i32(AT.steps).set(factors);
  code.i32(DIRECT_ROUNDS).set(rounds);
  code.repeat(rounds, () => {
    code.get(constant).get(before).get(after).call(f.directRound);
    for (const pointer of [constant, before, after]) advance(pointer, ELEMENT_BYTES);
  });
  code.i32(PARTIAL_ROUNDS - DIRECT_ROUNDS).set(rounds);
  code.repeat(rounds, () => {
    code.get(after).get(before).get(constant).call(f.power);
    code.get(before).i32(ELEMENT_BYTES).i32Add();
    code.get(before).get(after).get(factors).get(after).call(f.combine);
    for (const pointer of [constant, before, after]) advance(pointer, ELEMENT_BYTES);
    advance(factors, TERMS * SPREAD_BYTES);
  });
  others.forEach((element, i) => {
    code.i32(element).get(before).get(after);
    code
      .i32(AT.others + i * TERMS * SPREAD_BYTES)
      .i32(AT.nothing)
      .call(f.combine);
  });
  return code.i32(s0).get(before).i32(AT.first).i32(AT.nothing).call(f.multiply);
}

/** `permute()`: the permutation of the state. */
export function permute(f: FunctionNumbers): WasmCode {
  const code = new WasmCode();
  const [constant, rounds] = [code.local(I32), code.local(I32)];
  const next = () => code.get(constant).i32(ELEMENT_BYTES).i32Add().set(constant);
  const fullRounds = () => {
    code.i32(FULL_ROUNDS / 2).set(rounds);
    code.repeat(rounds, () => {
      for (let i = 0; i < STATE_SIZE; i++) {
        const element = STATE_ADDRESSES[i]!;
        code.i32(element).i32(element).get(constant).call(f.power);
        next();
      }
      code.call(f.mixFull);
    });
  };
  code.i32(AT.roundConstants).set(constant).call(f.mixFull);
  fullRounds();
  code.get(constant).call(f.partialRounds);
  code
    .get(constant)
    .i32(PARTIAL_ROUNDS * ELEMENT_BYTES)
    .i32Add()
    .set(constant);
  fullRounds();
  return code;
}
