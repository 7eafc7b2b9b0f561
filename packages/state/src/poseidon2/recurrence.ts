import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { DIAGONAL, PARTIAL_ROUNDS } from './parameters.js';

/*
 * Partial rounds without their state. Let s(r) be what the S-box gives in round r, a(r) the first element before it,
 * u(r) the other three: u(r+1) = A·u(r) + e·s(r) and a(r+1) = e·u(r) + d·s(r), with e = (1, 1, 1), d = 1 + the
 * diagonal's first element, and A the diagonal's others plus e·e. By the characteristic polynomial of A,
 * x^3 + p1·x^2 + p2·x + p3, the a(r) follow from the ones before:
 *
 *   a(r+1) = d·s(r) + b1·s(r-1) + b2·s(r-2) + b3·s(r-3) - p1·a(r) - p2·a(r-1) - p3·a(r-2).
 *
 * That is one reduction a round in place of four. Then the a(r) are scaled by k(r), which turns the S-box's result
 * into k(r)^5·s(r): with k(r+1) = k(r)^5 / d the first product becomes a plain addition.
 */

/** Rounds that are done directly, because the recurrence needs as much to start. */
export const DIRECT_ROUNDS = 3;
/** products of a step: with the last three a(r), newest first, then with the three s(r) before the newest */
export const TERMS = 6;

export interface Recurrence {
  /** k(r) */
  scale: Field[];
  /** for each a(r) from r = 4 on, the factors of its six terms */
  steps: Field[][];
  /**
   * The state after the last round from the last three a(r), newest first, and the last three s(r), newest first:
   * factors for each of the three other elements, and the one for a(r) itself.
   */
  others: Field[][];
  first: Field;
}

/** The constants of the recurrence; scaling starts where it does. */
export function recurrence(): Recurrence {
  const [d0, ...diagonal] = DIAGONAL as [Field, Field, Field, Field];
  const d = d0 + 1n;
  const matrix = diagonal.map((value, i) => diagonal.map((_, j) => (i === j ? value + 1n : 1n)));
  const ones = [1n, 1n, 1n];
  const [p1, p2, p3] = characteristic(matrix);
  const h1 = sum(times(matrix, ones));
  const h2 = sum(times(matrix, times(matrix, ones)));
  const sFactors = [3n + p1 * d, h1 + 3n * p1 + p2 * d, h2 + p1 * h1 + 3n * p2 + p3 * d];
  const aFactors = [-p1, -p2, -p3];

  const scale = Array<Field>(DIRECT_ROUNDS + 1).fill(1n);
  const byD = inverse(d);
  while (scale.length <= PARTIAL_ROUNDS) scale.push(reduced(power(scale.at(-1)!, 5n) * byD));
  const unscaleA = scale.map(inverse);
  const unscaleS = unscaleA.map((value) => power(value, 5n));
  const steps: Field[][] = [];
  for (let r = DIRECT_ROUNDS + 1; r <= PARTIAL_ROUNDS; r++)
    steps.push([
      ...aFactors.map((factor, i) => reduced(scale[r]! * factor * unscaleA[r - 1 - i]!)),
      ...sFactors.map((factor, i) => reduced(scale[r]! * factor * unscaleS[r - 2 - i]!)),
    ]);

  // the last three y(r) = e·u(r) = a(r+1) - d·s(r) give u three rounds before the end, and that gives u at the end
  const rows = [ones, times(transposed(matrix), ones)];
  rows.push(times(transposed(matrix), rows[1]!));
  const cube = product(matrix, product(matrix, matrix));
  const fromY = product(cube, inverted(rows));
  const others = fromY.map(([y0, y1, y2], i) => {
    const column = (vector: Field[]) => vector[i]!;
    const sOld = column(times(matrix, times(matrix, ones))) - d * y0! - 3n * y1! - h1 * y2!;
    const sMiddle = column(times(matrix, ones)) - d * y1! - 3n * y2!;
    const sNew = 1n - d * y2!;
    return [
      ...[y2!, y1!, y0!].map((factor, j) => reduced(factor * unscaleA[PARTIAL_ROUNDS - j]!)),
      ...[sNew, sMiddle, sOld].map((factor, j) => reduced(factor * unscaleS[PARTIAL_ROUNDS - 1 - j]!)),
    ];
  });
  return { scale, steps, others, first: unscaleA[PARTIAL_ROUNDS]! };
}

function characteristic(m: Field[][]): [Field, Field, Field] {
  const minor = (i: number, j: number) => m[i]![i]! * m[j]![j]! - m[i]![j]! * m[j]![i]!;
  return [-(m[0]![0]! + m[1]![1]! + m[2]![2]!), minor(0, 1) + minor(0, 2) + minor(1, 2), -determinant(m)].map(
    reduced,
  ) as [Field, Field, Field];
}

function determinant(m: Field[][]): Field {
  return sum(m[0]!.map((value, j) => value * cofactor(m, 0, j)));
}

function cofactor(m: Field[][], i: number, j: number): Field {
  const at = (row: number, column: number) => m[(i + row) % 3]![(j + column) % 3]!;
  return reduced(at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1));
}

function inverted(m: Field[][]): Field[][] {
  const byDeterminant = inverse(determinant(m));
  return m.map((_, i) => m.map((__, j) => reduced(cofactor(m, j, i) * byDeterminant)));
}

function transposed(m: Field[][]): Field[][] {
  return m.map((_, i) => m.map((row) => row[i]!));
}

function product(a: Field[][], b: Field[][]): Field[][] {
  return transposed(transposed(b).map((column) => times(a, column)));
}

function times(m: Field[][], vector: Field[]): Field[] {
  return m.map((row) => sum(row.map((value, i) => value * vector[i]!)));
}

function sum(values: Field[]): Field {
  return reduced(values.reduce((a, b) => a + b, 0n));
}

function reduced(value: bigint): Field {
  const rest = value % FIELD_MODULUS;
  return rest < 0n ? rest + FIELD_MODULUS : rest;
}

function power(base: Field, exponent: bigint): Field {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = reduced(result * square);
    square = reduced(square * square);
  }
  return result;
}

function inverse(value: Field): Field {
  return power(value, FIELD_MODULUS - 2n);
}
