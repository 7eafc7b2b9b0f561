import { FIELD_MODULUS } from '@polyproof/base';
import { AT, DIGIT_BITS, FIELD_BYTES, LANES, PAIRS, STATE_ADDRESSES } from './layout.js';
import { RATE } from './parameters.js';
import type { FunctionNumbers } from './rounds.js';
import { I32, I64, V128, WasmCode } from './wasm-code.js';

const PAIR_BITS = 2 * DIGIT_BITS;
const PAIR_MASK = (1n << BigInt(PAIR_BITS)) - 1n;
const WORDS = FIELD_BYTES / 8;
const REVERSED = Array.from({ length: 16 }, (_, i) => 15 - i);

/** `absorb(element, source, stride)`: adds a field of 32 big-endian bytes for each lane, `stride` bytes apart. */
export function absorb(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32, I32, I32);
  const [element, source, stride] = [0, 1, 2];
  const zero = code.local(I32);
  const half = code.local(V128);
  const words = code.locals(WORDS, I64);
  const pair = code.local(I32);
  for (let lane = 0; lane < LANES; lane++) {
    for (const part of [0, 1]) {
      code
        .get(source)
        .load(16 * part)
        .tee(half)
        .get(half)
        .shuffle(REVERSED)
        .set(half);
      code
        .get(half)
        .i64Lane(0)
        .set(words[2 - 2 * part]!);
      code
        .get(half)
        .i64Lane(1)
        .set(words[3 - 2 * part]!);
    }
    for (let k = 0; k < PAIRS; k++) {
      const [word, bit] = [Math.floor((PAIR_BITS * k) / 64), (PAIR_BITS * k) % 64];
      code.get(words[word]!).i64(BigInt(bit)).i64ShrU();
      const next = words[word + 1];
      if (bit + PAIR_BITS > 64 && next !== undefined)
        code
          .get(next)
          .i64(BigInt(64 - bit))
          .i64Shl()
          .i64Or();
      code.i64(PAIR_MASK).i64And().wrap().set(pair);
      const low = 2 ** DIGIT_BITS - 1;
      code
        .get(zero)
        .get(pair)
        .i32(low)
        .i32And()
        .get(pair)
        .i32(16 - DIGIT_BITS)
        .i32Shl();
      code
        .i32(low << 16)
        .i32And()
        .i32Or()
        .i32Store(AT.temporary + 16 * k + 4 * lane);
    }
    code.get(source).get(stride).i32Add().set(source);
  }
  code.get(element).i32(AT.temporary).i32(AT.rSquared).get(element).call(f.multiply);
  return code;
}

/** `squeeze()`: the first element of the state, out of Montgomery form, as 32 big-endian bytes for each lane. */
export function squeeze(f: FunctionNumbers): WasmCode {
  const code = new WasmCode();
  const zero = code.local(I32);
  const [carry, sign] = [code.local(I64), code.local(I64)];
  const chunks = code.locals(PAIRS, I64);
  code.i32(AT.temporary).i32(STATE_ADDRESSES[0]).i32(AT.one).i32(AT.nothing).call(f.multiply);
  for (let lane = 0; lane < LANES; lane++) {
    // pairs of digits with carries; what is carried beyond the last is the sign
    code.i64(0n).set(carry);
    chunks.forEach((chunk, k) => {
      const at = AT.temporary + 16 * k + 4 * lane;
      code.get(zero).i64Load16(at).get(zero);
      code
        .i64Load16(at + 2)
        .i64(BigInt(DIGIT_BITS))
        .i64Shl()
        .i64Add()
        .get(carry)
        .i64Add();
      code.tee(chunk).i64(BigInt(PAIR_BITS)).i64ShrS().set(carry);
      code.get(chunk).i64(PAIR_MASK).i64And().set(chunk);
    });
    // the value is between -p and p: p is added to a negative one
    code.get(carry).set(sign).i64(0n).set(carry);
    chunks.forEach((chunk, k) => {
      const part = (FIELD_MODULUS >> BigInt(PAIR_BITS * k)) & PAIR_MASK;
      code.get(sign).i64(part).i64And().get(chunk).i64Add().get(carry).i64Add();
      code.tee(chunk).i64(BigInt(PAIR_BITS)).i64ShrU().set(carry);
      code.get(chunk).i64(PAIR_MASK).i64And().set(chunk);
    });
    writeWords(code, { chunks, zero, address: AT.output + FIELD_BYTES * lane });
  }
  return code;
}

function writeWords(code: WasmCode, at: { chunks: number[]; zero: number; address: number }): void {
  // as two little-endian halves, each then turned round as a whole
  for (let word = 0; word < WORDS; word++) {
    code.get(at.zero).i64(0n);
    at.chunks.forEach((chunk, k) => {
      const shift = PAIR_BITS * k - 64 * word;
      if (shift >= 64 || shift <= -PAIR_BITS) return;
      code.get(chunk).i64(BigInt(Math.abs(shift)));
      if (shift >= 0) code.i64Shl();
      else code.i64ShrU();
      code.i64Or();
    });
    code.i64Store(at.address + 8 * (word < 2 ? word + 2 : word - 2));
  }
  for (const half of [0, 16]) {
    code
      .get(at.zero)
      .get(at.zero)
      .load(at.address + half);
    code
      .get(at.zero)
      .load(at.address + half)
      .shuffle(REVERSED)
      .store(at.address + half);
  }
}

/** `start()`: an empty sponge for each lane, with the capacities that stand in their place. */
export function start(f: FunctionNumbers): WasmCode {
  const code = cleared(STATE_ADDRESSES);
  return code.i32(STATE_ADDRESSES[3]).i32(AT.capacity).i32(FIELD_BYTES).call(f.absorb);
}

/** `compress()`: four fields for each lane, which stand at the input's place, first all of the first lane, become one. */
export function compress(f: FunctionNumbers): WasmCode {
  const code = cleared(STATE_ADDRESSES);
  const stride = STATE_ADDRESSES.length * FIELD_BYTES;
  STATE_ADDRESSES.forEach((element, i) => {
    code
      .i32(element)
      .i32(AT.input + i * FIELD_BYTES)
      .i32(stride)
      .call(f.absorb);
  });
  code.call(f.permute);
  // the input is added again, so that nobody can go back
  return code.i32(STATE_ADDRESSES[0]).i32(AT.input).i32(stride).call(f.absorb).call(f.squeeze);
}

/** The start of a function: elements set to 0. */
export function cleared(elements: readonly number[]): WasmCode {
  const code = new WasmCode();
  const zero = code.local(I32);
  const none = code.local(V128);
  for (const element of elements)
    for (let k = 0; k < PAIRS; k++)
      code
        .get(zero)
        .get(none)
        .store(element + 16 * k);
  return code;
}

/**
 * `run(permutations)`: takes in what stands at the input's place: three fields for each permutation, first all of
 * the first lane.
 */
export function run(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32);
  const permutations = 0;
  const [input, stride] = [code.local(I32), code.local(I32)];
  code.i32(AT.input).set(input);
  code
    .get(permutations)
    .i32(RATE * FIELD_BYTES)
    .i32Mul()
    .set(stride);
  code.repeat(permutations, () => {
    for (const element of STATE_ADDRESSES.slice(0, RATE)) {
      code.i32(element).get(input).get(stride).call(f.absorb);
      code.get(input).i32(FIELD_BYTES).i32Add().set(input);
    }
    code.call(f.permute);
  });
  return code;
}
