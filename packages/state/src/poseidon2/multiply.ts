import { AT, DIGIT_BITS, MODULUS_DIGITS, PAIRS } from './layout.js';
import { I32, V128, WasmCode } from './wasm-code.js';

/** Pairs of digits that stay in registers at once: with as many of the other factor, all sixteen are used. */
const BLOCK = 5;

/**
 * `multiply(result, a, b, summand)`: `a · b / R + summand` for four elements at once, `b` spread, the result tidy.
 * The result may take the place of `a` or of the summand.
 *
 * The code has no loops: a column (digit of the product) is a sum of dot products in one register, columns of one
 * parity follow each other so that each step needs one more vector of `b`, and stores in between keep V8 from
 * moving loads ahead, which would spill registers.
 *
 * Bounds: with digits of `a` and `b` of at most two units each, a column is below 20·2^26 from the product and
 * 18·2^24 from the reduction: less than 2^31.
 */
export function multiply(): WasmCode {
  const code = new WasmCode(I32, I32, I32, I32);
  const [result, a, b, summand] = [0, 1, 2, 3];
  const zero = code.local(I32);
  const factor = code.locals(BLOCK, V128);
  const window = code.locals(BLOCK, V128);
  const quotient = code.locals(PAIRS, V128);
  const [even, odd, carry, extra] = code.locals(4, V128) as [number, number, number, number];
  const constant = (address: number) => code.get(zero).load(address);
  const column = (n: number) => AT.columns + 16 * n;
  const written = new Set<number>();

  /** Adds to column 2q + parity the pairs `first + i` of one factor times window vectors `q - first - i`. */
  const addToColumn = (n: number, pairs: [left: number, right: number][]) => {
    code.get(zero);
    let started = written.has(n);
    if (started) constant(column(n));
    for (const [left, right] of pairs) {
      code.get(left).get(right).dot();
      if (started) code.i32x4Add();
      started = true;
    }
    code.store(column(n));
    written.add(n);
  };

  const product = (first: number) => {
    for (let i = 0; i < BLOCK; i++)
      code
        .get(a)
        .load(16 * (first + i))
        .set(factor[i]!);
    for (const parity of [0, 1]) {
      const last = PAIRS - parity;
      for (let step = 0; step <= last + BLOCK - 1; step++) {
        if (step <= last)
          code
            .get(b)
            .load(16 * (2 * step + parity))
            .set(window[step % BLOCK]!);
        const pairs: [number, number][] = [];
        for (let i = 0; i < BLOCK; i++)
          if (step - i >= 0 && step - i <= last) pairs.push([factor[i]!, window[(step - i) % BLOCK]!]);
        addToColumn(2 * (first + step) + parity, pairs);
      }
    }
  };

  /** The sum of columns 2q and 2q+1 with carries, as two digits; leaves them on the stack. */
  const digits = () => {
    code.get(odd).get(even).i32(DIGIT_BITS).i32x4ShrS().i32x4Add().tee(odd);
    code.i32(DIGIT_BITS).i32x4ShrS().set(carry);
    code.get(even);
    constant(AT.maskDigit).vAnd().get(odd);
    constant(AT.maskDigit).vAnd().i32(16).i32x4Shl().vOr();
    constant(AT.halfDigits).i16x8Sub();
  };

  /**
   * The pair of digits that makes columns 2q and 2q+1 vanish when that multiple of p is subtracted: as p is 1
   * modulo 2^26, it is what stands there.
   */
  const reducePair = (q: number, first: number) => {
    code.get(zero);
    for (const [parity, target] of [
      [0, even],
      [1, odd],
    ] as const) {
      constant(column(2 * q + parity));
      if (parity === 1) constant(AT.bias);
      else if (q === 0) constant(AT.firstBias);
      else code.get(carry);
      code.i32x4Add();
      for (let i = first; i < q; i++) {
        code.get(quotient[i]!);
        constant(AT.negativeModulus + 16 * (2 * (q - 1 - i) + parity))
          .dot()
          .i32x4Add();
      }
      code.set(target);
    }
    digits();
    code.tee(quotient[q]!).store(column(2 * q));
  };

  const reduceBeyond = (first: number) => {
    for (const parity of [0, 1]) {
      const last = MODULUS_DIGITS / 2 - parity;
      const start = first + BLOCK;
      let loaded = 0;
      for (let q = start; q - 1 - (start - 1) <= last; q++) {
        const pairs: [number, number][] = [];
        for (let i = first; i < start; i++) {
          const at = q - 1 - i;
          if (at > last) continue;
          for (; loaded <= at; loaded++)
            constant(AT.negativeModulus + 16 * (2 * loaded + parity)).set(window[loaded % BLOCK]!);
          pairs.push([quotient[i]!, window[at % BLOCK]!]);
        }
        addToColumn(2 * q + parity, pairs);
      }
    }
  };

  const finish = () => {
    for (let k = 0; k < PAIRS; k++) {
      const q = PAIRS + k;
      code.get(result);
      code
        .get(summand)
        .load(16 * k)
        .set(extra);
      constant(column(2 * q))
        .get(carry)
        .i32x4Add()
        .get(extra);
      constant(AT.lowHalf).dot().i32x4Add().set(even);
      constant(AT.bias);
      if (written.has(2 * q + 1)) constant(column(2 * q + 1)).i32x4Add();
      code.get(extra);
      constant(AT.highHalf).dot().i32x4Add().set(odd);
      digits();
      code.store(16 * k);
    }
  };

  product(0);
  product(BLOCK);
  for (const first of [0, BLOCK]) {
    for (let q = first; q < first + BLOCK; q++) reducePair(q, first);
    reduceBeyond(first);
  }
  finish();
  return code;
}

/** `spread(result, element)`: the form that the right factor of a multiplication needs. */
export function spread(): WasmCode {
  const code = new WasmCode(I32, I32);
  const [result, element] = [0, 1];
  const [current, previous] = [code.local(V128), code.local(V128)];
  const lanes = (bytes: number[]) => [0, 4, 8, 12].flatMap((lane) => bytes.map((byte) => byte + lane));
  for (let k = 0; k < PAIRS; k++) {
    code
      .get(element)
      .load(16 * k)
      .set(current);
    // (2k, 2k-1), then (2k+1, 2k)
    code.get(result).get(current).get(previous);
    code.shuffle(lanes([0, 1, 18, 19])).store(32 * k);
    code.get(result).get(current).get(current);
    code.shuffle(lanes([2, 3, 0, 1])).store(32 * k + 16);
    code.get(current).set(previous);
  }
  const none = code.local(V128);
  code.get(result).get(none).get(previous);
  code.shuffle(lanes([0, 1, 18, 19])).store(32 * PAIRS);
  return code;
}
