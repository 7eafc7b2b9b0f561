import { decodeBase58 } from '../base58.js';
import { createAddress, findAddress } from './address-routines.js';
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
import type { RegisterSet } from './control-flow.js';
import { callEntries, invokeRust } from './invoke.js';
import { log, logPubkey } from './log-routines.js';
import { OP, PLACE, PRIVILEGED, PROGRAM_ENTRIES, REGISTER } from './operations.js';
import { getReturnData, setReturnData } from './return-routines.js';
import { done, loop, N, P, Q, R, type Routine, S, V, W } from './routine-parts.js';

const INPUT_ADDRESS = 4n << 32n;
const STACK_TOP = (2n << 32n) + 4096n;
const MAX_U64 = (1n << 64n) - 1n;
/** of the machine's window, which is the one before a program's first */
const NUMBER = 12;
/** behind a prologue that sets all registers */
const FAILED_PLACE = PLACE.CALL - 2;

/** Where the routines find a sysvar, and its address. */
export const SYSVARS = [
  { name: 'rent', address: 'SysvarRent111111111111111111111111111111111', start: PRIVILEGED, bytes: 17n },
] as const;

function addressWords(address: string): bigint[] {
  const bytes = decodeBase58(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return [0, 8, 16, 24].map((at) => view.getBigUint64(at, true));
}

/**
 * What stands in front of every program: the way out, unwinding, and the way in; and of one that calls others, that.
 * @param options - `live`: registers that the program may look at before it writes them; the others keep what they had
 */
export function prologue(
  assembler: Assembler,
  { entry, live, calls }: { entry: string; live: RegisterSet; calls: boolean },
): void {
  assembler.add({ op: OP.TRAP });
  assembler.label('leave');
  assembler.add({ op: OP.LEAVE, a: R(16), b: R(NUMBER), to: 'leave' });
  // Back through the callers' windows to the first, which is the one that returns to the way out.
  assembler.label('unwind');
  assembler.add(branch(OP.EQ, REGISTER.LINK, BigInt(PROGRAM_ENTRIES - 1), 'failed'), {
    ...go('unwind'),
    window: -1,
  });
  const zeros = [0, 3, 4, 5, 6, 7, 8, 9].filter((register) => (live >> register) & 1);
  for (const register of zeros) assembler.add(set(R(register), 0n));
  assembler.add(
    set(R(1), INPUT_ADDRESS),
    { op: OP.ARGUMENT, a: R(2), b: NUMBER },
    set(R(10), STACK_TOP),
    set(REGISTER.LINK, BigInt(PROGRAM_ENTRIES - 1)),
    go(entry),
  );
  // The places behind are the same in every program.
  while (assembler.place < FAILED_PLACE) assembler.add({ op: OP.TRAP });
  assembler.label('failed');
  assembler.add(set(R(0), MAX_U64), { op: OP.JUMP, b: REGISTER.LINK, by: 'link', window: -1 });
  if (calls) callEntries(assembler);
}

/** 10 units up to 2,749 bytes. */
const charge = (length: number): Line[] => [{ ...branch(OP.GE, length, 2750n, 'trap'), units: 10 }];

const move = (bytes: number, offset = 0n): Line[] => [load(bytes, V, Q, offset), store(bytes, V, P, offset)];

function memcpy(assembler: Assembler, name: string): void {
  assembler.add(
    ...charge(R(3)),
    copy(P, R(1)),
    copy(Q, R(2)),
    copy(N, R(3)),
    // Overlapping copies fail. Neither distance, modulo 2^64, is below the length of those that do not.
    copy(V, P),
    withRegister(OP.SUB, V, Q),
    branchOn(OP.LT, V, N, 'unwind'),
    copy(V, Q),
    withRegister(OP.SUB, V, P),
    branchOn(OP.LT, V, N, 'unwind'),
  );
  loop(assembler, name, move, [P, Q], true);
  assembler.add(...done());
}

function memmove(assembler: Assembler, name: string): void {
  assembler.add(
    ...charge(R(3)),
    copy(P, R(1)),
    copy(Q, R(2)),
    copy(N, R(3)),
    copy(V, P),
    withRegister(OP.SUB, V, Q),
    branchOn(OP.LT, V, N, `${name} down`),
  );
  loop(assembler, name, move, [P, Q], true);
  assembler.add(...done());
  // The start of the target is within the source: from its end downwards.
  assembler.label(`${name} down`);
  assembler.add(withRegister(OP.ADD, P, N), withRegister(OP.ADD, Q, N));
  for (const [bytes, label, after] of [
    [8, `${name} words down`, `${name} bytes down`],
    [1, `${name} bytes down`, `${name} done`],
  ] as const) {
    assembler.label(label);
    assembler.add(
      branch(OP.LT, N, BigInt(bytes), after),
      withValue(OP.SUB, P, BigInt(bytes)),
      withValue(OP.SUB, Q, BigInt(bytes)),
      ...move(bytes),
      withValue(OP.SUB, N, BigInt(bytes)),
      go(label),
    );
  }
}

function memset(assembler: Assembler, name: string): void {
  assembler.add(
    ...charge(R(3)),
    copy(P, R(1)),
    copy(N, R(3)),
    copy(V, R(2)),
    withValue(OP.AND, V, 255n),
    withValue(OP.MUL, V, 0x0101010101010101n),
  );
  loop(assembler, name, (bytes, offset) => [store(bytes, V, P, offset)], [P], true);
  assembler.add(...done());
}

function memcmp(assembler: Assembler, name: string): void {
  assembler.add(
    ...charge(R(3)),
    // The result is a number of four bytes, which has to be aligned.
    copy(V, R(4)),
    withValue(OP.AND, V, 3n),
    branch(OP.NE, V, 0n, 'unwind'),
    copy(P, R(1)),
    copy(Q, R(2)),
    copy(N, R(3)),
    set(S, 0n),
    branch(OP.EQ, N, 0n, `${name} done`),
    // All of both has to be readable, whatever the comparison reads.
    withRegister(OP.ADD, P, N),
    withRegister(OP.ADD, Q, N),
    load(1, V, P, -1n),
    load(1, V, Q, -1n),
    withRegister(OP.SUB, P, N),
    withRegister(OP.SUB, Q, N),
  );
  loop(
    assembler,
    name,
    (bytes) => [
      load(bytes, V, P),
      load(bytes, W, Q),
      branchOn(OP.NE, V, W, bytes === 8 ? `${name} bytes` : `${name} difference`),
    ],
    [P, Q],
  );
  assembler.add(store(4, S, R(4)), ...done());
  assembler.label(`${name} difference`);
  assembler.add(copy(S, V), withRegister(OP.SUB, S, W), go(`${name} done`));
}

function getSysvar(assembler: Assembler, name: string): void {
  assembler.add(
    { ...branch(OP.GE, R(4), 2750n, 'trap'), units: 110 },
    branch(OP.GE, R(2), INPUT_ADDRESS, 'unwind'),
    copy(P, R(2)),
    copy(N, R(4)),
    copy(W, R(3)),
    withRegister(OP.ADD, W, N),
    branchOn(OP.LT, W, N, 'trap'),
  );
  for (const sysvar of SYSVARS) {
    addressWords(sysvar.address).forEach((word, index) => {
      assembler.add(
        load(8, V, R(1), BigInt(8 * index)),
        branch(OP.NE, V, word, `${name} not ${sysvar.name}`),
      );
    });
    assembler.add(branch(OP.GT, W, sysvar.bytes, `${name} out of range`), copy(Q, R(3)));
    const read = (bytes: number) => [load(bytes, V, Q, sysvar.start), store(bytes, V, P)];
    loop(assembler, `${name} ${sysvar.name}`, read, [P, Q]);
    assembler.add(...done());
    assembler.label(`${name} not ${sysvar.name}`);
  }
  assembler.add(go('trap'));
  // The target has to be writable all the same.
  assembler.label(`${name} out of range`);
  assembler.add(go('trap'));
}

/** Writes the rent sysvar to r1, as programs have it in memory: its 17 bytes, and zeros up to 24. */
function getRent(assembler: Assembler): void {
  const [{ start }] = SYSVARS;
  assembler.add(
    { ...branch(OP.GE, R(1), INPUT_ADDRESS, 'unwind'), units: 124 },
    copy(V, R(1)),
    withValue(OP.AND, V, 7n),
    branch(OP.NE, V, 0n, 'unwind'),
  );
  for (const [bytes, at] of [
    [8, 0n],
    [8, 8n],
    [1, 16n],
  ] as const)
    assembler.add(load(bytes, V, REGISTER.ZERO, start + at), store(8, V, R(1), at));
  assembler.add(...done());
}

function fail(assembler: Assembler): void {
  assembler.add(go('unwind'));
}

export const INVOKE = 'sol_invoke_signed_rust';

/** System calls that can be proved. */
export const ROUTINES: ReadonlyMap<string, Routine> = new Map([
  ['abort', fail],
  ['sol_panic_', fail],
  ['sol_log_', log],
  ['sol_log_pubkey', logPubkey],
  ['sol_create_program_address', createAddress],
  ['sol_try_find_program_address', findAddress],
  ['sol_memcpy_', memcpy],
  ['sol_memmove_', memmove],
  ['sol_memset_', memset],
  ['sol_memcmp_', memcmp],
  ['sol_set_return_data', setReturnData],
  ['sol_get_return_data', getReturnData],
  ['sol_get_rent_sysvar', getRent],
  ['sol_get_sysvar', getSysvar],
  [INVOKE, invokeRust],
]);

/** Adds the routines of the named system calls, and the end of what cannot be proved. */
export function addRoutines(assembler: Assembler, names: ReadonlySet<string>, address: Uint8Array): void {
  assembler.label('trap');
  assembler.add({ op: OP.TRAP });
  for (const [name, routine] of ROUTINES) {
    if (!names.has(name)) continue;
    assembler.label(`routine ${name}`);
    routine(assembler, name, address);
  }
}
