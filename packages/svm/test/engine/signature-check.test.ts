import { createHash, sign } from 'node:crypto';
import { concatBytes } from '@polyproof/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase58,
  decodeTransaction,
  encodeMessage,
  encodeTransaction,
  type Transaction,
} from '../../src/index.js';
import { SignatureCheck, verifyEach } from '../../src/runtime/engine/signature-check.js';
import { NO_CONTEXT, wireTransaction } from '../../src/runtime/engine/wire-message.js';
import '../fixed-seed.js';
import {
  address,
  BLOCKHASH,
  engineTransaction,
  hash,
  readonly,
  SOL,
  SYSTEM,
  signer,
  signing,
  systemTransfer,
  type TransactionParts,
  writable,
} from '../support/engine-transactions.js';

/** Order of the group. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const IDENTITY = Uint8Array.of(1, ...new Uint8Array(31));
const POINTS_OF_SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

const check = new SignatureCheck();
const wireOf = ({ bytes }: Transaction) => wireTransaction(Buffer.from(bytes), NO_CONTEXT);
/** What both ways say; they must agree. */
const verdict = (transaction: Transaction): boolean => {
  const wire = wireOf(transaction);
  const fast = check.verify(wire);
  expect(verifyEach(wire)).toBe(fast);
  return fast;
};
const signed = (parts: Partial<TransactionParts> = {}) =>
  engineTransaction({
    signers: ['alice', 'bob'],
    instructions: [
      systemTransfer(address('alice'), address('carol'), SOL),
      systemTransfer(address('bob'), address('carol'), SOL),
    ],
    blockhash: BLOCKHASH,
    ...parts,
  }).transaction;

const littleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const scalarBytes = (scalar: bigint) =>
  Uint8Array.from(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse());
const sha512 = (...parts: Uint8Array[]) =>
  createHash('sha512')
    .update(concatBytes(...parts))
    .digest();

/** A transfer whose fee payer has this address, and the signature that is made for its message. */
function forged(payer: Uint8Array, signature: (message: Uint8Array) => Uint8Array): Transaction {
  const message = {
    version: 'legacy' as const,
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys: [payer, address('carol'), hash('a program')],
    recentBlockhash: BLOCKHASH,
    instructions: [{ programIdIndex: 2, accountIndexes: Uint8Array.of(0, 1), data: new Uint8Array() }],
    addressTableLookups: [],
  };
  const bytes = encodeMessage(message);
  return decodeTransaction(encodeTransaction([signature(bytes)], bytes));
}

describe('SignatureCheck', () => {
  it('accepts right signatures and refuses wrong ones, as node does', () => {
    expect(verdict(signed())).toBe(true);
    expect(verdict(signed({ signers: ['alice'] }))).toBe(false);
    const { bytes } = signed();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Uint8Array.from(bytes);
        mutated[at]! ^= change;
        let transaction: Transaction;
        try {
          transaction = decodeTransaction(mutated);
        } catch {
          return;
        }
        expect(verdict(transaction)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a scalar that is not canonical', () => {
    const { messageBytes, signatures } = signed();
    const [first, second] = signatures as [Uint8Array, Uint8Array];
    const scalar = littleEndian(first.subarray(32)) + L;
    const malleable = concatBytes(first.subarray(0, 32), scalarBytes(scalar));
    expect(verdict(decodeTransaction(encodeTransaction([malleable, second], messageBytes)))).toBe(false);
  });

  it('refuses public keys of small order, for which anybody can sign', () => {
    // With the identity as public key, S·B = R holds for any pair of that kind: S = 1 and the base point.
    const base = Buffer.from('5866666666666666666666666666666666666666666666666666666666666666', 'hex');
    expect(verdict(forged(IDENTITY, () => concatBytes(base, scalarBytes(1n))))).toBe(false);
    for (const point of POINTS_OF_SMALL_ORDER)
      for (const r of POINTS_OF_SMALL_ORDER)
        expect(verdict(forged(point, () => concatBytes(r, new Uint8Array(32))))).toBe(false);
  });

  it('refuses an R of small order with a scalar that satisfies the equation', () => {
    const seed = Uint8Array.from(createHash('sha256').update('alice').digest());
    const secret = sha512(seed).subarray(0, 32);
    secret[0]! &= 248;
    secret[31] = (secret[31]! & 127) | 64;
    const a = littleEndian(secret);
    const transaction = forged(address('alice'), (message) => {
      const k = littleEndian(sha512(IDENTITY, address('alice'), message)) % L;
      return concatBytes(IDENTITY, scalarBytes((k * a) % L));
    });
    expect(verdict(transaction)).toBe(false);
  });

  it('checks transactions with lookup tables, without having the tables', () => {
    const far = Array.from({ length: 256 }, (_, index) => hash(`far ${index}`));
    const tables = [
      { address: hash('table one'), addresses: far.slice(0, 128) },
      { address: hash('table two'), addresses: far.slice(128) },
    ];
    const instructions = [
      {
        program: SYSTEM,
        accounts: [signing(address('bob')), ...[0, 5, 127, 128, 255].map((index) => writable(far[index]!))],
        data: Uint8Array.of(1),
      },
      { program: SYSTEM, accounts: [readonly(far[7]!)], data: Uint8Array.of(1) },
    ];
    expect(verdict(signed({ tables, instructions }))).toBe(true);
    expect(verdict(signed({ tables, instructions, signers: ['alice'] }))).toBe(false);
    // Nothing is left behind, and the order of tables does not matter.
    expect(verdict(signed({ tables: tables.toReversed(), instructions }))).toBe(true);
  });

  it.each([
    [
      'a sysvar',
      new Uint8Array(Buffer.from('06a7d51718c774c928566398691d5eb68b5eb8a39b4b6d5c73555b2100000000', 'hex')),
    ],
    ['the System program', SYSTEM],
  ])('takes no harm from %s as a lookup table', (_, table) => {
    const tables = [{ address: table, addresses: [hash('somewhere')] }];
    const instructions = [
      {
        program: hash('a program'),
        accounts: [signing(address('bob')), writable(hash('somewhere'))],
        data: new Uint8Array(),
      },
    ];
    expect(verdict(signed({ tables, instructions }))).toBe(true);
    expect(verdict(signed({ tables, instructions, signers: ['alice'] }))).toBe(false);
    expect(verdict(signed())).toBe(true);
  });

  it('checks what litesvm itself would refuse', () => {
    const table = { address: hash('table'), addresses: [hash('there')] };
    const instructions = [
      {
        program: hash('a program'),
        accounts: [signing(address('bob')), writable(hash('there'))],
        data: new Uint8Array(),
      },
    ];
    const { transaction } = engineTransaction({
      signers: ['alice', 'bob'],
      instructions,
      blockhash: BLOCKHASH,
      tables: [table],
    });
    // The same table and entry twice: an account loaded twice.
    const { message } = transaction;
    const twice = {
      ...message,
      addressTableLookups: [...message.addressTableLookups, ...message.addressTableLookups],
    };
    const bytes = encodeMessage(twice);
    const signatures = ['alice', 'bob'].map(
      (name) => new Uint8Array(sign(null, bytes, signer(name).privateKey)),
    );
    expect(verdict(decodeTransaction(encodeTransaction(signatures, bytes)))).toBe(true);
    expect(verdict(decodeTransaction(encodeTransaction(signatures.toReversed(), bytes)))).toBe(false);
    // The one blockhash that is recent for a new litesvm.
    const recent = decodeBase58('CmpNeggWJ4JaWJeJ8YKN1Zypmk7uvQq3PECGUCAEMbky');
    expect(verdict(signed({ blockhash: recent }))).toBe(true);
    expect(verdict(signed({ blockhash: recent, signers: ['alice'] }))).toBe(false);
    const many = Array.from({ length: 24 }, (_, index) => writable(hash(`one of many ${index}`)));
    expect(
      verdict(
        signed({
          instructions: [
            { program: SYSTEM, accounts: [signing(address('bob')), ...many], data: Uint8Array.of(1) },
          ],
        }),
      ),
    ).toBe(true);
  });
});
