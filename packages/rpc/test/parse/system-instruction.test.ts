import { NONCE_ACCOUNT_LENGTH, SystemProgram, type TransactionInstruction } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { parseInstruction } from '../../src/parse/parse-instruction.js';
import { key, parse, parseWithout, text } from './instructions.js';

// Expectations: the tests of agave/transaction-status/src/parse_system.rs.
const [a, b, c] = [key(1), key(2), key(3)];
const SYSVARS = {
  recentBlockhashesSysvar: 'SysvarRecentB1ockHashes11111111111111111111',
  rentSysvar: 'SysvarRent111111111111111111111111111111111',
};

const cases: [string, TransactionInstruction, Record<string, unknown>][] = [
  [
    'createAccount',
    SystemProgram.createAccount({
      fromPubkey: a,
      newAccountPubkey: b,
      lamports: 55,
      space: 128,
      programId: c,
    }),
    { source: text(1), newAccount: text(2), lamports: 55n, space: 128n, owner: text(3) },
  ],
  ['assign', SystemProgram.assign({ accountPubkey: a, programId: c }), { account: text(1), owner: text(3) }],
  [
    'transfer',
    SystemProgram.transfer({ fromPubkey: a, toPubkey: b, lamports: 2n ** 64n - 1n }),
    { source: text(1), destination: text(2), lamports: 2n ** 64n - 1n },
  ],
  [
    'createAccountWithSeed',
    SystemProgram.createAccountWithSeed({
      fromPubkey: a,
      newAccountPubkey: b,
      basePubkey: a,
      seed: 'sööd',
      lamports: 55,
      space: 128,
      programId: c,
    }),
    {
      source: text(1),
      newAccount: text(2),
      base: text(1),
      seed: 'sööd',
      lamports: 55n,
      space: 128n,
      owner: text(3),
    },
  ],
  [
    'advanceNonce',
    SystemProgram.nonceAdvance({ noncePubkey: a, authorizedPubkey: b }),
    {
      nonceAccount: text(1),
      recentBlockhashesSysvar: SYSVARS.recentBlockhashesSysvar,
      nonceAuthority: text(2),
    },
  ],
  [
    'withdrawFromNonce',
    SystemProgram.nonceWithdraw({ noncePubkey: a, authorizedPubkey: b, toPubkey: c, lamports: 7 }),
    { nonceAccount: text(1), destination: text(3), ...SYSVARS, nonceAuthority: text(2), lamports: 7n },
  ],
  [
    'initializeNonce',
    SystemProgram.createNonceAccount({
      fromPubkey: c,
      noncePubkey: a,
      authorizedPubkey: b,
      lamports: NONCE_ACCOUNT_LENGTH,
    }).instructions[1]!,
    { nonceAccount: text(1), ...SYSVARS, nonceAuthority: text(2) },
  ],
  [
    'authorizeNonce',
    SystemProgram.nonceAuthorize({ noncePubkey: a, authorizedPubkey: b, newAuthorizedPubkey: c }),
    { nonceAccount: text(1), nonceAuthority: text(2), newAuthorized: text(3) },
  ],
  ['allocate', SystemProgram.allocate({ accountPubkey: a, space: 9 }), { account: text(1), space: 9n }],
  [
    'allocateWithSeed',
    SystemProgram.allocate({ accountPubkey: a, basePubkey: b, seed: 'seed', space: 9, programId: c }),
    { account: text(1), base: text(2), seed: 'seed', space: 9n, owner: text(3) },
  ],
  [
    'assignWithSeed',
    SystemProgram.assign({ accountPubkey: a, basePubkey: b, seed: 'seed', programId: c }),
    { account: text(1), base: text(2), seed: 'seed', owner: text(3) },
  ],
  [
    'transferWithSeed',
    SystemProgram.transfer({
      fromPubkey: a,
      basePubkey: b,
      toPubkey: c,
      lamports: 5,
      seed: 'seed',
      programId: key(4),
    }),
    {
      source: text(1),
      sourceBase: text(2),
      destination: text(3),
      lamports: 5n,
      sourceSeed: 'seed',
      sourceOwner: text(4),
    },
  ],
];

describe('System instructions', () => {
  it.each(cases)('%s', (type, instruction, info) => {
    expect(parse(instruction)).toEqual({ program: 'system', parsed: { type, info } });
    expect(parseWithout(instruction)).toBeUndefined();
  });

  it('without a builder in web3.js', () => {
    const system = SystemProgram.programId.toBase58();
    const upgrade = parseInstruction(system, [text(1)], Uint8Array.of(12, 0, 0, 0));
    expect(upgrade?.parsed).toEqual({ type: 'upgradeNonce', info: { nonceAccount: text(1) } });
    const prefund = (lamports: number) =>
      Uint8Array.from([13, 0, 0, 0, lamports, ...Array(7).fill(0), 9, ...Array(7).fill(0), ...c.toBytes()]);
    expect(parseInstruction(system, [text(1)], prefund(0))?.parsed).toEqual({
      type: 'createAccountAllowPrefund',
      info: { newAccount: text(1), space: 9n, owner: text(3) },
    });
    expect(parseInstruction(system, [text(1)], prefund(5))).toBeUndefined();
    expect(parseInstruction(system, [text(1), text(2)], prefund(5))?.parsed).toEqual({
      type: 'createAccountAllowPrefund',
      info: { newAccount: text(1), source: text(2), lamports: 5n, space: 9n, owner: text(3) },
    });
  });

  it('that are damaged are not parsed', () => {
    const [, transfer] = cases[2]!;
    const system = SystemProgram.programId.toBase58();
    const accounts = [text(1), text(2)];
    expect(parseInstruction(system, accounts, transfer.data.subarray(0, 11))).toBeUndefined();
    expect(parseInstruction(system, accounts, Uint8Array.of(14, 0, 0, 0))).toBeUndefined();
    expect(parseInstruction(system, accounts, new Uint8Array())).toBeUndefined();
    expect(parseInstruction(system, [], transfer.data)).toBeUndefined();
  });
});
