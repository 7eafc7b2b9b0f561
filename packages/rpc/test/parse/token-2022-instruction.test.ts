import * as token from '@solana/spl-token';
import * as group from '@solana/spl-token-group';
import * as metadata from '@solana/spl-token-metadata';
import type { TransactionInstruction } from '@solana/web3.js';
import { describe, expect, it } from 'vitest';
import { key, parse, text } from './instructions.js';

// Expectations: the tests under agave/transaction-status/src/parse_token/extension.
const program = token.TOKEN_2022_PROGRAM_ID;
const [mint, source, destination, owner, other] = [key(1), key(2), key(3), key(4), key(5)];
const ui = (amount: string, uiAmountString: string) => ({
  uiAmount: Number(uiAmountString),
  decimals: 2,
  amount,
  uiAmountString,
});

const cases: [string, TransactionInstruction, Record<string, unknown>][] = [
  [
    'initializeMintCloseAuthority',
    token.createInitializeMintCloseAuthorityInstruction(mint, owner, program),
    { mint: text(1), newAuthority: text(4) },
  ],
  [
    'initializePermanentDelegate',
    token.createInitializePermanentDelegateInstruction(mint, owner, program),
    { mint: text(1), delegate: text(4) },
  ],
  [
    'initializeNonTransferableMint',
    token.createInitializeNonTransferableMintInstruction(mint, program),
    { mint: text(1) },
  ],
  [
    'initializeTransferFeeConfig',
    token.createInitializeTransferFeeConfigInstruction(mint, owner, null, 50, 5_000n, program),
    { mint: text(1), transferFeeConfigAuthority: text(4), transferFeeBasisPoints: 50, maximumFee: 5_000n },
  ],
  [
    'transferCheckedWithFee',
    token.createTransferCheckedWithFeeInstruction(source, mint, destination, owner, 55n, 2, 5n),
    {
      source: text(2),
      mint: text(1),
      destination: text(3),
      tokenAmount: ui('55', '0.55'),
      feeAmount: ui('5', '0.05'),
      authority: text(4),
    },
  ],
  [
    'withdrawWithheldTokensFromMint',
    token.createWithdrawWithheldTokensFromMintInstruction(mint, destination, owner, [key(6), key(7)]),
    {
      mint: text(1),
      feeRecipient: text(3),
      multisigWithdrawWithheldAuthority: text(4),
      signers: [text(6), text(7)],
    },
  ],
  [
    'withdrawWithheldTokensFromAccounts',
    token.createWithdrawWithheldTokensFromAccountsInstruction(mint, destination, owner, [], [source, other]),
    {
      mint: text(1),
      feeRecipient: text(3),
      withdrawWithheldAuthority: text(4),
      sourceAccounts: [text(2), text(5)],
    },
  ],
  [
    'harvestWithheldTokensToMint',
    token.createHarvestWithheldTokensToMintInstruction(mint, [source]),
    { mint: text(1), sourceAccounts: [text(2)] },
  ],
  [
    'setTransferFee',
    token.createSetTransferFeeInstruction(mint, owner, [], 50, 5_000n),
    {
      mint: text(1),
      transferFeeBasisPoints: 50,
      maximumFee: 5_000n,
      transferFeeConfigAuthority: text(4),
    },
  ],
  [
    'initializeDefaultAccountState',
    token.createInitializeDefaultAccountStateInstruction(mint, token.AccountState.Frozen),
    { mint: text(1), accountState: 'frozen' },
  ],
  [
    'updateDefaultAccountState',
    token.createUpdateDefaultAccountStateInstruction(mint, token.AccountState.Initialized, owner),
    { mint: text(1), accountState: 'initialized', freezeAuthority: text(4) },
  ],
  [
    'enableRequiredMemoTransfers',
    token.createEnableRequiredMemoTransfersInstruction(source, owner),
    { account: text(2), owner: text(4) },
  ],
  [
    'disableRequiredMemoTransfers',
    token.createDisableRequiredMemoTransfersInstruction(source, owner),
    { account: text(2), owner: text(4) },
  ],
  [
    'enableCpiGuard',
    token.createEnableCpiGuardInstruction(source, owner),
    { account: text(2), owner: text(4) },
  ],
  [
    'disableCpiGuard',
    token.createDisableCpiGuardInstruction(source, owner),
    { account: text(2), owner: text(4) },
  ],
  [
    'initializeInterestBearingConfig',
    token.createInitializeInterestBearingMintInstruction(mint, owner, -20),
    { mint: text(1), rateAuthority: text(4), rate: -20 },
  ],
  [
    'updateInterestBearingConfigRate',
    token.createUpdateRateInterestBearingMintInstruction(mint, owner, 30),
    // spl-token names an authority without multisig a second time, as its own signer.
    { mint: text(1), newRate: 30, multisigRateAuthority: text(4), signers: [text(4)] },
  ],
  [
    'initializeTransferHook',
    token.createInitializeTransferHookInstruction(mint, owner, other, program),
    { mint: text(1), authority: text(4), programId: text(5) },
  ],
  [
    'updateTransferHook',
    token.createUpdateTransferHookInstruction(mint, owner, other),
    { mint: text(1), authority: text(4), programId: text(5) },
  ],
  [
    'initializeMetadataPointer',
    token.createInitializeMetadataPointerInstruction(mint, null, mint, program),
    { mint: text(1), metadataAddress: text(1) },
  ],
  [
    'updateMetadataPointer',
    token.createUpdateMetadataPointerInstruction(mint, owner, other),
    { mint: text(1), metadataAddress: text(5), authority: text(4) },
  ],
  [
    'initializeGroupPointer',
    token.createInitializeGroupPointerInstruction(mint, owner, other),
    { mint: text(1), authority: text(4), groupAddress: text(5) },
  ],
  [
    'initializeGroupMemberPointer',
    token.createInitializeGroupMemberPointerInstruction(mint, owner, other),
    { mint: text(1), authority: text(4), memberAddress: text(5) },
  ],
  [
    'initializeScaledUiAmountConfig',
    token.createInitializeScaledUiAmountConfigInstruction(mint, owner, 1.5),
    { mint: text(1), authority: text(4), multiplier: '1.5' },
  ],
  [
    'updateMultiplier',
    token.createUpdateMultiplierDataInstruction(mint, owner, 2, 1_700_000_000n),
    {
      mint: text(1),
      newMultiplier: '2',
      newMultiplierTimestamp: 1_700_000_000n,
      authority: text(4),
    },
  ],
  [
    'initializePausableConfig',
    token.createInitializePausableConfigInstruction(mint, owner),
    { mint: text(1), authority: text(4) },
  ],
  ['pause', token.createPauseInstruction(mint, owner), { mint: text(1), authority: text(4) }],
  ['resume', token.createResumeInstruction(mint, owner), { mint: text(1), authority: text(4) }],
  [
    'reallocate',
    token.createReallocateInstruction(source, other, [token.ExtensionType.MemoTransfer], owner),
    {
      account: text(2),
      payer: text(5),
      systemProgram: '11111111111111111111111111111111',
      extensionTypes: ['memoTransfer'],
      owner: text(4),
    },
  ],
  [
    'createNativeMint',
    token.createCreateNativeMintInstruction(owner),
    {
      payer: text(4),
      nativeMint: token.NATIVE_MINT_2022.toBase58(),
      systemProgram: '11111111111111111111111111111111',
    },
  ],
  [
    'initializeTokenMetadata',
    metadata.createInitializeInstruction({
      programId: program,
      metadata: mint,
      updateAuthority: owner,
      mint,
      mintAuthority: other,
      name: 'Mega Token',
      symbol: 'MEGA',
      uri: 'https://mega.com',
    }),
    {
      metadata: text(1),
      updateAuthority: text(4),
      mint: text(1),
      mintAuthority: text(5),
      name: 'Mega Token',
      symbol: 'MEGA',
      uri: 'https://mega.com',
    },
  ],
  [
    'updateTokenMetadataField',
    metadata.createUpdateFieldInstruction({
      programId: program,
      metadata: mint,
      updateAuthority: owner,
      field: metadata.Field.Uri,
      value: 'https://ultra-mega.com',
    }),
    { metadata: text(1), updateAuthority: text(4), field: 'uri', value: 'https://ultra-mega.com' },
  ],
  [
    'updateTokenMetadataField',
    metadata.createUpdateFieldInstruction({
      programId: program,
      metadata: mint,
      updateAuthority: owner,
      field: 'new_field',
      value: 'new_value',
    }),
    { metadata: text(1), updateAuthority: text(4), field: 'new_field', value: 'new_value' },
  ],
  [
    'removeTokenMetadataKey',
    metadata.createRemoveKeyInstruction({
      programId: program,
      metadata: mint,
      updateAuthority: owner,
      key: 'new_field',
      idempotent: false,
    }),
    { metadata: text(1), updateAuthority: text(4), key: 'new_field', idempotent: false },
  ],
  [
    'updateTokenMetadataAuthority',
    metadata.createUpdateAuthorityInstruction({
      programId: program,
      metadata: mint,
      oldAuthority: owner,
      newAuthority: null,
    }),
    { metadata: text(1), updateAuthority: text(4), newAuthority: null },
  ],
  [
    'emitTokenMetadata',
    metadata.createEmitInstruction({ programId: program, metadata: mint, start: 1n, end: 2n }),
    { metadata: text(1), start: 1n, end: 2n },
  ],
  [
    'initializeTokenGroup',
    group.createInitializeGroupInstruction({
      programId: program,
      group: mint,
      mint,
      mintAuthority: owner,
      updateAuthority: other,
      maxSize: 300n,
    }),
    { group: text(1), mint: text(1), mintAuthority: text(4), updateAuthority: text(5), maxSize: 300n },
  ],
  [
    'updateTokenGroupMaxSize',
    group.createUpdateGroupMaxSizeInstruction({
      programId: program,
      group: mint,
      updateAuthority: owner,
      maxSize: 500n,
    }),
    { group: text(1), updateAuthority: text(4), maxSize: 500n },
  ],
  [
    'updateTokenGroupAuthority',
    group.createUpdateGroupAuthorityInstruction({
      programId: program,
      group: mint,
      currentAuthority: owner,
      newAuthority: other,
    }),
    { group: text(1), updateAuthority: text(4), newAuthority: text(5) },
  ],
  [
    'initializeTokenGroupMember',
    group.createInitializeMemberInstruction({
      programId: program,
      member: source,
      memberMint: mint,
      memberMintAuthority: owner,
      group: destination,
      groupUpdateAuthority: other,
    }),
    {
      member: text(2),
      memberMint: text(1),
      memberMintAuthority: text(4),
      group: text(3),
      groupUpdateAuthority: text(5),
    },
  ],
];

describe('instructions of Token-2022 and its interfaces', () => {
  it.each(cases)('%s', (type, instruction, info) => {
    expect(parse(instruction)).toEqual({ program: 'spl-token', parsed: { type, info } });
  });
});
