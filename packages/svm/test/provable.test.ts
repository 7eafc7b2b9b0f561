import { describe, expect, it } from 'vitest';
import { COVERAGE } from '../src/coverage.js';
import {
  CIRCUIT_LIMITS,
  checkProvable,
  decodeBase58,
  encodeBase58,
  type Message,
  NotProvableError,
  RESERVED_ADDRESSES,
  SYSTEM_PROGRAM,
} from '../src/index.js';
import {
  type Call,
  callsMessage,
  createAccount,
  moveTokens,
  pay,
  setLimit,
  setPrice,
  TOKEN,
} from './calls.js';
import { address, transferMessage } from './wire.js';

const SYSTEM = encodeBase58(SYSTEM_PROGRAM);
const TOKEN_NAME = encodeBase58(TOKEN);
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

const calls = (...list: Call[]): Message => callsMessage('payer', list, new Uint8Array(32)).message;

describe('checkProvable', () => {
  it('accepts System transfers of every shape', () => {
    for (const version of ['legacy', 0] as const) {
      checkProvable(transferMessage({ from: 'a', to: 'b', lamports: 1n, version }));
      checkProvable(transferMessage({ payer: 'p', from: 'a', to: 'b', lamports: 1n, version }));
      checkProvable(
        transferMessage({ from: 'a', to: 'b', lamports: 1n, readonlyTo: true, extra: 'c', version }),
      );
      checkProvable(transferMessage({ payer: 'p', from: 'a', to: 'b', lamports: 1n, extra: 'c', version }));
    }
  });

  it('accepts several instructions of all covered programs, and none', () => {
    checkProvable(
      calls(
        setLimit(1_000),
        setPrice(5n),
        pay('payer', 'b', 1n),
        moveTokens('x', 'y', 'payer', 1n),
        pay('b', 'c', 2n),
      ),
    );
    checkProvable(changed((m) => m.instructions.push(m.instructions[0]!)));
    checkProvable(changed((m) => m.instructions.pop()));
  });

  it('refuses other programs by name', () => {
    const program = address('program');
    expect(refusal(changed((m) => (m.accountKeys[2] = program)))).toEqual({
      program: encodeBase58(program),
      reason: `it calls the program ${encodeBase58(program)}, only System, ComputeBudget, SPL Token, Memo are provable`,
    });
  });

  it('refuses, or accepts, an instruction of each program as the table of coverage says', () => {
    expect(COVERAGE.map(({ name }) => name)).toEqual(['System', 'ComputeBudget', 'SPL Token', 'Memo']);
    for (const { name, address: program, numberBytes, instructions, proved } of COVERAGE) {
      expect(new Set(instructions.map(([, number]) => number)).size).toBe(instructions.length);
      for (const number of proved.keys()) expect(instructions.map(([, known]) => known)).toContain(number);
      const unknown = numberBytes === 0 ? [] : [['number 77', 77] as const];
      for (const [label, number] of [...instructions, ...unknown]) {
        const data = new Uint8Array(proved.get(number) ?? numberBytes + 9);
        data[0] = number;
        const reason = `its ${name} instruction is ${label}, which is not provable`;
        const both = [
          ['payer', 'sw'],
          ['b', 'w'],
        ] as const;
        const accounts = ['Assign', 'Allocate'].includes(label) ? both.slice(0, 1) : both;
        const expected = proved.has(number) ? { program: null, reason: 'accepted' } : { program, reason };
        expect(refusal(calls({ program: decodeBase58(program), accounts, data }))).toEqual(expected);
      }
    }
  });

  it('reads the whole number of an instruction, at any place in its buffer', () => {
    const transferOf = (...bytes: number[]) => {
      const buffer = Uint8Array.from([0xff, ...bytes, ...new Array<number>(8).fill(0)]);
      return changed((m) => (m.instructions[0]!.data = buffer.subarray(1)));
    };
    checkProvable(transferOf(2, 0, 0, 0));
    expect(refusal(transferOf(2, 0, 0, 1)).reason).toMatch(/is number 16777218, which/);
  });

  it('refuses data of another length', () => {
    const withData = (program: Uint8Array, bytes: number[], length = bytes.length) => {
      const data = new Uint8Array(length);
      data.set(bytes);
      return calls({ program, accounts: [], data });
    };
    const system = (bytes: number[], length?: number) => withData(SYSTEM_PROGRAM, bytes, length);
    const { program: budget } = setPrice(1n);
    const reasons: [Message, RegExp][] = [
      [system([2, 0, 0]), /System instruction has 3 bytes of data, which is none/],
      [system([2, 0, 0, 0, 1]), /Transfer has 5 bytes of data instead of 12/],
      [system([2, 0, 0, 0], 13), /Transfer has 13 bytes of data instead of 12/],
      [withData(TOKEN, []), /SPL Token instruction has 0 bytes of data/],
      [withData(budget, []), /ComputeBudget instruction has 0 bytes of data/],
      [withData(budget, [2], 6), /SetComputeUnitLimit has 6 bytes of data instead of 5/],
      [withData(budget, [3], 8), /SetComputeUnitPrice has 8 bytes of data instead of 9/],
    ];
    for (const [message, reason] of reasons) expect(refusal(message).reason).toMatch(reason);
  });

  it('refuses transfers of other shapes', () => {
    const accounts = (...indexes: number[]) =>
      changed((m) => (m.instructions[0]!.accountIndexes = Uint8Array.from(indexes)));
    expect(refusal(accounts(0, 1, 1)).reason).toMatch(/3 accounts instead of 2/);
    expect(refusal(accounts(0)).reason).toMatch(/1 accounts instead of 2/);
    expect(refusal(calls(createAccount('payer', 'payer', 1n, 1, TOKEN)))).toEqual({
      program: SYSTEM,
      reason: 'its System instruction creates the account that pays for it',
    });
    // Others know what they make of it.
    checkProvable(calls(pay('payer', 'payer', 1n), moveTokens('x', 'x', 'payer', 1n)));
  });

  it('refuses more than a batch could hold', () => {
    const most = CIRCUIT_LIMITS.instructions;
    const many = Array.from({ length: most + 1 }, (_, i) => pay('payer', `b ${i % 9}`, 1n));
    expect(refusal(calls(...many.slice(1)))).toMatchObject({ reason: 'accepted' });
    expect(refusal(calls(...many)).reason).toBe(
      `it has ${most + 1} instructions, at most ${most} are possible`,
    );
    const wide = (count: number, signs: string): Call => ({
      program: TOKEN,
      accounts: Array.from({ length: count }, (_, i) => [`k ${i}`, signs] as const),
      data: Uint8Array.of(3),
    });
    checkProvable(calls(wide(61, ''))); // with who pays and the program: 63
    expect(refusal(calls(wide(62, ''))).reason).toBe('it has 64 account keys, at most 63 are possible');
    checkProvable(calls(wide(15, 's')));
    expect(refusal(calls(wide(16, 's'))).reason).toBe('it has 17 signers, at most 16 are possible');
  });

  it('refuses lookup tables', () => {
    const message = changed((m) => {
      m.version = 0;
      m.addressTableLookups.push({
        accountKey: address('t'),
        writableIndexes: Uint8Array.of(0),
        readonlyIndexes: new Uint8Array(),
      });
    });
    expect(refusal(message).reason).toMatch(/lookup tables/);
  });

  it('refuses every reserved account that pays or is named', () => {
    expect(RESERVED_ADDRESSES).toHaveLength(31);
    for (const name of RESERVED_ADDRESSES.filter((text) => text !== SYSTEM)) {
      const key = decodeBase58(name);
      expect(key).toHaveLength(32);
      for (const index of [0, 1])
        expect(refusal(changed((m) => (m.accountKeys[index] = key))).reason).toContain(name);
      const payer = transferMessage({ payer: 'p', from: 'a', to: 'b', lamports: 1n });
      payer.accountKeys[0] = key;
      expect(refusal(payer)).toMatchObject({ program: null, reason: expect.stringContaining(name) });
      const tokens = calls(moveTokens('x', 'y', 'payer', 1n));
      for (const other of ['x', 'y']) {
        const message = structuredClone(tokens);
        const at = message.accountKeys.findIndex((k) => Buffer.compare(k, address(other)) === 0);
        message.accountKeys[at] = key;
        expect(refusal(message)).toMatchObject({
          program: TOKEN_NAME,
          reason: expect.stringContaining(name),
        });
      }
      const readonly = transferMessage({ from: 'a', to: 'b', lamports: 1n, extra: 'x', readonlyTo: true });
      const at = (other: string) =>
        readonly.accountKeys.findIndex((k) => Buffer.compare(k, address(other)) === 0);
      expect(refusal({ ...readonly, accountKeys: readonly.accountKeys.with(at('b'), key) }).reason).toContain(
        name,
      );
      // A key that nothing uses is not read, and no part of what is proved.
      checkProvable({ ...readonly, accountKeys: readonly.accountKeys.with(at('x'), key) });
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
    expect(refusal(changed((m) => (m.accountKeys[1] = TOKEN))).reason).toMatch(/well-known program/);
  });
});
