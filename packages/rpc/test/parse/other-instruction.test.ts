import {
  createAssociatedTokenAccountIdempotentInstruction,
  createAssociatedTokenAccountInstruction,
  createRecoverNestedInstruction,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import { AddressLookupTableProgram, ComputeBudgetProgram } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { parseInstruction } from '../../src/parse/parse-instruction.js';
import { key, parse, parseWithout, text } from './instructions.js';

const texts = (count: number) => Array.from({ length: count }, (_, i) => text(i + 1));
const SYSTEM = '11111111111111111111111111111111';
const TOKEN = TOKEN_PROGRAM_ID.toBase58();

// Expectations: the tests of agave/transaction-status/src/parse_associated_token.rs.
describe('associated token accounts', () => {
  const info = {
    source: text(1),
    account: text(2),
    wallet: text(3),
    mint: text(4),
    systemProgram: SYSTEM,
    tokenProgram: TOKEN,
  };

  it('create, in both of its encodings, and createIdempotent', () => {
    const create = createAssociatedTokenAccountInstruction(key(1), key(2), key(3), key(4));
    const program = 'spl-associated-token-account';
    expect(create.data).toHaveLength(0);
    expect(parse(create)).toEqual({ program, parsed: { type: 'create', info } });
    create.data = Buffer.of(0);
    expect(parse(create)).toEqual({ program, parsed: { type: 'create', info } });
    expect(parseWithout(create)).toBeUndefined();
    const idempotent = createAssociatedTokenAccountIdempotentInstruction(key(1), key(2), key(3), key(4));
    expect(parse(idempotent)?.parsed).toEqual({ type: 'createIdempotent', info });
  });

  it('recoverNested', () => {
    const recover = createRecoverNestedInstruction(key(1), key(2), key(3), key(4), key(5), key(6));
    expect(parse(recover)?.parsed).toEqual({
      type: 'recoverNested',
      info: {
        nestedSource: text(1),
        nestedMint: text(2),
        destination: text(3),
        nestedOwner: text(4),
        ownerMint: text(5),
        wallet: text(6),
        tokenProgram: TOKEN,
      },
    });
    recover.data = Buffer.of(3);
    expect(parse(recover)).toBeUndefined();
  });
});

// Expectations: the tests of agave/transaction-status/src/parse_address_lookup_table.rs.
describe('address lookup tables', () => {
  const table = { lookupTableAccount: text(1), lookupTableAuthority: text(2) };

  it('create', () => {
    const [create, address] = AddressLookupTableProgram.createLookupTable({
      authority: key(2),
      payer: key(3),
      recentSlot: 9,
    });
    expect(parse(create)).toEqual({
      program: 'address-lookup-table',
      parsed: {
        type: 'createLookupTable',
        info: {
          lookupTableAccount: address.toBase58(),
          lookupTableAuthority: text(2),
          payerAccount: text(3),
          systemProgram: SYSTEM,
          recentSlot: 9n,
          bumpSeed: create.data[12],
        },
      },
    });
  });

  it('extend, with and without somebody who pays', () => {
    const extend = { lookupTable: key(1), authority: key(2), addresses: [key(4), key(5)] };
    const newAddresses = [text(4), text(5)];
    expect(parse(AddressLookupTableProgram.extendLookupTable(extend))?.parsed).toEqual({
      type: 'extendLookupTable',
      info: { ...table, newAddresses },
    });
    const paid = AddressLookupTableProgram.extendLookupTable({ ...extend, payer: key(3) });
    expect(parse(paid)?.parsed).toEqual({
      type: 'extendLookupTable',
      info: { ...table, newAddresses, payerAccount: text(3), systemProgram: SYSTEM },
    });
  });

  it('freeze, deactivate, close', () => {
    const options = { lookupTable: key(1), authority: key(2) };
    expect(parse(AddressLookupTableProgram.freezeLookupTable(options))?.parsed).toEqual({
      type: 'freezeLookupTable',
      info: table,
    });
    expect(parse(AddressLookupTableProgram.deactivateLookupTable(options))?.parsed).toEqual({
      type: 'deactivateLookupTable',
      info: table,
    });
    const close = AddressLookupTableProgram.closeLookupTable({ ...options, recipient: key(3) });
    expect(parse(close)?.parsed).toEqual({
      type: 'closeLookupTable',
      info: { ...table, recipient: text(3) },
    });
  });

  it('refuses counts that cannot be', () => {
    const data = Uint8Array.of(2, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255);
    const id = AddressLookupTableProgram.programId.toBase58();
    expect(parseInstruction(id, [text(1), text(2)], data)).toBeUndefined();
  });
});

// Expectations: the tests of agave/transaction-status/src/parse_bpf_loader.rs.
describe('loaders', () => {
  const V3 = 'BPFLoaderUpgradeab1e11111111111111111111111';
  const u32 = (value: number) => [value & 0xff, value >> 8, 0, 0];
  const u64 = (value: number) => [...u32(value), 0, 0, 0, 0];
  const of = (accounts: number, ...data: number[]) =>
    parseInstruction(V3, texts(accounts), Uint8Array.from(data))?.parsed;

  it('write and finalize of the loader without upgrades', () => {
    const id = 'BPFLoader2111111111111111111111111111111111';
    const write = Uint8Array.from([...u32(0), ...u32(42), ...u64(3), 8, 8, 8]);
    expect(parseInstruction(id, texts(1), write)).toEqual({
      program: 'bpf-loader',
      parsed: { type: 'write', info: { offset: 42, bytes: 'CAgI', account: text(1) } },
    });
    expect(parseInstruction(id, texts(2), Uint8Array.of(1, 0, 0, 0))?.parsed).toEqual({
      type: 'finalize',
      info: { account: text(1) },
    });
  });

  it('every instruction of the upgradeable loader', () => {
    expect(of(1, ...u32(0))).toEqual({ type: 'initializeBuffer', info: { account: text(1) } });
    expect(of(2, ...u32(0))).toMatchObject({ info: { authority: text(2) } });
    expect(of(2, ...u32(1), ...u32(42), ...u64(3), 8, 8, 8)).toEqual({
      type: 'write',
      info: { offset: 42, bytes: 'CAgI', account: text(1), authority: text(2) },
    });
    expect(of(2, ...u32(1), ...u32(42), ...u64(4), 8, 8, 8)).toBeUndefined();
    expect(of(8, ...u32(2), ...u64(99))).toEqual({
      type: 'deployWithMaxDataLen',
      info: {
        maxDataLen: 99n,
        payerAccount: text(1),
        programDataAccount: text(2),
        programAccount: text(3),
        bufferAccount: text(4),
        rentSysvar: text(5),
        clockSysvar: text(6),
        systemProgram: text(7),
        authority: text(8),
      },
    });
    expect(of(7, ...u32(2), ...u64(99))).toBeUndefined();
    expect(of(7, ...u32(3))).toEqual({
      type: 'upgrade',
      info: {
        programDataAccount: text(1),
        programAccount: text(2),
        bufferAccount: text(3),
        spillAccount: text(4),
        rentSysvar: text(5),
        clockSysvar: text(6),
        authority: text(7),
      },
    });
    expect(of(2, ...u32(4))).toEqual({
      type: 'setAuthority',
      info: { account: text(1), authority: text(2), newAuthority: null },
    });
    expect(of(3, ...u32(5))).toEqual({
      type: 'close',
      info: { account: text(1), recipient: text(2), authority: text(3), programAccount: null },
    });
    expect(of(3, ...u32(6), ...u32(7))).toEqual({
      type: 'extendProgram',
      info: {
        additionalBytes: 7,
        programDataAccount: text(1),
        programAccount: text(2),
        systemProgram: text(3),
        payerAccount: null,
      },
    });
    expect(of(3, ...u32(7))).toEqual({
      type: 'setAuthorityChecked',
      info: { account: text(1), authority: text(2), newAuthority: text(3) },
    });
    expect(of(3, ...u32(9), ...u32(7))).toMatchObject({
      type: 'extendProgramChecked',
      info: { additionalBytes: 7, authority: text(3), systemProgram: null },
    });
    expect(of(3, ...u32(8))).toBeUndefined();
  });
});

describe('memos', () => {
  it.each(['Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo', 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'])(
    '%s',
    (id) => {
      expect(parseInstruction(id, [], Uint8Array.of(240, 159, 166, 150))).toEqual({
        program: 'spl-memo',
        parsed: '🦖',
      });
      expect(parseInstruction(id, [], Uint8Array.of(128))).toBeUndefined();
    },
  );
});

describe('programs without a parser in Agave', () => {
  it('the compute budget', () => {
    expect(parse(ComputeBudgetProgram.setComputeUnitLimit({ units: 1 }))).toBeUndefined();
  });
});
