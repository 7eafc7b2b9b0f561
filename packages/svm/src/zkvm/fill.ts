import { ZkvmError } from './errors.js';

/**
 * Values, and as many fillers behind them as a circuit has more room.
 * @throws {ZkvmError} `CIRCUIT_FULL`
 */
export function fill<T>(what: string, values: readonly T[], length: number, filler: T): T[] {
  if (values.length > length)
    throw new ZkvmError(
      'CIRCUIT_FULL',
      `${values.length} ${what} do not fit in the ${length} of the circuit`,
    );
  return concat(values, repeated(filler, length - values.length));
}

/** Faster than to spread many values. */
export const concat = <T>(...parts: readonly (readonly T[])[]): T[] => ([] as T[]).concat(...parts);
export const repeated = <T>(value: T, length: number): T[] => new Array<T>(length).fill(value);
