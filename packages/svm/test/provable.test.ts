import { describe, expect, it } from 'vitest';
import {
  checkProvable,
  decodeBase58,
  encodeBase58,
  type Message,
  NotProvableError,
  RESERVED_ADDRESSES,
  SYSTEM_PROGRAM,
} from '../src/index.js';
import { address, transferMessage } from './wire.js';

const SYSTEM = encodeBase58(SYSTEM_PROGRAM);
const refusal = (message: Message): { program: unknown; reason: string } => {
  try {
    checkProvable(message);
  } catch (error) {
    expect(error).toBeInstanceOf(NotProvableError);
    return (error as NotProvableError).details as { program: unknown; reason: string };
  }
  return { program: null, reason: 'accepted' };
};
const changed = (change: (message: Message) => void): Message => {
  const message = structuredClone(transferMessage({ from: 'a', to: 'b', lamports: 1n }));
  change(message);
  return message;
};

describe('checkProvable', () => {
  it('accepts System transfers of every shape', () => {
    for (const version of ['legacy', 0] as const) {
      checkProvable(transferMessage({ from: 'a', to: 'b', lamports: 1n, version }));
      checkProvable(transferMessage({ from: 'a', to: 'a', lamports: 0n, version }));
      checkProvable(transferMessage({ payer: 'p', from: 'a', to: 'b', lamports: 1n, version }));
      checkProvable(
        transferMessage({ from: 'a', to: 'b', lamports: 1n, readonlyTo: true, extra: 'c', version }),
      );
    }
  });

  it('refuses other programs by name', () => {
    const program = address('program');
    expect(refusal(changed((m) => (m.accountKeys[2] = program)))).toEqual({
      program: encodeBase58(program),
      reason: `it calls the program ${encodeBase58(program)}, only System transfers are provable`,
    });
  });

  it('names other System instructions', () => {
    const names = new Map([
      [0, 'CreateAccount'],
      [8, 'Allocate'],
      [11, 'TransferWithSeed'],
      [77, 'number 77'],
    ]);
    for (const [number, name] of names)
      expect(refusal(changed((m) => (m.instructions[0]!.data[0] = number)))).toEqual({
        program: SYSTEM,
        reason: `its System instruction is ${name}, only Transfer is provable`,
      });
  });

  it('refuses other shapes', () => {
    const reasons: [Message, RegExp][] = [
      [changed((m) => m.instructions.push(m.instructions[0]!)), /2 instructions/],
      [changed((m) => m.instructions.pop()), /0 instructions/],
      [changed((m) => (m.instructions[0]!.data = Uint8Array.of(2, 0, 0))), /3 bytes of data/],
      [
        changed((m) => (m.instructions[0]!.data = Uint8Array.of(2, 0, 0, 0, 1))),
        /5 bytes of data instead of 12/,
      ],
      [
        changed((m) => (m.instructions[0]!.data = new Uint8Array(13).fill(2, 0, 1))),
        /13 bytes of data instead/,
      ],
      [
        changed((m) => (m.instructions[0]!.accountIndexes = Uint8Array.of(0, 1, 1))),
        /3 accounts instead of two/,
      ],
      [changed((m) => (m.instructions[0]!.accountIndexes = Uint8Array.of(0))), /1 accounts instead of two/],
      [
        transferMessage({ payer: 'p', from: 'a', to: 'b', lamports: 1n, extra: 'c' }),
        /names 5 accounts, at most 4/,
      ],
      [
        changed((m) => {
          m.version = 0;
          m.addressTableLookups.push({
            accountKey: address('t'),
            writableIndexes: Uint8Array.of(0),
            readonlyIndexes: new Uint8Array(),
          });
        }),
        /lookup tables/,
      ],
    ];
    for (const [message, reason] of reasons) expect(refusal(message).reason).toMatch(reason);
  });

  it('refuses every reserved account, whatever its role', () => {
    expect(RESERVED_ADDRESSES).toHaveLength(31);
    for (const name of RESERVED_ADDRESSES.filter((text) => text !== SYSTEM)) {
      const key = decodeBase58(name);
      expect(key).toHaveLength(32);
      for (const index of [0, 1])
        expect(refusal(changed((m) => (m.accountKeys[index] = key))).reason).toContain(name);
      const readonly = transferMessage({ from: 'a', to: 'b', lamports: 1n, extra: 'x', readonlyTo: true });
      for (const other of ['b', 'x']) {
        const message = structuredClone(readonly);
        const at = message.accountKeys.findIndex((k) => Buffer.compare(k, address(other)) === 0);
        message.accountKeys[at] = key;
        expect(refusal(message).reason).toContain(name);
      }
    }
  });

  it('refuses the System program itself and well-known programs as accounts', () => {
    const toSystem = changed((m) => {
      m.accountKeys.splice(1, 1);
      m.instructions[0]!.programIdIndex = 1;
    });
    expect(refusal(toSystem)).toEqual({
      program: SYSTEM,
      reason: `it uses ${SYSTEM} as an account, which is a native program`,
    });
    const token = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
    expect(refusal(changed((m) => (m.accountKeys[1] = token))).reason).toMatch(/well-known program/);
  });
});
