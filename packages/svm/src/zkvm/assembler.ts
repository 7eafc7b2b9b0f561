import { InvariantError } from '@polyproof/base';
import type { Entry } from './entry.js';
import { OP, PROGRAM_ENTRIES, REGISTER } from './operations.js';

/** An entry whose jump or immediate may be the place of a label. */
export interface Line {
  op: number;
  a?: number;
  b?: number;
  immediate?: bigint;
  window?: number;
  memory?: boolean;
  /** whether it starts an invocation */
  meter?: boolean;
  units?: number;
  /** label to jump to */
  to?: string;
  /** how far it jumps, where that is to no label */
  jump?: number;
  /** label whose place the immediate is */
  place?: string;
  /** label that a function returns to: the immediate is its place, counted down */
  link?: string;
  /** jump and immediate of a jump by register, which depend on the entry's own place */
  by?: 'link' | 'routine-link';
}

/** Puts entries one behind the other, and finds out where their labels are. */
export class Assembler {
  readonly #lines: Line[] = [];
  readonly #labels = new Map<string, number>();

  get place(): number {
    return this.#lines.length;
  }

  label(name: string): void {
    if (this.#labels.has(name)) throw new InvariantError(`the label ${name} is there twice`);
    this.#labels.set(name, this.#lines.length);
  }

  add(...lines: Line[]): void {
    for (const line of lines) this.#lines.push(line);
  }

  finish(): Entry[] {
    return this.#lines.map((line, place) => this.#resolve(line, place));
  }

  #resolve(line: Line, place: number): Entry {
    const next = place + 1;
    let jump = line.to === undefined ? (line.jump ?? 0) : this.#placeOf(line.to) - next;
    let immediate = line.immediate ?? 0n;
    if (line.place !== undefined) immediate += BigInt(this.#placeOf(line.place));
    if (line.link !== undefined) immediate += BigInt(PROGRAM_ENTRIES - this.#placeOf(line.link));
    if (line.by === 'link') {
      immediate += BigInt(next - PROGRAM_ENTRIES);
      jump = -1;
    } else if (line.by === 'routine-link') {
      immediate -= BigInt(next);
      jump = 1;
    }
    return {
      op: line.op,
      a: line.a ?? REGISTER.ZERO,
      b: line.b ?? REGISTER.ZERO,
      window: line.window ?? 0,
      memory: line.memory ?? false,
      meter: line.meter ?? false,
      units: line.units ?? 0,
      jump,
      immediate,
    };
  }

  #placeOf(label: string): number {
    const place = this.#labels.get(label);
    if (place === undefined) throw new InvariantError(`there is no label ${label}`);
    return place;
  }
}

/** Goes on at a label. */
export const go = (to: string): Line => ({ op: OP.JA, to });
/** a = value */
export const set = (a: number, immediate: bigint): Line => ({ op: OP.MOV, a, immediate });
/** a = b + immediate, without wrapping */
export const copy = (a: number, b: number, immediate = 0n): Line => ({ op: OP.MOV, a, b, immediate });
/** a = a op value */
export const withValue = (op: number, a: number, immediate: bigint): Line => ({ op, a, immediate });
/** a = a op b */
export const withRegister = (op: number, a: number, b: number): Line => ({ op, a, b });
/** goes on at a label where `a op value` */
export const branch = (op: number, a: number, immediate: bigint, to: string): Line => ({
  op,
  a,
  immediate,
  to,
});
/** goes on at a label where `a op b` */
export const branchOn = (op: number, a: number, b: number, to: string): Line => ({ op, a, b, to });

const SIZES = [1, 2, 4];

/** a = what is at b + offset */
export const load = (bytes: number, a: number, b: number, offset = 0n): Line => ({
  op: bytes === 8 ? OP.LOAD_8 : OP.LOAD + SIZES.indexOf(bytes),
  a,
  b,
  immediate: offset + BigInt(bytes),
  memory: true,
});

/** what is at b + offset = a */
export const store = (bytes: number, a: number, b: number, offset = 0n): Line => ({
  op: bytes === 8 ? OP.STORE_8 : OP.STORE + SIZES.indexOf(bytes),
  a,
  b,
  immediate: offset + BigInt(bytes),
  memory: true,
});
