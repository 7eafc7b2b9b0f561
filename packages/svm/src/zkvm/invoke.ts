import { ask, MAX_SEEDS, NEXT, takeSeeds } from './address-routines.js';
import {
  type Assembler,
  branch,
  branchOn,
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
import { OP, PRIVILEGED, REGISTER } from './operations.js';
import { done, N, P, Q, R, S, V, W } from './routine-parts.js';
import { words } from './words.js';

const A = 38;
/** the end of a list, and all pointers of one joined by `OR` */
const END = 39;
const JOINED = 40;

/** Where a part finds the number of invocations so far, and a caller the called row: circuits/lib/src/sbpf/calls.nr. */
export const NUMBER = PRIVILEGED + (3n << 48n);
export const CALL_COUNT = NUMBER + 8n;
export const CALL_PROGRAM = NUMBER + 16n;
export const CALL_SIGNERS = NUMBER + 64n;
export const CALL_SIGNER = NUMBER + 72n;
export const CALL_DATA = NUMBER + (1n << 20n);
export const CALL_ACCOUNTS = NUMBER + (1n << 30n);
export const CALL_ACCOUNT_STRIDE = 64n;
/** from the address of a record's key to the length of its data: above all other privileged addresses */
export const RECORD = PRIVILEGED + (1n << 57n);

const INVOKE_UNITS = 946;
const INPUT_ADDRESS = 4n << 32n;
const INFO_BYTES = 48n;
const META_BYTES = 34n;
/** Bytes that are described or handed over without a charge: a unit buys 250. */
const FREE_BYTES = 250n;
/** 34 bytes are charged for each account of an instruction, 80 for each description. */
const FREE_ACCOUNTS = 8n;
const MAX_INFOS = 13n;
/** In a `Rc<RefCell<T>>` the value stands behind two counters and the borrow flag. */
const RC_VALUE = 24n;

const differs = (a: number, b: number, immediate = 0n): Line => ({ op: OP.NE, a, b, immediate, to: 'trap' });
const aligned = (a: number): Line[] => [withValue(OP.AND, a, 7n), branch(OP.NE, a, 0n, 'trap')];

/** The way out to a called program, and the ways back: places of `PLACE`. */
export function callEntries(assembler: Assembler): void {
  assembler.label('call');
  assembler.add({ op: OP.CALL, a: REGISTER.ZERO, b: REGISTER.T0, to: 'call' });
  assembler.add({ ...go('resumed'), window: -1 }, { ...go('unwind'), window: -1 });
}

/**
 * `sol_invoke_signed_rust`, with seeds of one address at most: compares what the program asks for with the called row. Whatever would be a
 * fault, costs more than its basic price, or differs from the row, ends in a trap.
 */
export function invokeRust(assembler: Assembler, name: string, address: Uint8Array): void {
  assembler.add(
    { ...load(8, REGISTER.T0, REGISTER.ZERO, NUMBER), units: INVOKE_UNITS },
    copy(REGISTER.T1, REGISTER.T0),
    // The called program has the next window, where the place to return to is.
    copy(REGISTER.T2, REGISTER.ROUTINE_LINK),
    copy(V, R(1)),
    withRegister(OP.OR, V, R(2)),
    ...aligned(V),
  );
  seeds(assembler, name, address);
  for (let word = 0n; word < 4n; word++)
    assembler.add(
      load(8, V, R(1), 48n + 8n * word),
      load(8, W, REGISTER.ZERO, CALL_PROGRAM + 8n * word),
      differs(V, W),
    );
  metas(assembler, name);
  data(assembler, name);
  infos(assembler, name);
  assembler.add(go('call'));
  resumed(assembler, name);
}

/** The address that seeds give, if there are any, is the one that the row says. */
function seeds(assembler: Assembler, name: string, address: Uint8Array): void {
  assembler.add(
    load(8, V, REGISTER.ZERO, CALL_SIGNERS),
    differs(V, R(5)),
    branch(OP.EQ, V, 0n, `${name} program`),
    copy(V, R(4)),
    ...aligned(V),
    load(8, Q, R(4)),
    load(8, S, R(4), 8n),
  );
  const own = words(address);
  takeSeeds(assembler, `${name} signer`, {
    list: Q,
    count: S,
    program: (word) => set(V, own[word]!),
    units: 0,
    most: MAX_SEEDS,
    tooMany: 'trap',
  });
  assembler.add(
    branch(OP.GT, NEXT, BigInt(SEED_BYTES), 'trap'),
    ...ask(OP.ADDRESS, ADDRESS_OUTCOME),
    branch(OP.NE, V, 0n, 'trap'),
  );
  for (const word of [0, 1, 2, 3])
    assembler.add(
      ...ask(OP.ADDRESS, word),
      load(8, W, REGISTER.ZERO, CALL_SIGNER + 8n * BigInt(word)),
      differs(V, W),
    );
  assembler.label(`${name} program`);
}

/** Where a list of `N` elements ends that begins at `P`. */
const endOf = (bytes: bigint): Line[] => [
  copy(END, N),
  withValue(OP.MUL, END, bytes),
  withRegister(OP.ADD, END, P),
];

/** Accounts: each has its address and flags in the row, and a description if it is no program. */
function metas(assembler: Assembler, name: string): void {
  assembler.add(
    load(8, N, R(1), 16n),
    load(8, V, REGISTER.ZERO, CALL_COUNT),
    differs(N, V),
    branch(OP.GE, N, FREE_ACCOUNTS, 'trap'),
    load(8, P, R(1)),
    set(Q, 0n),
    branch(OP.EQ, N, 0n, `${name} data`),
    ...endOf(META_BYTES),
  );
  assembler.label(`${name} meta`);
  for (let word = 0n; word < 4n; word++)
    assembler.add(load(8, V, P, 8n * word), load(8, W, Q, CALL_ACCOUNTS + 8n * word), differs(V, W));
  assembler.add(
    load(2, V, P, 32n),
    load(8, W, Q, CALL_ACCOUNTS + 32n),
    differs(V, W),
    load(8, V, Q, CALL_ACCOUNTS + 40n),
    branch(OP.EQ, V, 0n, `${name} next meta`),
    load(8, W, Q, CALL_ACCOUNTS + 48n),
    branchOn(OP.GE, W, R(3), 'trap'),
    withValue(OP.MUL, W, INFO_BYTES),
    withRegister(OP.ADD, W, R(2)),
    load(8, W, W),
    differs(V, W),
  );
  assembler.label(`${name} next meta`);
  assembler.add(
    withValue(OP.ADD, P, META_BYTES),
    withValue(OP.ADD, Q, CALL_ACCOUNT_STRIDE),
    branchOn(OP.NE, P, END, `${name} meta`),
  );
}

function data(assembler: Assembler, name: string): void {
  assembler.label(`${name} data`);
  assembler.add(
    load(8, N, R(1), 40n),
    load(8, V, REGISTER.ZERO, CALL_DATA),
    differs(N, V),
    branch(OP.GE, N, FREE_BYTES, 'trap'),
    load(8, P, R(1), 24n),
    set(Q, 0n),
  );
  for (const [bytes, label, after] of [
    [8, `${name} words`, `${name} bytes`],
    [1, `${name} bytes`, `${name} infos`],
  ] as const) {
    assembler.label(label);
    assembler.add(branch(OP.LT, N, BigInt(bytes), after));
    assembler.label(`${label} on`);
    assembler.add(
      load(bytes, V, P),
      load(bytes, W, Q, CALL_DATA + 8n),
      differs(V, W),
      withValue(OP.ADD, P, BigInt(bytes)),
      withValue(OP.ADD, Q, BigInt(bytes)),
      withValue(OP.SUB, N, BigInt(bytes)),
      branch(OP.GE, N, BigInt(bytes), `${label} on`),
    );
  }
}

/** Descriptions: all pointers are those of a record of the caller, and the length is its own. */
function infos(assembler: Assembler, name: string): void {
  const start = `${name} first info`;
  assembler.label(`${name} infos`);
  assembler.add(
    branch(OP.GE, R(3), MAX_INFOS, 'trap'),
    branch(OP.LT, R(3), 4n, start),
    { ...branch(OP.LT, R(3), 7n, start), units: 1 },
    { ...branch(OP.LT, R(3), 10n, start), units: 1 },
    { ...go(start), units: 1 },
  );
  assembler.label(start);
  assembler.add(
    copy(P, R(2)),
    copy(N, R(3)),
    branch(OP.EQ, N, 0n, `${name} last info`),
    ...endOf(INFO_BYTES),
    set(JOINED, 0n),
  );
  assembler.label(`${name} info`);
  assembler.add(
    load(8, Q, P),
    load(8, S, Q, RECORD),
    branch(OP.GE, S, FREE_BYTES, 'trap'),
    load(8, V, P, 24n),
    differs(V, Q, 32n),
    load(8, W, P, 8n),
    withRegister(OP.OR, JOINED, W),
    load(8, V, W, RC_VALUE),
    differs(V, Q, 64n),
    load(8, A, P, 16n),
    withRegister(OP.OR, JOINED, A),
    load(8, V, A, RC_VALUE),
    differs(V, Q, 80n),
    load(8, V, A, RC_VALUE + 8n),
    differs(V, S),
    // The length has to be writable all the same.
    store(8, V, A, RC_VALUE + 8n),
    withValue(OP.ADD, P, INFO_BYTES),
    branchOn(OP.NE, P, END, `${name} info`),
    // No pointer is above all of them joined, which no stack or heap is large enough to make reach the input.
    branch(OP.GE, JOINED, INPUT_ADDRESS - RC_VALUE - 8n, 'trap'),
    ...aligned(JOINED),
  );
  assembler.label(`${name} last info`);
  assembler.add(branch(OP.GE, P, INPUT_ADDRESS, 'trap'));
}

/** Behind the called program the caller finds new lengths in its descriptions: of one account at most. */
function resumed(assembler: Assembler, name: string): void {
  assembler.label('resumed');
  assembler.add(copy(REGISTER.ROUTINE_LINK, REGISTER.T2), copy(P, R(2)), copy(N, R(3)), set(S, 0n));
  assembler.add(branch(OP.EQ, N, 0n, `${name} done`), ...endOf(INFO_BYTES));
  assembler.label(`${name} length`);
  assembler.add(
    load(8, Q, P),
    load(8, V, Q, RECORD),
    load(8, W, P, 16n),
    load(8, A, W, RC_VALUE + 8n),
    branchOn(OP.EQ, A, V, `${name} same length`),
    branch(OP.NE, S, 0n, 'trap'),
    set(S, 1n),
    store(8, V, W, RC_VALUE + 8n),
  );
  assembler.label(`${name} same length`);
  assembler.add(withValue(OP.ADD, P, INFO_BYTES), branchOn(OP.NE, P, END, `${name} length`));
  assembler.label(`${name} done`);
  assembler.add(...done());
}
