import { describe, it } from 'vitest';
import { changedWitness } from './changed-witness.js';
import { executable, type TransactionInputs } from './sbpf-rules.js';
import { AT, block, CIRCUIT, inputs, limitUnits, moveTokens, pay } from './sbpf-transactions.js';

/** Lies that each break one rule about transactions, and no other one in front of it. */

const TOO_MUCH = pay(AT.OTHER, AT.PAYER, 10n ** 12n);

describe('of rows', () => {
  const ROW = { FEE: 0, BUDGET: 1, TOKENS: 2, TRANSFER: 3, SECOND_FEE: 4, FAILING: 5, CREDIT: 7, NONE: 8 };
  const USE = { FEE: 0, FROM: 1, SAME: 2, COLLECTOR: 12 };
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () =>
    inputs([
      block(
        [limitUnits(100_000), moveTokens(AT.FROM, AT.FROM, 9n), pay(AT.PAYER, AT.OTHER, 1_000n)],
        [moveTokens(AT.FROM, AT.TO, 10n ** 12n), pay(AT.PAYER, AT.OTHER, 5n)],
      ),
    ]),
  );
  const spare = ({ rights }: TransactionInputs, kind: number, row: number, usage: number): void => {
    const right = rights.at(-1)!;
    right.kinds[kind] = true;
    Object.assign(right, { row: String(row), usage: String(usage) });
  };

  it('a kind that there is not', () =>
    refused(({ table }) => {
      table[ROW.TOKENS]!.kind = '8';
    }, /a row of no kind/));

  it('one behind a row that is not used', () =>
    refused(({ table, use_rows: of }) => {
      [table[ROW.CREDIT], table[ROW.NONE]] = [table[ROW.NONE]!, table[ROW.CREDIT]!];
      of[USE.COLLECTOR] = String(ROW.NONE);
    }, /a row behind one that is not used/));

  it('an instruction in front of its transaction', () =>
    refused(({ table, use_rows: of }) => {
      [table[ROW.FEE], table[ROW.BUDGET]] = [table[ROW.BUDGET]!, table[ROW.FEE]!];
      of[USE.FEE] = String(ROW.BUDGET);
    }, /an instruction of no transaction/));

  it('a block that nobody ends', () =>
    refused(({ table, use_rows: of }) => {
      table[ROW.CREDIT] = table[ROW.NONE]!;
      of[USE.COLLECTOR] = '16';
    }, /a transaction behind the last block/));

  it('a fee of no account', () =>
    refused(({ table, use_rows: of }) => {
      table[ROW.CREDIT]!.uses = '0';
      of[USE.COLLECTOR] = '16';
    }, /a fee has one account/));

  it('a fee of an account with data', () =>
    refused(({ uses, use_versions: versions }) => {
      uses[USE.FEE]!.account = String(AT.FROM);
      versions[USE.FEE] = String(AT.FROM);
    }, /fee payer is no System account without data/));

  it('a program at a place of the table where there is none', () =>
    refused(({ table }) => {
      table[ROW.TOKENS]!.program = '0';
    }, /a program that is none/));

  it('another length of data than that in front of them', () =>
    refused(({ table }) => {
      table[ROW.TOKENS]!.data_bytes = '10';
    }, /length of an instruction's data/));

  it('a transaction that does not fail although an instruction does', () =>
    refused(({ table }) => {
      table[ROW.SECOND_FEE]!.fails = false;
    }, /a transaction in which an instruction fails does so/));

  it('a right to the record of a use that has none of its own', () =>
    refused(
      (changed) => spare(changed, 3, ROW.TOKENS, USE.SAME),
      /a right to a record that is another one's/,
    ));

  it('a right of the kernel for a program', () =>
    refused((changed) => spare(changed, 9, ROW.TOKENS, USE.FROM), /a program has a right of the kernel/));

  it('a version of another account', () =>
    refused(({ uses }) => {
      uses[USE.FROM]!.account = String(AT.TO);
    }, /a version of another account/));
});

describe('of transfers', () => {
  const ROW = { FEE: 0, FIRST: 1, SECOND: 2 };
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () =>
    inputs([block([pay(AT.PAYER, AT.OTHER, 1_000n), pay(AT.OTHER, AT.PAYER, 7n)])]),
  );

  it('one that no row asks for', () =>
    refused(({ transfers }) => {
      transfers[0]!.row = String(ROW.FEE);
    }, /a transfer that no row asks for/));

  it('one with an account more', () =>
    refused(({ table, use_rows: rows }) => {
      table[ROW.FIRST]!.uses = '3';
      table[ROW.SECOND]!.uses = '1';
      rows[3] = String(ROW.FIRST);
    }, /a transfer has two accounts/));

  it('one of a program', () => refused(executable(AT.OTHER), /a transfer of a program/));

  it('another amount', () =>
    refused(({ table }) => {
      table[ROW.FIRST]!.amount = '1001';
    }, /amount of a transfer/));

  it('data with a byte more', () =>
    refused(({ table, data }) => {
      table[ROW.FIRST]!.data_bytes = '13';
      data[0] = '13';
    }, /data of a transfer/));

  it('a rent state that is wrong, and not at the end', () =>
    refused(({ outcomes }) => {
      outcomes[ROW.FIRST]!.result = '2';
    }, /a rent state that does not last/));
});

describe('of saved words', () => {
  const USE = { AGAIN: 5 };
  const { refused } = changedWitness<TransactionInputs>(CIRCUIT, () =>
    inputs([
      block(
        [moveTokens(AT.FROM, AT.TO, 5n), moveTokens(AT.FROM, AT.FROM, 1n), TOO_MUCH],
        [pay(AT.OTHER, AT.PAYER, 7n), TOO_MUCH],
      ),
    ]),
  );

  it('one of a use that has no record of its own', () =>
    refused(({ saved }) => {
      saved[0]!.usage = String(USE.AGAIN);
    }, /a saved word of a record that is another one's/));

  it('those of two transactions mixed', () =>
    refused(({ saved }) => {
      saved.splice(1, 2, saved[2]!, saved[1]!);
    }, /a word of another transaction/));

  it('one that is left out at the end', () =>
    refused(({ saved }) => {
      const last = saved.findLastIndex(({ used }) => used);
      saved[last]!.used = false;
    }, /saved words are missing/));
});
