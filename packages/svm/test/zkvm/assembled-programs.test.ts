import { initHashing } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AT, assembled, inLitesvm, onMachine } from './assembled-programs.js';

beforeAll(() => initHashing());

const NOTHING = new Uint8Array();

describe('faults fail the transaction', () => {
  const FAULTS: Record<string, string> = {
    'division by zero': 'mov64 r1, 0\ndiv64 r0, r1\nexit',
    'a rest of a division by zero': 'mov64 r1, 0\nmod64 r0, r1\nexit',
    'division of a half by zero': 'lddw r1, 0x100000000\ndiv32 r0, r1\nexit',
    'a rest of a division of a half by zero': 'lddw r1, 0x100000000\nmod32 r0, r1\nexit',
    'a call of an address without code': 'mov64 r1, 77\ncallx r1\nexit',
    'a fault in a function': 'call f\nexit\nf:\nmov64 r1, 0\ndiv64 r0, r1\nexit',
    'a call to abort': 'call abort',
    'no exit': 'mov64 r0, 0',
  };
  for (const [name, source] of Object.entries(FAULTS))
    it(name, () => {
      const program = assembled(source);
      expect(inLitesvm(program, NOTHING).fails).toBe(true);
      expect(onMachine(program, NOTHING).fails).toBe(true);
    });

  it('but a division by something', () => {
    const program = assembled('mov64 r0, 0\nmov64 r1, 3\ndiv64 r0, r1\nmov64 r2, 1\nmod32 r0, r2\nexit');
    expect(onMachine(program, NOTHING)).toEqual(inLitesvm(program, NOTHING));
    expect(onMachine(program, NOTHING).fails).toBe(false);
  });
});

/** Derives an address from the account's and the instruction's data, and writes it into the account. */
const derivation = (call: string, seeds = 2) =>
  assembled(`
    ldxdw r7, [r2-8]
    lddw r1, ${AT.ADDRESS}
    stxdw [r10-32], r1
    stdw [r10-24], 32
    stxdw [r10-16], r2
    stxdw [r10-8], r7
    mov64 r1, r10
    add64 r1, -32
    mov64 r2, ${seeds}
    lddw r3, ${AT.OWNER}
    lddw r4, ${AT.DATA}
    mov64 r5, r4
    add64 r5, 33
    call ${call}
    exit`);

describe('addresses that programs derive', () => {
  it.each(['sol_create_program_address', 'sol_try_find_program_address'])('%s', (call) => {
    const program = derivation(call);
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 34 }), (seed) => {
        const came = onMachine(program, seed);
        seen.add(came.fails);
        expect(came).toEqual(inLitesvm(program, seed));
      }),
      { numRuns: 60 },
    );
    expect(seen.has(false)).toBe(true);
  });

  it('of no seeds', () => {
    for (const call of ['sol_create_program_address', 'sol_try_find_program_address']) {
      const program = derivation(call, 0);
      expect(onMachine(program, NOTHING)).toEqual(inLitesvm(program, NOTHING));
    }
  });
});

describe('heaps', () => {
  const START = 0x300000000n;
  const at = (offset: bigint) => `lddw r1, ${START + offset}\n`;

  it('are zero at first, and hold what is stored', () => {
    const program = assembled(`
      ${at(4_092n)}ldxdw r2, [r1]
      mov64 r0, 1
      jne r2, 0, end
      lddw r3, 0x1122334455667788
      stxdw [r1], r3
      ${at(8_190n)}stxdw [r1], r3
      ldxw r4, [r1+2]
      ${at(32_760n)}stxdw [r1], r4
      ${at(4_096n)}ldxw r5, [r1]
      ldxdw r6, [r1+28664]
      lddw r7, ${AT.DATA}
      stxdw [r7], r5
      stxdw [r7+8], r6
      mov64 r0, 0
      end:
      exit`);
    const came = onMachine(program, NOTHING);
    expect(came).toEqual(inLitesvm(program, NOTHING));
    expect(came.data.slice(0, 34)).toBe('0x44332211000000006655443300000000');
  });

  it('end behind 32 KiB', () => {
    const program = assembled(`${at(32_761n)}ldxdw r0, [r1]\nexit`);
    expect(inLitesvm(program, NOTHING).fails).toBe(true);
    expect(() => onMachine(program, NOTHING)).toThrow(/memory that it may not access/);
  });
});

describe('the rent sysvar', () => {
  const reading = (address: string) =>
    assembled(`
      lddw r6, ${AT.DATA}
      mov64 r1, ${address}
      ${address === 'r10' ? 'add64 r1, -24' : ''}
      stdw [r10-8], -1
      call sol_get_rent_sysvar
      ldxdw r1, [r10-24]
      stxdw [r6], r1
      ldxdw r1, [r10-16]
      stxdw [r6+8], r1
      ldxdw r1, [r10-8]
      stxdw [r6+16], r1
      exit`);

  it('is written with zeros behind it', () => {
    const program = reading('r10');
    const came = onMachine(program, NOTHING);
    expect(came).toEqual(inLitesvm(program, NOTHING));
    expect(came.fails).toBe(false);
  });

  it('is not written to the input', () => {
    const program = reading('r6');
    expect(inLitesvm(program, NOTHING).fails).toBe(true);
    expect(onMachine(program, NOTHING).fails).toBe(true);
  });
});

/** Returns its data, or none of it, and asks for what it has returned. */
const returning = (room: number, { sets = true, to = 'r6', program = 32 } = {}) =>
  assembled(`
    lddw r6, ${AT.DATA}
    mov64 r1, r2
    ldxdw r2, [r2-8]
    ${sets ? 'call sol_set_return_data' : ''}
    mov64 r1, ${to}
    mov64 r2, ${room}
    mov64 r3, r6
    add64 r3, ${program}
    call sol_get_return_data
    lddw r6, ${AT.DATA}
    stxb [r6+31], r0
    mov64 r0, 0
    exit`);

describe('return data', () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => 1 + i);

  it('are what was set, as far as there is room', () => {
    for (const room of [0, 5, 16, 30])
      for (const length of [0, 1, 8, 13, 30]) {
        const program = returning(room);
        expect(onMachine(program, bytes(length))).toEqual(inLitesvm(program, bytes(length)));
      }
  });

  it('are nothing at first', () => {
    const program = returning(30, { sets: false });
    expect(onMachine(program, bytes(3))).toEqual(inLitesvm(program, bytes(3)));
  });

  it('go to two places that are apart', () => {
    for (const distance of [0, 1, 15, 31]) {
      const program = returning(16, { program: distance });
      const came = inLitesvm(program, bytes(16));
      expect(onMachine(program, bytes(16))).toEqual(came);
      expect(came.fails).toBe(distance < 16);
    }
  });
});
