import * as token from '@solana/spl-token';
import type { TransactionInstruction } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { parseInstruction } from '../../src/parse/parse-instruction.js';
import { key, parse, parseWithout, text } from './instructions.js';

// Expectations: the tests of agave/transaction-status/src/parse_token.rs.
const [mint, source, destination, owner, delegate] = [key(1), key(2), key(3), key(4), key(5)];
const MINT = text(1);
const rentSysvar = 'SysvarRent111111111111111111111111111111111';
const ui = (amount: string, uiAmountString: string) => ({
  uiAmount: Number(uiAmountString),
  decimals: 2,
  amount,
  uiAmountString,
});
const freezable = { mint: MINT, decimals: 2, mintAuthority: text(4), freezeAuthority: text(5) };

type Case = [string, TransactionInstruction, Record<string, unknown>];

function casesOf(program: typeof token.TOKEN_PROGRAM_ID): Case[] {
  return [
    [
      'initializeMint',
      token.createInitializeMintInstruction(mint, 2, owner, delegate, program),
      { ...freezable, rentSysvar },
    ],
    [
      'initializeMint2',
      token.createInitializeMint2Instruction(mint, 2, owner, null, program),
      { mint: MINT, decimals: 2, mintAuthority: text(4) },
    ],
    [
      'initializeAccount',
      token.createInitializeAccountInstruction(source, mint, owner, program),
      { account: text(2), mint: MINT, owner: text(4), rentSysvar },
    ],
    [
      'initializeAccount2',
      token.createInitializeAccount2Instruction(source, mint, owner, program),
      { account: text(2), mint: MINT, owner: text(4), rentSysvar },
    ],
    [
      'initializeAccount3',
      token.createInitializeAccount3Instruction(source, mint, owner, program),
      { account: text(2), mint: MINT, owner: text(4) },
    ],
    [
      'initializeMultisig',
      token.createInitializeMultisigInstruction(source, [owner, delegate], 2, program),
      { multisig: text(2), rentSysvar, signers: [text(4), text(5)], m: 2 },
    ],
    [
      'transfer',
      token.createTransferInstruction(source, destination, owner, 42, [], program),
      { source: text(2), destination: text(3), amount: '42', authority: text(4) },
    ],
    [
      'approve',
      token.createApproveInstruction(source, delegate, owner, 42, [], program),
      { source: text(2), delegate: text(5), amount: '42', owner: text(4) },
    ],
    [
      'revoke',
      token.createRevokeInstruction(source, owner, [], program),
      { source: text(2), owner: text(4) },
    ],
    [
      'mintTo',
      token.createMintToInstruction(mint, destination, owner, 2n ** 64n - 1n, [], program),
      { mint: MINT, account: text(3), amount: '18446744073709551615', mintAuthority: text(4) },
    ],
    [
      'burn',
      token.createBurnInstruction(source, mint, owner, 42, [], program),
      { account: text(2), mint: MINT, amount: '42', authority: text(4) },
    ],
    [
      'closeAccount',
      token.createCloseAccountInstruction(source, destination, owner, [], program),
      { account: text(2), destination: text(3), owner: text(4) },
    ],
    [
      'freezeAccount',
      token.createFreezeAccountInstruction(source, mint, owner, [], program),
      { account: text(2), mint: MINT, freezeAuthority: text(4) },
    ],
    [
      'thawAccount',
      token.createThawAccountInstruction(source, mint, owner, [], program),
      { account: text(2), mint: MINT, freezeAuthority: text(4) },
    ],
    [
      'transferChecked',
      token.createTransferCheckedInstruction(source, mint, destination, owner, 42, 2, [], program),
      {
        source: text(2),
        mint: MINT,
        destination: text(3),
        tokenAmount: ui('42', '0.42'),
        authority: text(4),
      },
    ],
    [
      'approveChecked',
      token.createApproveCheckedInstruction(source, mint, delegate, owner, 42, 2, [], program),
      { source: text(2), mint: MINT, delegate: text(5), tokenAmount: ui('42', '0.42'), owner: text(4) },
    ],
    [
      'mintToChecked',
      token.createMintToCheckedInstruction(mint, destination, owner, 100, 2, [], program),
      { mint: MINT, account: text(3), tokenAmount: ui('100', '1'), mintAuthority: text(4) },
    ],
    [
      'burnChecked',
      token.createBurnCheckedInstruction(source, mint, owner, 1_010, 2, [], program),
      { account: text(2), mint: MINT, tokenAmount: ui('1010', '10.1'), authority: text(4) },
    ],
    ['syncNative', token.createSyncNativeInstruction(source, program), { account: text(2) }],
    [
      'initializeImmutableOwner',
      token.createInitializeImmutableOwnerInstruction(source, program),
      { account: text(2) },
    ],
    [
      'amountToUiAmount',
      token.createAmountToUiAmountInstruction(mint, 42, program),
      { mint: MINT, amount: '42' },
    ],
    [
      'uiAmountToAmount',
      token.createUiAmountToAmountInstruction(mint, '0.42', program),
      { mint: MINT, uiAmount: '0.42' },
    ],
    [
      'setAuthority',
      token.createSetAuthorityInstruction(mint, owner, token.AuthorityType.FreezeAccount, null, [], program),
      { mint: MINT, authorityType: 'freezeAccount', newAuthority: null, authority: text(4) },
    ],
    [
      'setAuthority',
      token.createSetAuthorityInstruction(
        source,
        owner,
        token.AuthorityType.CloseAccount,
        delegate,
        [],
        program,
      ),
      { account: text(2), authorityType: 'closeAccount', newAuthority: text(5), authority: text(4) },
    ],
  ];
}

describe.each([
  ['Token', token.TOKEN_PROGRAM_ID],
  ['Token-2022', token.TOKEN_2022_PROGRAM_ID],
])('instructions of %s', (_name, program) => {
  it.each(casesOf(program))('%s', (type, instruction, info) => {
    expect(parse(instruction)).toEqual({ program: 'spl-token', parsed: { type, info } });
    // A multisig needs one signer at least.
    expect(parseWithout(instruction, type === 'initializeMultisig' ? 2 : 1)).toBeUndefined();
  });

  it('names multisig signers', () => {
    const transfer = token.createTransferInstruction(
      source,
      destination,
      owner,
      42,
      [key(6), key(7)],
      program,
    );
    expect(parse(transfer)?.parsed).toEqual({
      type: 'transfer',
      info: {
        source: text(2),
        destination: text(3),
        amount: '42',
        multisigAuthority: text(4),
        signers: [text(6), text(7)],
      },
    });
    const mintTo = token.createMintToInstruction(mint, destination, owner, 42, [key(6)], program);
    expect(parse(mintTo)?.parsed).toMatchObject({
      info: { multisigMintAuthority: text(4), signers: [text(6)] },
    });
  });
});

describe('instructions without a builder in spl-token', () => {
  const id = token.TOKEN_PROGRAM_ID.toBase58();
  const of = (accounts: string[], ...data: number[]) => parseInstruction(id, accounts, Uint8Array.from(data));

  it('initializeMultisig2, getAccountDataSize, withdrawExcessLamports, unwrapLamports', () => {
    expect(of([text(1), text(2)], 19, 1)?.parsed).toEqual({
      type: 'initializeMultisig2',
      info: { multisig: text(1), signers: [text(2)], m: 1 },
    });
    expect(of([text(1)], 21)?.parsed).toEqual({ type: 'getAccountDataSize', info: { mint: text(1) } });
    expect(of([text(1)], 21, 7, 0)?.parsed).toMatchObject({ info: { extensionTypes: ['immutableOwner'] } });
    expect(of([text(1), text(2), text(3)], 38)?.parsed).toEqual({
      type: 'withdrawExcessLamports',
      info: { source: text(1), destination: text(2), authority: text(3) },
    });
    expect(of([text(1), text(2), text(3)], 45, 1, 5, 0, 0, 0, 0, 0, 0, 0)?.parsed).toEqual({
      type: 'unwrapLamports',
      info: { source: text(1), destination: text(2), amount: '5', authority: text(3) },
    });
  });

  it('a batch holds the instructions that it is made of', () => {
    const transfer = [3, 42, 0, 0, 0, 0, 0, 0, 0];
    const data = [255, 3, transfer.length, ...transfer, 1, 1, 17];
    expect(of([text(1), text(2), text(3), text(4)], ...data)?.parsed).toEqual({
      type: 'batch',
      info: {
        instructions: [
          {
            type: 'transfer',
            info: { source: text(1), destination: text(2), amount: '42', authority: text(3) },
          },
          { type: 'syncNative', info: { account: text(4) } },
        ],
      },
    });
    expect(of([text(1), text(2), text(3)], ...data)).toBeUndefined();
    expect(of([text(1)], 255, 1, 2, 255, 0)).toBeUndefined();
  });

  it('leaves the confidential ones undecoded', () => {
    expect(of([text(1)], 27, 0)).toBeUndefined();
    expect(of([text(1)], 200)).toBeUndefined();
  });
});
