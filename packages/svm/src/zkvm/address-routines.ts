import {
  type Assembler,
  branch,
  copy,
  go,
  type Line,
  load,
  set,
  store,
  withRegister,
  withValue,
} from './assembler.js';
import { ADDRESS_OUTCOME, SEED_BYTES } from './derivations.js';
import { OP } from './operations.js';
import { done, loop, N, P, Q, R, S, V, W } from './routine-parts.js';

/** of a try, which all cost the same */
const UNITS = 1_500;
export const MAX_SEEDS = 16n;
const MAX_SEED_BYTES = 32n;
const SLICE_BYTES = 16n;
const FIRST_BUMP = 255n;
/** place of a derivation, and of its next byte */
const PLACE = 38;
export const NEXT = 39;

/** r1 seeds, a list of r2 slices; r3 the program's address; r4 where the address goes. 1 where it is a point. */
export function createAddress(assembler: Assembler, name: string): void {
  takeSeeds(assembler, name, { ...ARGUMENTS, most: MAX_SEEDS, tooMany: 'unwind' });
  assembler.add(
    branch(OP.GT, NEXT, BigInt(SEED_BYTES), 'trap'),
    ...ask(OP.ADDRESS, ADDRESS_OUTCOME),
    branch(OP.NE, V, 0n, `${name} none`),
    ...storeAddress(OP.ADDRESS),
    ...done(),
  );
  assembler.label(`${name} none`);
  assembler.add(set(R(0), 1n), ...done().slice(1));
}

/** As {@link createAddress}, with the first bump as last seed that gives an address; r5 where that goes. */
export function findAddress(assembler: Assembler, name: string): void {
  // With one seed more there would be no room for the bump, and 255 tries.
  takeSeeds(assembler, name, { ...ARGUMENTS, most: MAX_SEEDS - 1n, tooMany: 'trap' });
  assembler.add(
    branch(OP.GE, NEXT, BigInt(SEED_BYTES), 'trap'),
    ...ask(OP.FIND, ADDRESS_OUTCOME),
    copy(W, R(5)),
    withRegister(OP.SUB, W, R(4)),
    branch(OP.LT, W, 32n, 'unwind'),
    store(1, V, R(5)),
    set(S, FIRST_BUMP),
    withRegister(OP.SUB, S, V),
  );
  assembler.label(`${name} tries`);
  assembler.add(
    branch(OP.EQ, S, 0n, `${name} tried`),
    { ...withValue(OP.SUB, S, 1n), units: UNITS },
    go(`${name} tries`),
  );
  assembler.label(`${name} tried`);
  assembler.add(...storeAddress(OP.FIND), ...done());
}

/** Where seeds are: registers with the address of a list of slices and how many there are. */
export interface Seeds {
  list: number;
  count: number;
  /** V = a word of the program's address */
  program: (word: number) => Line;
  units: number;
  most: bigint;
  tooMany: string;
}

const ARGUMENTS = {
  list: R(1),
  count: R(2),
  program: (word: number) => load(8, V, R(3), BigInt(8 * word)),
  units: UNITS,
};

/** Puts seeds and the program's address into a derivation. `NEXT` is the length of the seeds then. */
export function takeSeeds(assembler: Assembler, name: string, from: Seeds): void {
  assembler.add(
    { ...branch(OP.GT, from.count, from.most, from.tooMany), units: from.units },
    set(PLACE, 0n),
    { op: OP.DERIVATION, a: PLACE },
    copy(NEXT, PLACE),
    copy(S, from.count),
    branch(OP.EQ, S, 0n, `${name} program`),
    // A list has to be aligned.
    copy(Q, from.list),
    copy(V, Q),
    withValue(OP.AND, V, 7n),
    branch(OP.NE, V, 0n, 'unwind'),
  );
  assembler.label(`${name} seed`);
  assembler.add(load(8, P, Q), load(8, N, Q, 8n), branch(OP.GT, N, MAX_SEED_BYTES, 'unwind'));
  const put = (bytes: number): Line[] => [load(bytes, V, P), seed(bytes, V, NEXT)];
  loop(assembler, `${name} seed`, put, [P, NEXT]);
  assembler.add(
    withValue(OP.ADD, Q, SLICE_BYTES),
    withValue(OP.SUB, S, 1n),
    branch(OP.NE, S, 0n, `${name} seed`),
  );
  assembler.label(`${name} program`);
  for (const word of [0, 1, 2, 3])
    assembler.add(from.program(word), seed(8, V, PLACE, BigInt(SEED_BYTES + 8 * word)));
  assembler.add(withRegister(OP.SUB, NEXT, PLACE));
}

const seed = (bytes: number, a: number, b: number, immediate = 0n): Line => ({
  op: bytes === 8 ? OP.SEED_8 : OP.SEED,
  a,
  b,
  immediate,
});

/** V = a part of the derived address, or what came of it */
export const ask = (op: number, part: number): Line[] => [
  copy(V, NEXT),
  { op, a: V, b: PLACE, immediate: BigInt(part) },
];

const storeAddress = (op: number): Line[] =>
  [0, 1, 2, 3].flatMap((word) => [...ask(op, word), store(8, V, R(4), BigInt(8 * word))]);
