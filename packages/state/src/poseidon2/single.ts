import { AT, ELEMENT_BYTES, FIELD_BYTES, PAIRS, STATE_ADDRESSES } from './layout.js';
import { FULL_ROUNDS, PARTIAL_ROUNDS } from './parameters.js';
import { type FunctionNumbers, subtractMultiple } from './rounds.js';
import { cleared } from './sponge.js';
import { I32, V128, WasmCode } from './wasm-code.js';

/*
 * One hash alone: the four lanes of a single element are the state. A partial round then takes four
 * multiplications instead of seven, a full round three instead of twelve.
 */

const STATE = STATE_ADDRESSES[0];
/** The bytes of a vector whose lane i is the lane i + `by` of another, counted in a circle. */
const rotated = (by: number) => Array.from({ length: 16 }, (_, i) => (i + 4 * by) % 16);
/** lane 0 of the first vector, the others of the second */
const firstLane = Array.from({ length: 16 }, (_, i) => (i < 4 ? i : i + 16));

/** `mixFullSingle()`: the state times the matrix of full rounds, in two steps that keep digits small. */
export function mixFullSingle(f: FunctionNumbers): WasmCode {
  const code = new WasmCode();
  const zero = code.local(I32);
  const [vector, sum] = [code.local(V128), code.local(V128)];
  for (const matrix of [AT.matrixFirst, AT.matrixSecond]) {
    for (let k = 0; k < PAIRS; k++) {
      code
        .get(zero)
        .load(STATE + 16 * k)
        .set(vector);
      for (let by = 0; by < 4; by++) {
        code.get(vector);
        if (by > 0) code.get(vector).shuffle(rotated(by));
        code
          .get(zero)
          .load(matrix + 16 * by)
          .i16x8Mul();
        if (by > 0) code.get(sum).i16x8Add();
        code.set(sum);
      }
      code
        .get(zero)
        .get(sum)
        .store(STATE + 16 * k);
    }
    code.i32(STATE).call(f.tidy);
  }
  return code;
}

/** `permuteSingle()`: the permutation of the state. */
export function permuteSingle(f: FunctionNumbers): WasmCode {
  const code = new WasmCode();
  const zero = code.local(I32);
  const [constant, rounds] = [code.local(I32), code.local(I32)];
  const vectors = code.locals(PAIRS, V128);
  const next = () => code.get(constant).i32(ELEMENT_BYTES).i32Add().set(constant);
  const fullRounds = () => {
    code.i32(FULL_ROUNDS / 2).set(rounds);
    code.repeat(rounds, () => {
      code.i32(STATE).i32(STATE).get(constant).call(f.power).call(f.mixFullSingle);
      next();
    });
  };
  const partialRound = () => {
    code.i32(AT.temporary).i32(STATE).get(constant).call(f.power);
    vectors.forEach((vector, k) => {
      code
        .get(zero)
        .get(zero)
        .load(AT.temporary + 16 * k);
      code
        .get(zero)
        .load(STATE + 16 * k)
        .shuffle(firstLane)
        .tee(vector)
        .store(STATE + 16 * k);
      // the sum of all lanes, in each lane
      for (const by of [1, 2])
        code.get(vector).get(vector).get(vector).shuffle(rotated(by)).i16x8Add().set(vector);
    });
    subtractMultiple(code, vectors);
    vectors.forEach((vector, k) => {
      code
        .get(zero)
        .get(vector)
        .store(AT.sum + 16 * k);
    });
    code.i32(STATE).i32(STATE).i32(AT.diagonalSingle).i32(AT.sum).call(f.multiply);
  };
  code.i32(AT.roundConstantsSingle).set(constant).call(f.mixFullSingle);
  fullRounds();
  code.i32(PARTIAL_ROUNDS).set(rounds);
  code.repeat(rounds, () => {
    partialRound();
    next();
  });
  fullRounds();
  return code;
}

/** `startSingle()`: an empty sponge, with the capacity in the place of the fourth lane's. */
export function startSingle(f: FunctionNumbers): WasmCode {
  return cleared([STATE]).i32(STATE).i32(AT.capacity).i32(FIELD_BYTES).call(f.absorb);
}

/** `compressSingle()`: the four fields at the input's place become one, which stands where the first lane's would. */
export function compressSingle(f: FunctionNumbers): WasmCode {
  const code = cleared([STATE]);
  const absorb = () => code.i32(STATE).i32(AT.input).i32(FIELD_BYTES).call(f.absorb);
  absorb().call(f.permuteSingle);
  return absorb().call(f.squeeze);
}

/** `runSingle(permutations)`: takes in what stands at the input's place: three fields and 0 for each permutation. */
export function runSingle(f: FunctionNumbers): WasmCode {
  const code = new WasmCode(I32);
  const permutations = 0;
  const input = code.local(I32);
  code.i32(AT.input).set(input);
  return code.repeat(permutations, () => {
    code.i32(STATE).get(input).i32(FIELD_BYTES).call(f.absorb);
    code
      .get(input)
      .i32(4 * FIELD_BYTES)
      .i32Add()
      .set(input);
    code.call(f.permuteSingle);
  });
}
