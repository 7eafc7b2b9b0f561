import { type Assembler, branch, branchOn, copy, load, set, store, withRegister } from './assembler.js';
import { OP, REGISTER, RETURNED } from './operations.js';
import { done, loop, N, P, Q, R, V, W } from './routine-parts.js';
import { words } from './words.js';

const UNITS = 100;
/** from where a byte more costs another unit: one for 250 bytes, and the program's address is copied too */
const MAX_BYTES = 250n;
const MAX_COPIED_BYTES = 250n - 32n;
const PROGRAM = RETURNED + 8n;
const BYTES = RETURNED + 40n;

/** Keeps r2 bytes at r1 as what the program returns. */
export function setReturnData(assembler: Assembler, name: string, address: Uint8Array): void {
  assembler.add(
    { ...branch(OP.GE, R(2), MAX_BYTES, 'trap'), units: UNITS },
    copy(P, R(1)),
    copy(N, R(2)),
    set(Q, 0n),
  );
  loop(assembler, name, (bytes) => [load(bytes, V, P), store(bytes, V, Q, BYTES)], [P, Q]);
  assembler.add(store(8, R(2), REGISTER.ZERO, RETURNED));
  words(address).forEach((word, i) => {
    assembler.add(set(V, word), store(8, V, REGISTER.ZERO, PROGRAM + BigInt(8 * i)));
  });
  assembler.add(...done());
}

/** Copies what was returned to r1, r2 bytes of it at most, and whose it is to r3. Its length, in any case. */
export function getReturnData(assembler: Assembler, name: string): void {
  assembler.add(
    { ...load(8, N, REGISTER.ZERO, RETURNED), units: UNITS },
    branchOn(OP.LE, N, R(2), `${name} whole`),
    copy(N, R(2)),
  );
  assembler.label(`${name} whole`);
  assembler.add(
    branch(OP.EQ, N, 0n, `${name} nothing`),
    branch(OP.GE, N, MAX_COPIED_BYTES, 'trap'),
    // Both targets are apart, or it is a fault.
    copy(W, R(1)),
    withRegister(OP.SUB, W, R(3)),
    branch(OP.LT, W, 32n, 'unwind'),
    copy(W, R(3)),
    withRegister(OP.SUB, W, R(1)),
    branchOn(OP.LT, W, N, 'unwind'),
    copy(P, R(1)),
    set(Q, 0n),
  );
  loop(assembler, name, (bytes) => [load(bytes, V, Q, BYTES), store(bytes, V, P)], [P, Q]);
  for (const at of [0n, 8n, 16n, 24n])
    assembler.add(load(8, V, REGISTER.ZERO, PROGRAM + at), store(8, V, R(3), at));
  assembler.label(`${name} nothing`);
  assembler.add(load(8, R(0), REGISTER.ZERO, RETURNED), ...done().slice(1));
}
