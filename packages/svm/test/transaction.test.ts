import './fixed-seed.js';
import {
  type Address,
  appendTransactionMessageInstruction,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getAddressDecoder,
  getTransactionEncoder,
  address as kitAddress,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  decodeTransaction,
  encodeBase58,
  encodeMessage,
  encodeTransaction,
  isSigner,
  isWritable,
  type Message,
  TransactionDecodeError,
} from '../src/index.js';
import { address, transfer, transferMessage } from './wire.js';

const toAddress = (bytes: Uint8Array): Address => getAddressDecoder().decode(bytes);

interface KitAccount {
  address: Uint8Array;
  role: 0 | 1 | 2 | 3;
}

/** Wire bytes of a transaction as kit makes it; signatures are zeros. */
function kitTransaction(parts: {
  version: 'legacy' | 0;
  payer: Uint8Array;
  blockhash: Uint8Array;
  instructions: { program: Uint8Array; accounts: KitAccount[]; data: Uint8Array }[];
}): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: parts.version as 0 }),
    (m) => setTransactionMessageFeePayer(toAddress(parts.payer), m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: toAddress(parts.blockhash) as string as Blockhash, lastValidBlockHeight: 1n },
        m,
      ),
    (m) =>
      appendTransactionMessageInstructions(
        parts.instructions.map(({ program, accounts, data }) => ({
          programAddress: toAddress(program),
          accounts: accounts.map((account) => ({ address: toAddress(account.address), role: account.role })),
          data,
        })),
        m,
      ),
  );
  return Uint8Array.from(getTransactionEncoder().encode(compileTransaction(message)));
}

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const kitParts = fc
  .record({
    version: fc.constantFrom('legacy' as const, 0 as const),
    keys: fc.uniqueArray(bytes32, { minLength: 8, maxLength: 8, selector: (key) => encodeBase58(key) }),
    blockhash: bytes32,
    shapes: fc.array(
      fc.record({
        program: fc.integer({ min: 5, max: 7 }),
        accounts: fc.array(
          fc.record({ key: fc.integer({ min: 0, max: 4 }), role: fc.constantFrom(0, 1, 2, 3) }),
          {
            maxLength: 6,
          },
        ),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ version, keys, blockhash, shapes }) => ({
    version,
    payer: keys[0]!,
    blockhash,
    instructions: shapes.map(({ program, accounts, data }) => ({
      program: keys[program]!,
      accounts: accounts.map(({ key, role }) => ({ address: keys[key]!, role: role as 0 | 1 | 2 | 3 })),
      data,
    })),
  }));

describe('decodeTransaction', () => {
  it('reads what kit writes', () => {
    fc.assert(
      fc.property(kitParts, (parts) => {
        const bytes = kitTransaction(parts);
        const { message, messageBytes, signatures, bytes: kept } = decodeTransaction(bytes);
        expect(kept).toEqual(bytes);
        expect(encodeTransaction(signatures, messageBytes)).toEqual(bytes);
        expect(message.version).toBe(parts.version);
        expect(message.recentBlockhash).toEqual(parts.blockhash);
        expect(message.accountKeys[0]).toEqual(parts.payer);
        const read = message.instructions.map(({ programIdIndex, accountIndexes, data }) => ({
          program: message.accountKeys[programIdIndex],
          accounts: [...accountIndexes].map((index) => message.accountKeys[index]),
          data,
        }));
        expect(read).toEqual(
          parts.instructions.map(({ program, accounts, data }) => ({
            program,
            accounts: accounts.map((account) => account.address),
            data,
          })),
        );
        // An account has every right that any instruction asks for.
        message.accountKeys.forEach((key, index) => {
          const name = encodeBase58(key);
          const roles = parts.instructions
            .flatMap(({ accounts }) => accounts)
            .filter((account) => encodeBase58(account.address) === name)
            .map(({ role }) => role);
          const isPayer = index === 0;
          expect(isSigner(message, index)).toBe(isPayer || roles.some((role) => role >= 2));
          expect(isWritable(message, index)).toBe(isPayer || roles.some((role) => role % 2 === 1));
        });
      }),
      { numRuns: 200 },
    );
  });

  it('reads lookup tables as kit writes them', () => {
    const table = kitAddress('AddressLookupTab1e1111111111111111111111111');
    const [looked, written] = [address('looked up'), address('written')];
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayer(toAddress(address('a')), m),
      (m) =>
        setTransactionMessageLifetimeUsingBlockhash(
          { blockhash: toAddress(address('hash')) as string as Blockhash, lastValidBlockHeight: 1n },
          m,
        ),
      (m) =>
        appendTransactionMessageInstruction(
          {
            programAddress: toAddress(address('program')),
            accounts: [
              { address: toAddress(looked), role: 0 },
              { address: toAddress(written), role: 1 },
            ],
          },
          m,
        ),
      (m) =>
        compressTransactionMessageUsingAddressLookupTables(m, {
          [table]: [toAddress(address('other')), toAddress(looked), toAddress(written)],
        }),
    );
    const bytes = Uint8Array.from(getTransactionEncoder().encode(compileTransaction(message)));
    const decoded = decodeTransaction(bytes).message;
    expect(decoded.addressTableLookups).toEqual([
      { accountKey: expect.anything(), writableIndexes: Uint8Array.of(2), readonlyIndexes: Uint8Array.of(1) },
    ]);
    expect(encodeBase58(decoded.addressTableLookups[0]!.accountKey)).toBe(table);
    // behind the payer and the program: first the writable addresses of tables, then the read-only ones
    expect(decoded.instructions[0]!.accountIndexes).toEqual(Uint8Array.of(3, 2));
  });

  it('lets bytes pass only if they are the canonical encoding of what it read', () => {
    const samples = [
      transfer({ from: 'a', to: 'b', lamports: 1n }),
      transfer({ payer: 'a', from: 'b', to: 'c', lamports: 1n, version: 0 }),
      transfer({ payer: 'a', from: 'b', to: 'c', lamports: 1n, readonlyTo: true, extra: 'd' }),
    ];
    const edits = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.nat(255) }),
        fc.record({
          kind: fc.constant('insert' as const),
          at: fc.nat(),
          value: fc.constantFrom(0, 1, 0x80, 0xff),
        }),
        fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), value: fc.constant(0) }),
      ),
      { minLength: 1, maxLength: 3 },
    );
    // Most edits close to the start, where lengths and counts are.
    const place = (at: number, length: number) => (at % 3 === 0 ? at % length : 60 + (at % 20));
    let passed = 0;
    fc.assert(
      fc.property(fc.constantFrom(...samples), edits, (sample, list) => {
        const bytes = [...sample];
        for (const { kind, at, value } of list) {
          const i = place(at, bytes.length);
          bytes.splice(i, kind === 'insert' ? 0 : 1, ...(kind === 'remove' ? [] : [value]));
        }
        const input = Uint8Array.from(bytes);
        try {
          const { signatures, message, messageBytes } = decodeTransaction(input);
          passed++;
          expect(encodeMessage(message)).toEqual(messageBytes);
          expect(encodeTransaction(signatures, encodeMessage(message))).toEqual(input);
          expect(signatures).toHaveLength(message.header.numRequiredSignatures);
        } catch (error) {
          expect(error).toBeInstanceOf(TransactionDecodeError);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(passed).toBeGreaterThan(100);
  });

  it('refuses every truncation, a longer input and arbitrary bytes', () => {
    const good = transfer({ payer: 'a', from: 'b', to: 'c', lamports: 1n, version: 0 });
    for (let length = 0; length < good.length; length++)
      expect(() => decodeTransaction(good.subarray(0, length))).toThrow(TransactionDecodeError);
    expect(() => decodeTransaction(Uint8Array.of(...good, 0))).toThrow(/1 bytes are left over/);
    expect(() => decodeTransaction(new Uint8Array(1233))).toThrow(/at most 1232/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decodeTransaction(bytes).bytes).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TransactionDecodeError);
        }
      }),
    );
  });

  it('does not keep a view of its input', () => {
    const bytes = transfer({ from: 'a', to: 'b', lamports: 1n });
    const transaction = decodeTransaction(bytes);
    const copy = structuredClone(transaction);
    bytes.fill(0);
    expect(transaction).toEqual(copy);
  });

  it('wants as many signatures as the message', () => {
    const { signatures, messageBytes } = decodeTransaction(transfer({ from: 'a', to: 'b', lamports: 1n }));
    for (const list of [[], [...signatures, ...signatures]])
      expect(() => decodeTransaction(encodeTransaction(list, messageBytes))).toThrow(
        /signatures, the message needs 1/,
      );
  });
});

describe('decodeMessage', () => {
  const good = transferMessage({ payer: 'a', from: 'b', to: 'c', lamports: 1n });
  const refusal = (change: (message: Message) => void): string => {
    const message = structuredClone(good);
    change(message);
    try {
      decodeMessage(encodeMessage(message));
    } catch (error) {
      expect(error).toBeInstanceOf(TransactionDecodeError);
      return (error as Error).message;
    }
    return 'accepted';
  };

  it('refuses headers that contradict themselves', () => {
    expect(refusal((m) => (m.header.numRequiredSignatures = 0))).toMatch(/needs no signature/);
    expect(refusal((m) => (m.header.numReadonlySignedAccounts = 2))).toMatch(/not a writable signer/);
    expect(refusal((m) => (m.header.numReadonlyUnsignedAccounts = 3))).toMatch(/among 4 keys/);
    expect(refusal((m) => (m.header.numRequiredSignatures = 5))).toMatch(/among 4 keys/);
  });

  it('refuses indexes out of range, a payer called as a program, and keys that occur twice', () => {
    expect(refusal((m) => (m.instructions[0]!.programIdIndex = 4))).toMatch(/program index 4/);
    expect(refusal((m) => (m.instructions[0]!.programIdIndex = 0))).toMatch(/called as a program/);
    expect(refusal((m) => (m.instructions[0]!.accountIndexes[1] = 4))).toMatch(/account index 4/);
    expect(refusal((m) => (m.accountKeys[2] = m.accountKeys[1]!))).toMatch(/occurs twice/);
  });

  it('refuses other versions and unused lookup tables', () => {
    const bytes = encodeMessage({ ...good, version: 0 });
    expect(decodeMessage(bytes).version).toBe(0);
    bytes[0] = 0x81;
    expect(() => decodeMessage(bytes)).toThrow(/version 1 is not supported/);
    const unused = {
      accountKey: address('t'),
      writableIndexes: new Uint8Array(),
      readonlyIndexes: new Uint8Array(),
    };
    expect(() =>
      decodeMessage(encodeMessage({ ...good, version: 0, addressTableLookups: [unused] })),
    ).toThrow(/not used/);
    const wide = { ...unused, readonlyIndexes: new Uint8Array(253) };
    expect(() => decodeMessage(encodeMessage({ ...good, version: 0, addressTableLookups: [wide] }))).toThrow(
      /257 accounts/,
    );
  });

  it('refuses lengths that are not in their shortest form', () => {
    const bytes = encodeMessage(good);
    for (const length of [
      [0x84, 0x00],
      [0x84, 0x80, 0x00],
      [0xff, 0xff, 0x04],
      [0xff, 0xff, 0x80, 0x00],
    ])
      expect(() =>
        decodeMessage(Uint8Array.of(...bytes.subarray(0, 3), ...length, ...bytes.subarray(4))),
      ).toThrow(TransactionDecodeError);
  });
});
