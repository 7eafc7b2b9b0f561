import { describe, it } from 'vitest';
import { changedWitness, more } from './changed-witness.js';
import { executable, type TransactionInputs } from './sbpf-rules.js';
import {
  AT,
  accounts,
  assign,
  block,
  CIRCUIT,
  closeTokens,
  create,
  inputs,
  pay,
  RESERVE,
} from './sbpf-transactions.js';

/** Lies that each break one rule about changes of accounts, and no other one in front of it. */

describe('of changes', () => {
  // fee, create; fee, close; fee, assign
  const ROW = { CREATE: 1, ASSIGN: 5 };
  const USE = { PAYER: 1, NEW: 2, OTHER: 7 };
  const CHANGE = { CREATE: 0, ASSIGN: 2 };
  const BEFORE = accounts();
  const { account: empty } = BEFORE[AT.FROM]!;
  BEFORE[AT.FROM]!.account = {
    ...empty!,
    data: empty!.data.map((byte, at) => (at >= 64 && at < 72 ? 0 : byte)),
  };
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () =>
    inputs(
      [block([create(AT.NEW, RESERVE, 165)], [closeTokens(AT.FROM, AT.OTHER)], [assign(AT.OTHER)])],
      BEFORE,
    ),
  );

  it('one that no row asks for', () =>
    refused(({ table }) => {
      table[ROW.CREATE]!.kind = '4';
    }, /a change that no row asks for/));

  it('one of who pays for it', () =>
    refused(({ changes }) => {
      changes[CHANGE.CREATE]!.usage = String(USE.PAYER);
    }, /a change of another account/));

  it('one with an account less', () =>
    refused(({ table, use_rows: rows }) => {
      table[ROW.CREATE]!.uses = '3';
      table[ROW.CREATE + 1]!.uses = '0';
      rows[USE.NEW + 1] = String(ROW.CREATE);
    }, /accounts of a change/));

  it('data with a byte more', () =>
    refused(({ table, data }) => {
      table[ROW.CREATE]!.data_bytes = '53';
      data[0] = '53';
    }, /length of the data of a change/));

  it('another word of data', () =>
    refused(({ data }) => {
      data[5] = more(data[5]);
    }, /data of a change/));

  it('another amount', () =>
    refused(({ table }) => {
      table[ROW.CREATE]!.amount = more(table[ROW.CREATE]!.amount);
    }, /lamports of an account that is created/));

  it('one of a program', () => refused(executable(AT.OTHER), /a change of a program/));

  it('one of an account that pays for itself', () =>
    refused(({ uses, use_versions: versions }) => {
      uses[USE.PAYER]!.account = String(AT.NEW);
      versions[USE.PAYER] = versions[USE.NEW]!;
    }, /an account that pays for itself/));

  it('nothing for a new account that may not be created', () =>
    refused(({ changes, data, table, uses }) => {
      const [change] = changes;
      change!.lamports = ['0', '0'];
      change!.allowed = false;
      change!.made = false;
      uses[USE.NEW]!.signer = false;
      table[ROW.CREATE]!.amount = '0';
      const space = BigInt(change!.space[0]!) << 32n;
      data[1] = '0';
      data[2] = String(space);
    }, /nothing for a new account that may be created or not/));

  it('an owner that stays the same', () =>
    refused(({ changes, data }) => {
      changes[CHANGE.ASSIGN]!.owner = Array<string>(8).fill('0');
      const first = data.lastIndexOf('36');
      data.splice(first + 1, 5, '1', '0', '0', '0', '0');
    }, /an owner that stays the same/));
});

describe('of changes of an account with data', () => {
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () => {
    const before = accounts();
    const { account } = before[AT.OTHER]!;
    before[AT.OTHER]!.account = { ...account!, data: new Uint8Array(8) };
    return inputs([block([pay(AT.PAYER, AT.OTHER, 7n)])], before);
  });

  it('data of an account that is assigned', () =>
    refused(({ table, uses, use_rows: rows, use_versions: versions, data, changes, transfers }) => {
      const owner = ['1', '0', '0', '0', '0', '0', '0', '0'];
      Object.assign(table[1]!, { kind: '6', uses: '1', data_bytes: '36', amount: '0' });
      uses[1]!.account = String(AT.OTHER);
      versions[1] = String(AT.OTHER);
      rows[2] = '2';
      table[2]!.uses = '2';
      data.splice(0, 6, '36', String(1n + (1n << 32n)), '0', '0', '0', '0');
      transfers[0]!.used = false;
      changes[0] = {
        ...changes[0]!,
        assigns: true,
        usage: '1',
        owner,
        allowed: true,
        made: true,
        length: '8',
        rows: '1',
      };
    }, /data of an account that is assigned/));

  it('no bytes', () =>
    refused(({ table, data, changes, transfers, use_rows: rows }) => {
      Object.assign(table[1]!, { kind: '6', data_bytes: '12', amount: '0', uses: '1' });
      rows[2] = '2';
      table[2]!.uses = '2';
      data[1] = '8';
      data[2] = '0';
      transfers[0]!.used = false;
      changes[0] = { ...changes[0]!, allocates: true, usage: '1', allowed: true, made: true, rows: '0' };
    }, /nothing is allocated/));
});

describe('of accounts that are closed', () => {
  const USE = '2';
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () =>
    inputs([block([pay(AT.PAYER, AT.OTHER, 7n)])]),
  );

  it('one of another owner', () =>
    refused(({ changes, ends }) => {
      changes[0] = { ...changes[0]!, closes: true, usage: USE, made: true };
      ends[AT.OTHER] = USE;
    }, /another's account is closed/));
});
