import { AT, DIGIT_BITS, MODULUS_DIGITS, PAIRS } from './layout.js';
import { I32, V128, WasmCode } from './wasm-code.js';

/** Pairs of digits that stay in registers at once: with as many of the other factor, all sixteen are used. */
const BLOCK = 5;

/*
 * Montgomery multiplication of four elements at once, in two halves, so that several products can share one
 * reduction: `product` and `addProduct` fill the columns (digits of the product), `reduce` makes an element of them.
 *
 * The code has no loops: a column is a sum of dot products in one register, columns of one parity follow each other
 * so that each step needs one more vector of the spread factor, and stores in between keep V8 from moving loads
 * ahead, which would spill registers. All of it together has to fit into the processor's cache of decoded
 * instructions: a function of its own for squares, with fewer instructions to run, made the whole slower.
 *
 * Bounds: with digits of the factors of at most two units each, a column is below 20·2^26 from one product and
 * 18·2^24 from the reduction: less than 2^31.
 */

/** `multiply(result, a, b, summand)`: `a · b / R + summand`, `b` spread. The result may take the place of any other. */
export function multiply(f: { product: number; reduce: number }): WasmCode {
  const code = new WasmCode(I32, I32, I32, I32);
  const [result, a, b, summand] = [0, 1, 2, 3];
  code.get(a).get(b).call(f.product);
  return code.get(result).get(summand).call(f.reduce);
}

/** `product(a, b)`: the columns of the product, `b` spread. */
export function product(): WasmCode {
  return columnsOf(new Columns(new WasmCode(I32, I32), 0));
}

/** `addProduct(a, b)`: adds the columns of another product. */
export function addProduct(): WasmCode {
  return columnsOf(new Columns(new WasmCode(I32, I32), PRODUCT_COLUMNS));
}

function columnsOf(columns: Columns): WasmCode {
  const { code, factor, window } = columns;
  const [a, b] = [0, 1];
  for (const first of [0, BLOCK]) {
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
        const pairs: Dot[] = [];
        for (let i = 0; i < BLOCK; i++)
          if (step - i >= 0 && step - i <= last) pairs.push([factor[i]!, window[(step - i) % BLOCK]!]);
        columns.add(2 * (first + step) + parity, pairs);
      }
    }
  }
  return code;
}

/** `reduce(result, summand)`: what stands in the columns, divided by R, plus the summand, tidy. */
export function reduce(): WasmCode {
  const columns = new Columns(new WasmCode(I32, I32), PRODUCT_COLUMNS);
  for (const first of [0, BLOCK]) {
    for (let q = first; q < first + BLOCK; q++) columns.reducePair(q, first);
    reduceBeyond(columns, first);
  }
  columns.finish(0, 1);
  return columns.code;
}

/** Adds to the columns behind a block what the multiples of p that the block took have there. */
function reduceBeyond(columns: Columns, first: number): void {
  const { window, quotient, constant } = columns;
  const start = first + BLOCK;
  for (const parity of [0, 1]) {
    const last = MODULUS_DIGITS / 2 - parity;
    let loaded = 0;
    for (let q = start; q - start <= last; q++) {
      const pairs: Dot[] = [];
      for (let i = first; i < start; i++) {
        const at = q - 1 - i;
        if (at > last) continue;
        for (; loaded <= at; loaded++)
          constant(AT.negativeModulus + 16 * (2 * loaded + parity)).set(window[loaded % BLOCK]!);
        pairs.push([quotient[i]!, window[at % BLOCK]!]);
      }
      columns.add(2 * q + parity, pairs);
    }
  }
}

/** columns that a product fills; one more is left for the last carry */
const PRODUCT_COLUMNS = 4 * PAIRS - 1;

type Dot = [left: number, right: number];

/** The columns of a product, in memory, and the registers with which they are computed. */
class Columns {
  readonly code: WasmCode;
  readonly factor: number[];
  readonly window: number[];
  readonly quotient: number[];
  readonly #even: number;
  readonly #odd: number;
  readonly #carry: number;
  readonly #extra: number;
  readonly #zero: number;
  readonly #written: Set<number>;

  /** @param written - how many columns have a value already */
  constructor(code: WasmCode, written: number) {
    this.code = code;
    this.#zero = code.local(I32);
    this.factor = code.locals(BLOCK, V128);
    this.window = code.locals(BLOCK, V128);
    this.quotient = code.locals(PAIRS, V128);
    [this.#even, this.#odd, this.#carry, this.#extra] = code.locals(4, V128) as [
      number,
      number,
      number,
      number,
    ];
    this.#written = new Set(Array.from({ length: written }, (_, i) => i));
  }

  /** Puts a constant on the stack. */
  readonly constant = (address: number): WasmCode => this.code.get(this.#zero).load(address);

  /** Adds dot products to a column. */
  add(column: number, pairs: readonly Dot[]): void {
    const { code } = this;
    code.get(this.#zero);
    let started = this.#written.has(column);
    if (started) this.#load(column);
    for (const [left, right] of pairs) {
      code.get(left).get(right).dot();
      if (started) code.i32x4Add();
      started = true;
    }
    code.store(AT.columns + 16 * column);
    this.#written.add(column);
  }

  /**
   * The pair of digits that makes columns 2q and 2q+1 vanish when that multiple of p is subtracted: as p is 1
   * modulo 2^26, it is what stands there. Earlier pairs, from `first` on, have their share in these columns.
   */
  reducePair(q: number, first: number): void {
    const { code, quotient } = this;
    for (const [parity, target] of [
      [0, this.#even],
      [1, this.#odd],
    ] as const) {
      this.#load(2 * q + parity);
      if (parity === 1) this.constant(AT.bias);
      else if (q === 0) this.constant(AT.firstBias);
      else code.get(this.#carry);
      code.i32x4Add();
      for (let i = first; i < q; i++) {
        code.get(quotient[i]!);
        this.constant(AT.negativeModulus + 16 * (2 * (q - 1 - i) + parity))
          .dot()
          .i32x4Add();
      }
      code.set(target);
    }
    code.get(this.#zero);
    this.#digits();
    code.tee(quotient[q]!).store(AT.columns + 32 * q);
  }

  /** The upper columns and a summand as digits of the result. */
  finish(result: number, summand: number): void {
    const { code } = this;
    for (let k = 0; k < PAIRS; k++) {
      const q = PAIRS + k;
      code
        .get(summand)
        .load(16 * k)
        .set(this.#extra);
      this.#load(2 * q);
      code.get(this.#carry).i32x4Add().get(this.#extra);
      this.constant(AT.lowHalf).dot().i32x4Add().set(this.#even);
      this.constant(AT.bias);
      if (this.#written.has(2 * q + 1)) {
        this.#load(2 * q + 1);
        code.i32x4Add();
      }
      code.get(this.#extra);
      this.constant(AT.highHalf).dot().i32x4Add().set(this.#odd);
      code.get(result);
      this.#digits();
      code.store(16 * k);
    }
  }

  /** Columns 2q and 2q+1, which stand in their registers, as a pair of digits on the stack; keeps the carry. */
  #digits(): void {
    const { code } = this;
    code.get(this.#odd).get(this.#even).i32(DIGIT_BITS).i32x4ShrS().i32x4Add().tee(this.#odd);
    code.i32(DIGIT_BITS).i32x4ShrS().set(this.#carry);
    code.get(this.#even);
    this.constant(AT.maskDigit).vAnd().get(this.#odd);
    this.constant(AT.maskDigit).vAnd().i32(16).i32x4Shl().vOr();
    this.constant(AT.halfDigits).i16x8Sub();
  }

  #load(column: number): void {
    this.constant(AT.columns + 16 * column);
  }
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
