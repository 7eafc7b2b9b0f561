import {
  type Assembler,
  branch,
  branchOn,
  copy,
  go,
  load,
  set,
  withRegister,
  withValue,
} from './assembler.js';
import { OP } from './operations.js';
import { chargeLength, done, N, P, Q, R, S, V, W } from './routine-parts.js';

const BASE_UNITS = 100;
const NOT_ASCII = 0x8080808080808080n;
/** behind the text, and where its last eight bytes begin */
const END = 38;
const LAST = 39;

/**
 * Reads text of r2 bytes at r1, which has to be UTF-8 (Unicode 15, table 3-7): anything else is a fault of the program.
 * Eight bytes of ASCII are one look. A unit a byte, 100 at least.
 */
export function log(assembler: Assembler, name: string): void {
  const label = (part: string) => `${name} ${part}`;
  assembler.add(
    { ...branch(OP.LE, R(2), BigInt(BASE_UNITS), label('charged')), units: BASE_UNITS },
    copy(N, R(2)),
    withValue(OP.SUB, N, BigInt(BASE_UNITS)),
  );
  // What can be charged is so little that the end is behind the start, or below all addresses.
  chargeLength(assembler, name);
  assembler.add(
    copy(P, R(1)),
    copy(END, R(1)),
    withRegister(OP.ADD, END, R(2)),
    copy(LAST, END),
    withValue(OP.SUB, LAST, 8n),
  );
  assembler.label(label('words'));
  assembler.add(branchOn(OP.GT, P, LAST, label('rest')));
  assembler.label(label('word'));
  assembler.add(
    ...eight(P, label('character')),
    withValue(OP.ADD, P, 8n),
    branchOn(OP.LE, P, LAST, label('word')),
  );
  assembler.label(label('rest'));
  assembler.add(
    branchOn(OP.EQ, P, END, label('done')),
    branch(OP.LT, R(2), 8n, label('character')),
    ...eight(LAST, label('character')),
  );
  assembler.label(label('done'));
  assembler.add(...done());
  character(assembler, label);
}

/** The character at `P`, and those of ASCII behind it. */
function character(assembler: Assembler, label: (part: string) => string): void {
  assembler.label(label('character'));
  assembler.add(
    branchOn(OP.EQ, P, END, label('done')),
    ...next(V),
    branch(OP.LT, V, 0x80n, label('character')),
    branch(OP.LT, V, 0xc2n, 'unwind'),
    ...between(0x80n, 0xbfn),
    branch(OP.LT, V, 0xe0n, label('last byte')),
    branch(OP.LT, V, 0xf0n, label('three bytes')),
    branch(OP.GT, V, 0xf4n, 'unwind'),
    branch(OP.NE, V, 0xf0n, label('not f0')),
    set(S, 0x90n),
  );
  assembler.label(label('not f0'));
  assembler.add(branch(OP.NE, V, 0xf4n, label('not f4')), set(Q, 0x8fn));
  assembler.label(label('not f4'));
  assembler.add(...continuation(), ...between(0x80n, 0xbfn), go(label('two more')));
  assembler.label(label('three bytes'));
  assembler.add(branch(OP.NE, V, 0xe0n, label('not e0')), set(S, 0xa0n));
  assembler.label(label('not e0'));
  assembler.add(branch(OP.NE, V, 0xedn, label('two more')), set(Q, 0x9fn));
  assembler.label(label('two more'));
  assembler.add(...continuation(), ...between(0x80n, 0xbfn));
  assembler.label(label('last byte'));
  assembler.add(...continuation(), go(label('words')));
}

/** Goes to a label unless the eight bytes at an address are ASCII. */
const eight = (at: number, otherwise: string) => [
  load(8, V, at),
  withValue(OP.AND, V, NOT_ASCII),
  branch(OP.NE, V, 0n, otherwise),
];

const next = (register: number) => [load(1, register, P), withValue(OP.ADD, P, 1n)];

/** Bounds of the next byte of a character. */
const between = (from: bigint, to: bigint) => [set(S, from), set(Q, to)];

const continuation = () => [
  branchOn(OP.EQ, P, END, 'unwind'),
  ...next(W),
  branchOn(OP.LT, W, S, 'unwind'),
  branchOn(OP.GT, W, Q, 'unwind'),
];

/** Reads 32 bytes at r1. */
export function logPubkey(assembler: Assembler): void {
  const words = [0, 8, 16, 24].map((at) => load(8, V, R(1), BigInt(at)));
  assembler.add({ ...words[0]!, units: BASE_UNITS }, ...words.slice(1), ...done());
}
