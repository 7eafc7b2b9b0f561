import { fieldToHex } from '@polyproof/base';
import { packEntry } from './entry.js';
import { KERNEL, RESULT, ROUTINE } from './kernel.js';

/** circuits/lib/src/sbpf/kernel.nr: the kernel as constants of the circuit, which a test compares. */
export function kernelSource(): string {
  const entries = KERNEL.map(
    (entry, place) => `    0x${BigInt(fieldToHex(packEntry(entry, place))).toString(16)},`,
  );
  const places = Object.entries(ROUTINE).map(
    ([name, place]) => `pub global ${name.toUpperCase()}_PLACE: Field = ${place};`,
  );
  return [
    '//! Program 0, which starts invocations and is the routines of those that need no program, as',
    '//! packages/svm/src/zkvm/kernel.ts assembles it. A test compares both.',
    '',
    ...places,
    '/// result of a transfer that would leave an account below what exempts it from rent',
    `pub global RENT_RESULT: Field = ${RESULT.RENT};`,
    '',
    `pub global KERNEL_ENTRIES: u32 = ${KERNEL.length};`,
    'pub global KERNEL: [Field; KERNEL_ENTRIES] = [',
    ...entries,
    '];',
    '',
  ].join('\n');
}
