import {
  Assembler,
  branch,
  branchOn,
  copy,
  go,
  type Line,
  load,
  set,
  store,
  withRegister,
} from './assembler.js';
import type { Entry } from './entry.js';
import { NUMBER as NUMBER_ADDRESS } from './invoke.js';
import { OP, PRIVILEGED, REGISTER } from './operations.js';

const R = (register: number) => REGISTER.R0 + register;
/** of the machine's window, which is the one before a routine's */
const NUMBER = 12;
const NATIVE_UNITS = 150;
const WALLET_MINIMUM = 890_880n;

/** Where a routine finds the record of its first account: circuits/lib/src/sbpf/uses.nr. */
export const KERNEL_RECORDS = PRIVILEGED + (1n << 32n);
/** bytes of a record without data, with the room to grow */
export const RECORD_BYTES = 10_336n;
/** from an account's record to the lamports that exempt it from rent */
export const MINIMUM_OFFSET = 1n << 40n;
/** from an account's record to the lamports of its next version, and to what exempts that from rent */
export const NEXT_LAMPORTS_OFFSET = 2n << 40n;
export const NEXT_MINIMUM_OFFSET = 3n << 40n;
/** where lamports are that a program may store: circuits/lib/src/sbpf/balances.nr */
export const BALANCES = PRIVILEGED + (1n << 48n);
/** where words are that a failing transaction stores: circuits/lib/src/sbpf/saved.nr */
export const SAVED = PRIVILEGED + (2n << 48n);
/** as many balances of an instruction, or saved words of a transaction, as there are entries for */
export const MAX_WORDS = 10;
/** from an account's record to its lamports */
const LAMPORTS_OFFSET = 72n;

/** added to the number behind an execution of several parts: circuits/lib/src/sbpf/invocation.nr */
const ENDED = 1n << 32n;

/** What a transfer that fails leaves as its result. */
export const RESULT = { FAILED: 1n, RENT: 2n } as const;

const record = (use: number) => KERNEL_RECORDS + 8n + BigInt(use) * RECORD_BYTES;
const loadLamports = (a: number, use: number) => load(8, a, REGISTER.ZERO, record(use) + LAMPORTS_OFFSET);
const storeLamports = (a: number, use: number) => store(8, a, REGISTER.ZERO, record(use) + LAMPORTS_OFFSET);
const loadMinimum = (a: number, use: number) => load(8, a, REGISTER.ZERO, record(use) + MINIMUM_OFFSET);
const loadNextMinimum = (a: number, use: number) =>
  load(8, a, REGISTER.ZERO, record(use) + NEXT_MINIMUM_OFFSET);
const storeNextLamports = (a: number, use: number) =>
  store(8, a, REGISTER.ZERO, record(use) + NEXT_LAMPORTS_OFFSET);
const argument = (a: number): Line => ({ op: OP.ARGUMENT, a, b: NUMBER });
const saved = (word: number) => SAVED + BigInt(8 * word);
const back: Line = { ...go('meter'), window: -1 };

/** Program 0: what starts invocations, and the routines of those that need no program. */
function assemble(): { entries: Entry[]; places: Record<Routine, number> } {
  const assembler = new Assembler();
  const places = {} as Record<Routine, number>;
  const routine = (name: Routine, ...lines: Line[]) => {
    places[name] = assembler.place;
    assembler.label(name);
    assembler.add(...lines);
  };
  assembler.label('meter');
  assembler.add({ op: OP.METER, a: R(13), b: R(12), meter: true });
  assembler.add({ op: OP.ENTER, a: R(12), window: 1, jump: 1 });
  assembler.label('halt');
  assembler.add({ op: OP.JA, to: 'halt' });
  // On to a routine, or to a program's prologue, which is as far from its start as this entry's next one is from the
  // kernel's.
  assembler.label('call');
  assembler.add({ ...argument(R(3)), jump: 1 });
  assembler.label('trap');
  assembler.add({ op: OP.TRAP });
  routine('skip', back);
  routine('budget', { ...back, units: NATIVE_UNITS });
  routine('fail', { ...set(R(0), RESULT.FAILED), units: NATIVE_UNITS });
  assembler.label('leave');
  assembler.add({ op: OP.LEAVE, a: R(0), b: NUMBER }, back);
  fee(assembler, routine);
  transfer(assembler, routine);
  itself(routine);
  credit(assembler, routine);
  create(assembler, routine);
  change(routine);
  const balance = (word: number) => load(8, R(0), REGISTER.ZERO, BALANCES + BigInt(8 * word));
  // The register keeps what r2 holds, as what follows finds it too.
  const call = [copy(R(3), R(2)), go('call')];
  each(assembler, routine, 'before', balance, ...call);
  each(assembler, routine, 'after', balance, go('meter'));
  // Behind an execution of several parts the machine's window holds the number of the first one.
  each(
    assembler,
    routine,
    'last',
    balance,
    load(8, R(12), REGISTER.ZERO, NUMBER_ADDRESS),
    copy(R(13), R(12), ENDED),
    go('meter'),
  );
  // In registers of the machine's window, which nothing else uses until they are back: not even balances, which a
  // failing transaction has none of.
  each(assembler, routine, 'save', (word) => load(8, word, REGISTER.ZERO, saved(word)), ...call);
  each(assembler, routine, 'restore', (word) => store(8, word, REGISTER.ZERO, saved(word)), ...call);
  return { entries: assembler.finish(), places };
}

type Routine =
  | 'skip'
  | 'budget'
  | 'fail'
  | 'fee'
  | 'transfer'
  | 'itself'
  | 'credit'
  | 'create'
  | 'change'
  | 'before'
  | 'after'
  | 'last'
  | 'save'
  | 'restore';
type Add = (name: Routine, ...lines: Line[]) => void;

/** Takes the argument from the payer, who must have it and stay exempt from rent, or become empty. */
function fee(assembler: Assembler, add: Add): void {
  add(
    'fee',
    argument(R(2)),
    loadLamports(R(1), 0),
    branchOn(OP.LT, R(1), R(2), 'trap'),
    withRegister(OP.SUB, R(1), R(2)),
    branch(OP.GE, R(1), WALLET_MINIMUM, 'fee is paid'),
    branch(OP.NE, R(1), 0n, 'trap'),
  );
  assembler.label('fee is paid');
  assembler.add(storeLamports(R(1), 0), back);
}

/**
 * Moves the argument from the first account to the second one, which is another. Whether they may is known before; here
 * it fails with too few lamports, or where it would leave an account below what exempts it from rent.
 */
function transfer(assembler: Assembler, add: Add): void {
  add(
    'transfer',
    { ...argument(R(2)), units: NATIVE_UNITS },
    loadLamports(R(3), 0),
    set(R(0), RESULT.FAILED),
    branchOn(OP.LT, R(3), R(2), 'leave'),
    withRegister(OP.SUB, R(3), R(2)),
    loadLamports(R(4), 1),
    copy(R(5), R(4)),
    withRegister(OP.ADD, R(5), R(2)),
    branchOn(OP.LT, R(5), R(4), 'trap'),
    set(R(0), RESULT.RENT),
    loadMinimum(R(6), 0),
    branchOn(OP.GE, R(3), R(6), 'source is exempt'),
    branch(OP.EQ, R(3), 0n, 'source is exempt'),
    // Nothing taken from an account below the minimum is no loss.
    branch(OP.EQ, R(2), 0n, 'target is exempt'),
    go('leave'),
  );
  assembler.label('source is exempt');
  assembler.add(
    loadMinimum(R(6), 1),
    branchOn(OP.GE, R(5), R(6), 'target is exempt'),
    // What is below the minimum already may gain, and what stays empty is nothing.
    branch(OP.NE, R(4), 0n, 'target is exempt'),
    branch(OP.NE, R(5), 0n, 'leave'),
  );
  assembler.label('target is exempt');
  assembler.add(storeLamports(R(3), 0), storeLamports(R(5), 1), set(R(0), 0n), go('leave'));
}

/** A transfer to the account that it is from, which must have as much. */
function itself(add: Add): void {
  add(
    'itself',
    { ...argument(R(2)), units: NATIVE_UNITS },
    loadLamports(R(3), 0),
    set(R(0), RESULT.FAILED),
    branchOn(OP.LT, R(3), R(2), 'leave'),
    set(R(0), 0n),
    go('leave'),
  );
}

/** Gives the argument to the collector, unless that leaves him below what exempts him from rent. */
function credit(assembler: Assembler, add: Add): void {
  add(
    'credit',
    argument(R(2)),
    loadLamports(R(1), 0),
    withRegister(OP.ADD, R(1), R(2)),
    branchOn(OP.LT, R(1), R(2), 'trap'),
    loadMinimum(R(6), 0),
    branchOn(OP.LT, R(1), R(6), 'burnt'),
    storeLamports(R(1), 0),
  );
  assembler.label('burnt');
  assembler.add(back);
}

/**
 * Gives the argument, taken from the first account, to the next version of the second one. Whether they may is known
 * before; here it fails where the second one has lamports, or as a transfer does.
 */
function create(assembler: Assembler, add: Add): void {
  add(
    'create',
    { ...argument(R(2)), units: NATIVE_UNITS },
    // An account without lamports would be gone after the transaction.
    branch(OP.EQ, R(2), 0n, 'trap'),
    set(R(0), RESULT.FAILED),
    loadLamports(R(4), 1),
    branch(OP.NE, R(4), 0n, 'leave'),
    loadLamports(R(3), 0),
    branchOn(OP.LT, R(3), R(2), 'leave'),
    withRegister(OP.SUB, R(3), R(2)),
    set(R(0), RESULT.RENT),
    loadMinimum(R(6), 0),
    branchOn(OP.GE, R(3), R(6), 'creator is exempt'),
    branch(OP.NE, R(3), 0n, 'leave'),
  );
  assembler.label('creator is exempt');
  assembler.add(
    loadNextMinimum(R(6), 1),
    branchOn(OP.LT, R(2), R(6), 'leave'),
    storeLamports(R(3), 0),
    storeNextLamports(R(2), 1),
    set(R(0), 0n),
    go('leave'),
  );
}

/** Gives the lamports of the only account to its next version, unless they do not exempt that from rent. */
function change(add: Add): void {
  add(
    'change',
    { ...loadLamports(R(4), 0), units: NATIVE_UNITS },
    branch(OP.EQ, R(4), 0n, 'trap'),
    set(R(0), RESULT.RENT),
    loadNextMinimum(R(6), 0),
    branchOn(OP.LT, R(4), R(6), 'leave'),
    storeNextLamports(R(4), 0),
    set(R(0), 0n),
    go('leave'),
  );
}

/** Does something with the first words, as many as the entry is in front of the routine's place. */
function each(
  assembler: Assembler,
  add: Add,
  name: Routine,
  does: (word: number) => Line,
  ...then: Line[]
): void {
  for (let word = MAX_WORDS - 1; word >= 0; word--) assembler.add(does(word));
  add(name, ...then);
}

export const { entries: KERNEL, places: ROUTINE } = assemble();
