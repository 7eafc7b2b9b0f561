import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { encodeMessage, type Message } from '../../src/index.js';

/** 32 bytes for a small number: few of them, so that batches name the same ones again. */
export const value = (number: number): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(`value ${number}`).digest());

const instructionArbitrary = (keys: number, most: { accounts: number; bytes: number }) =>
  fc.record({
    programIdIndex: fc.integer({ min: 1, max: keys - 1 }),
    accountIndexes: fc.uint8Array({ maxLength: most.accounts, max: keys - 1 }),
    data: fc.uint8Array({ maxLength: most.bytes }),
  });

/** Canonical messages without lookup tables, of any shape. */
export function messageArbitrary(
  most = { keys: 9, instructions: 3, accounts: 6, bytes: 20, values: 30 },
): fc.Arbitrary<Message> {
  return fc
    .record({
      version: fc.constantFrom('legacy' as const, 0 as const),
      accountKeys: fc
        .uniqueArray(fc.integer({ min: 0, max: most.values - 1 }), { minLength: 1, maxLength: most.keys })
        .map((numbers) => numbers.map(value)),
      recentBlockhash: fc.integer({ min: 0, max: most.values - 1 }).map(value),
      shape: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
    })
    .chain(({ shape, ...message }) => {
      const keys = message.accountKeys.length;
      const numRequiredSignatures = 1 + (shape[0] % Math.min(keys, 16));
      const header = {
        numRequiredSignatures,
        numReadonlySignedAccounts: shape[1] % numRequiredSignatures,
        numReadonlyUnsignedAccounts: shape[2] % (keys - numRequiredSignatures + 1),
      };
      return (
        keys === 1
          ? fc.constant<Message['instructions']>([])
          : fc.array(instructionArbitrary(keys, most), { maxLength: most.instructions })
      ).map((instructions) => ({ ...message, header, instructions, addressTableLookups: [] }));
    });
}

export const blocksArbitrary = fc.array(
  fc.array(messageArbitrary().map(encodeMessage), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 4 },
);

/** A message with these keys, one signer, one read-only account at the end: the program. */
export function callMessage(
  keys: readonly Uint8Array[],
  accountIndexes: readonly number[],
  data: Uint8Array,
  recentBlockhash: Uint8Array,
): Message {
  return {
    version: 0,
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys: [...keys],
    recentBlockhash,
    instructions: [
      { programIdIndex: keys.length - 1, accountIndexes: Uint8Array.from(accountIndexes), data },
    ],
    addressTableLookups: [],
  };
}

const AMOUNT = [0x40, 0x42, 0x0f, 0, 0, 0, 0, 0];
const SYSTEM_PROGRAM = new Uint8Array(32);
const TOKEN_PROGRAM = value(1000);

/** A System transfer between the values of these numbers. */
export function systemTransfer(from: number, to: number, blockhash: Uint8Array = value(2000)): Uint8Array {
  const data = Uint8Array.of(2, 0, 0, 0, ...AMOUNT);
  return encodeMessage(callMessage([value(from), value(to), SYSTEM_PROGRAM], [0, 1], data, blockhash));
}

/** A p-token transfer: owner, source and destination are the values of these numbers. */
export function tokenTransfer(owner: number, from: number, to: number): Uint8Array {
  const keys = [value(owner), value(from), value(to), TOKEN_PROGRAM];
  return encodeMessage(callMessage(keys, [1, 2, 0], Uint8Array.of(3, ...AMOUNT), value(2000)));
}
