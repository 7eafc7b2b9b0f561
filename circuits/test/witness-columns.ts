import type { CompiledCircuit, InputMap } from '@noir-lang/noir_js';
import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';

type Abi = CompiledCircuit['abi'];
type AbiType = Abi['parameters'][number]['type'];

/** Steps to a value in a circuit's inputs: fields' names and places in arrays. */
export type Place = readonly (string | number)[];
type Value = string | number | boolean;

/** A column of a witness: what all rows of an array, or of arrays in its rows, say of one thing; or a value alone. */
export interface Column {
  /** as a path, with `[]` where an array is */
  name: string;
  /** `null` where an array is */
  path: readonly (string | null)[];
  type: AbiType;
}

/** Every column of a circuit, as its compiled form has them. */
export function columnsOf({ parameters }: Abi): Column[] {
  const nameOf = (path: Column['path']) => path.map((step) => (step === null ? '[]' : `.${step}`)).join('');
  const below = (path: Column['path'], type: AbiType): Column[] => {
    if (type.kind === 'struct')
      return type.fields.flatMap((field) => below([...path, field.name], field.type));
    if (type.kind === 'array') return below([...path, null], type.type);
    return [{ name: nameOf(path).slice(1), path, type }];
  };
  return parameters.flatMap(({ name, type }) => below([name], type));
}

export function valueAt(inputs: unknown, place: Place): unknown {
  return place.reduce((value, step) => (value as Record<string | number, unknown>)[step], inputs);
}

/** Whether two values are the same numbers, however they are written. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object') return BigInt(a as Value) === BigInt(b as Value);
  return Object.entries(a as object).every(([step, value]) =>
    isSame(value, (b as Record<string, unknown>)[step]),
  );
}

/**
 * Where a column is in use: in rows up to the last one that differs from the last of all, which holds what stands where
 * there is nothing: a row alone does. Values that are in no array always are in use.
 */
export function usedPlaces(inputs: unknown, { path }: Column): Place[] {
  const steps = path.indexOf(null);
  if (steps < 0) return [path as string[]];
  const rows = valueAt(inputs, path.slice(0, steps) as string[]) as unknown[];
  const used = rows.findLastIndex((row) => !isSame(row, rows.at(-1))) + 1;
  let places: Place[] = Array.from({ length: used }, (_, row) => [
    ...(path.slice(0, steps) as string[]),
    row,
  ]);
  for (const step of path.slice(steps + 1))
    places = places.flatMap((place) =>
      step === null
        ? (valueAt(inputs, place) as unknown[]).map((_, index) => [...place, index])
        : [[...place, step]],
    );
  return places;
}

/** The row of the outermost array that a place is in, its index, and that in the innermost array. Of a value alone: -1. */
export function rowOf(inputs: unknown, place: Place): { row: unknown; index: number; inner: number } {
  const step = place.findIndex((at) => typeof at === 'number');
  const index = (at: unknown) => (typeof at === 'number' ? at : -1);
  const inner = index(place.findLast((at) => typeof at === 'number'));
  return { row: valueAt(inputs, place.slice(0, step + 1)), index: index(place[step]), inner };
}

/** Other values for a place: one more, and that of the row behind or in front of it or else zero. */
export function otherValues(inputs: unknown, { type }: Column, place: Place): Value[] {
  const value = valueAt(inputs, place) as Value;
  if (type.kind === 'boolean') return [!value];
  const more = BigInt(value) + 1n;
  const one: Value =
    type.kind === 'integer' ? Number(more % (1n << BigInt(type.width))) : fieldToHex(more % FIELD_MODULUS);
  const others = [...neighbours(inputs, place), type.kind === 'field' ? '0' : 0];
  const other = others.find((of) => BigInt(of) !== BigInt(value) && BigInt(of) !== BigInt(one));
  return other === undefined ? [one] : [one, other];
}

/** Values of the same column in the rows behind and in front. */
function neighbours(inputs: unknown, place: Place): Value[] {
  const step = place.findLastIndex((at) => typeof at === 'number');
  if (step < 0) return [];
  const rows = valueAt(inputs, place.slice(0, step)) as unknown[];
  const row = place[step] as number;
  return [row + 1, row - 1]
    .filter((at) => at >= 0 && at < rows.length)
    .map((at) => valueAt(rows[at], place.slice(step + 1)) as Value);
}

/** Inputs that differ in one place. */
export function withValue(inputs: unknown, place: Place, value: Value): InputMap {
  const changed = structuredClone(inputs) as InputMap;
  const row = valueAt(changed, place.slice(0, -1)) as Record<string | number, unknown>;
  row[place.at(-1)!] = value;
  return changed;
}
