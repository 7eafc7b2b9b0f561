import type { Field } from '@polyproof/base';
import { type Answer, packAnswer } from './answer.js';
import { OP } from './operations.js';

/** Chips, in the order in which their rows stand among the answers. Names are those of the circuit's structures. */
export const CHIPS = [
  'words',
  'part_loads',
  'part_stores',
  'crossing_loads',
  'crossing_stores',
  'moves',
  'jumps',
  'narrows',
  'sums',
  'products',
  'quotients',
  'equalities',
  'orders',
  'bitwise',
  'shifts',
  'swaps',
  'chunks',
] as const;

export type Chip = (typeof CHIPS)[number];

/** One row of a chip: what its fields hold, and where another row stands that it reads. */
export interface Row {
  fields: Record<string, bigint | boolean>;
  reads?: RowReference;
  /** of an access: what the cell held before */
  found?: bigint;
}

/** A row that answers a step: of a chip, or one of the answers in front of the chips'. */
export type RowReference =
  | { chip: Chip; index: number }
  | { answer: number }
  /** of a derivation of an address: its place, words and outcome */
  | { derivation: number; which: number }
  /** 0 to 3: meter, enter, argument, leave; the first two also after the last invocation */
  | { invocation: number; which: number };

/** Answers that stand in front: `JA`, what idle rows read, then four an invocation and as many for the end. */
export const FIRST = {
  JA: 0,
  IDLE_LOAD: 1,
  IDLE_STORE: 2,
  IDLE_CROSSING_LOAD: 3,
  IDLE_CROSSING_STORE: 5,
  INVOCATIONS: 7,
};

/** The rows of a run. Rows that say the same are there once, but for memory accesses. */
export class Rows {
  readonly rows: Record<Chip, Row[]> = Object.fromEntries(CHIPS.map((chip) => [chip, []])) as never;
  readonly #known = new Map<Field, RowReference>();

  add(chip: Chip, row: Row): RowReference {
    return { chip, index: this.rows[chip].push(row) - 1 };
  }

  /** The row of a chip that answers this. */
  for(answer: Answer): RowReference {
    const packed = packAnswer(answer);
    const known = this.#known.get(packed);
    if (known !== undefined) return known;
    const row = this.add(...rowOf(answer));
    this.#known.set(packed, row);
    return row;
  }
}

function rowOf({ op, x, y, z }: Answer): [Chip, Row] {
  const row = (chip: Chip, fields: Row['fields']): [Chip, Row] => [chip, { fields }];
  switch (op) {
    case OP.MOV:
      return row('moves', { x, y });
    case OP.JUMP:
      return row('jumps', { x, y });
    case OP.ZERO_EXTEND:
    case OP.SIGN_EXTEND:
      return row('narrows', { x, y, signed: op === OP.SIGN_EXTEND });
    case OP.ADD:
      return row('sums', { a: x, b: y, subtracts: false });
    case OP.SUB:
      return row('sums', { a: z, b: y, subtracts: true });
    case OP.MUL:
      return row('products', { x, y });
    case OP.DIV:
    case OP.MOD:
      return row('quotients', { x, y, remainder: op === OP.MOD });
    case OP.EQ:
    case OP.NE:
      return row('equalities', { x, y, negated: op === OP.NE });
    case OP.LT:
    case OP.GE:
      return row('orders', { p: x, q: y, negated: op === OP.GE, exchanged: false });
    case OP.GT:
    case OP.LE:
      return row('orders', { p: y, q: x, negated: op === OP.LE, exchanged: true });
    case OP.AND:
    case OP.OR:
    case OP.XOR:
      return row('bitwise', { x, y, joins: op !== OP.AND, excludes: op === OP.XOR });
    case OP.SHL:
    case OP.SHR:
      return row('shifts', { x, y, right: op === OP.SHR });
    case OP.SEED:
    case OP.SEED_8:
      return row('chunks', { position: y, whole: op === OP.SEED_8 });
    default:
      return row('swaps', { x, y });
  }
}
