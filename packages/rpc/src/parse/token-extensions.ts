import { DataReader, parsed } from './data-reader.js';
import { ACCOUNT_STATES, type Extension } from './token-state.js';

/**
 * An extension as Solana's API shows it (Agave: account-decoder's UiExtension); `unparseableExtension` where its data
 * has another length than it should.
 */
export function extensionJson({ type, data }: Extension): unknown {
  const known = EXTENSIONS[type];
  if (known === undefined) return { extension: 'unparseableExtension' };
  const [extension, read] = known;
  if (read === undefined) return { extension };
  const state = parsed(() => {
    const reader = new DataReader(data);
    const value = read(reader);
    // The only extension of variable length may have room to spare.
    if (extension !== 'tokenMetadata') reader.end();
    return value;
  });
  return state === undefined ? { extension: 'unparseableExtension' } : { extension, state };
}

/** The name of each extension where instructions name it, by number (Agave: UiExtensionType). */
export const EXTENSION_TYPES = [
  'uninitialized',
  'transferFeeConfig',
  'transferFeeAmount',
  'mintCloseAuthority',
  'confidentialTransferMint',
  'confidentialTransferAccount',
  'defaultAccountState',
  'immutableOwner',
  'memoTransfer',
  'nonTransferable',
  'interestBearingConfig',
  'cpiGuard',
  'permanentDelegate',
  'nonTransferableAccount',
  'transferHook',
  'transferHookAccount',
  'confidentialTransferFeeConfig',
  'confidentialTransferFeeAmount',
  'metadataPointer',
  'tokenMetadata',
  'groupPointer',
  'tokenGroup',
  'groupMemberPointer',
  'tokenGroupMember',
  'confidentialMintBurn',
  'scaledUiAmount',
  'pausable',
  'pausableAccount',
  'permissionedBurn',
] as const;

type Read = (reader: DataReader) => unknown;

const ELGAMAL_CIPHERTEXT = 64;
const AES_CIPHERTEXT = 36;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const flag = (reader: DataReader) => reader.u8() !== 0;
const pointer =
  (name: string): Read =>
  (reader) => ({ authority: reader.nonZeroAddress(), [name]: reader.nonZeroAddress() });

const elgamalKey = (reader: DataReader) => {
  const key = reader.bytes(32);
  return key.every((byte) => byte === 0) ? null : base64(key);
};

const transferFee = (reader: DataReader) => ({
  epoch: reader.u64(),
  maximumFee: reader.u64(),
  transferFeeBasisPoints: reader.u16(),
});

/** By number: the name where accounts show it, and how its state is read; without the latter, it has none. */
const EXTENSIONS: Readonly<Record<number, [name: string, read?: Read]>> = {
  1: [
    'transferFeeConfig',
    (reader) => ({
      transferFeeConfigAuthority: reader.nonZeroAddress(),
      withdrawWithheldAuthority: reader.nonZeroAddress(),
      withheldAmount: reader.u64(),
      olderTransferFee: transferFee(reader),
      newerTransferFee: transferFee(reader),
    }),
  ],
  2: ['transferFeeAmount', (reader) => ({ withheldAmount: reader.u64() })],
  3: ['mintCloseAuthority', (reader) => ({ closeAuthority: reader.nonZeroAddress() })],
  4: [
    'confidentialTransferMint',
    (reader) => ({
      authority: reader.nonZeroAddress(),
      autoApproveNewAccounts: flag(reader),
      auditorElgamalPubkey: elgamalKey(reader),
    }),
  ],
  5: [
    'confidentialTransferAccount',
    (reader) => ({
      approved: flag(reader),
      elgamalPubkey: base64(reader.bytes(32)),
      pendingBalanceLo: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
      pendingBalanceHi: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
      availableBalance: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
      decryptableAvailableBalance: base64(reader.bytes(AES_CIPHERTEXT)),
      allowConfidentialCredits: flag(reader),
      allowNonConfidentialCredits: flag(reader),
      pendingBalanceCreditCounter: reader.u64(),
      maximumPendingBalanceCreditCounter: reader.u64(),
      expectedPendingBalanceCreditCounter: reader.u64(),
      actualPendingBalanceCreditCounter: reader.u64(),
    }),
  ],
  6: [
    'defaultAccountState',
    (reader) => ({ accountState: ACCOUNT_STATES[reader.u8()] ?? ACCOUNT_STATES[0] }),
  ],
  7: ['immutableOwner'],
  8: ['memoTransfer', (reader) => ({ requireIncomingTransferMemos: flag(reader) })],
  9: ['nonTransferable'],
  10: [
    'interestBearingConfig',
    (reader) => ({
      rateAuthority: reader.nonZeroAddress(),
      initializationTimestamp: reader.i64(),
      preUpdateAverageRate: reader.i16(),
      lastUpdateTimestamp: reader.i64(),
      currentRate: reader.i16(),
    }),
  ],
  11: ['cpiGuard', (reader) => ({ lockCpi: flag(reader) })],
  12: ['permanentDelegate', (reader) => ({ delegate: reader.nonZeroAddress() })],
  13: ['nonTransferableAccount'],
  14: ['transferHook', pointer('programId')],
  15: ['transferHookAccount', (reader) => ({ transferring: flag(reader) })],
  16: [
    'confidentialTransferFeeConfig',
    (reader) => ({
      authority: reader.nonZeroAddress(),
      withdrawWithheldAuthorityElgamalPubkey: elgamalKey(reader),
      harvestToMintEnabled: flag(reader),
      withheldAmount: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
    }),
  ],
  17: [
    'confidentialTransferFeeAmount',
    (reader) => ({ withheldAmount: base64(reader.bytes(ELGAMAL_CIPHERTEXT)) }),
  ],
  18: ['metadataPointer', pointer('metadataAddress')],
  19: [
    'tokenMetadata',
    (reader) => ({
      updateAuthority: reader.nonZeroAddress(),
      mint: reader.address(),
      name: reader.borshText(),
      symbol: reader.borshText(),
      uri: reader.borshText(),
      additionalMetadata: pairs(reader),
    }),
  ],
  20: ['groupPointer', pointer('groupAddress')],
  21: [
    'tokenGroup',
    (reader) => ({
      updateAuthority: reader.nonZeroAddress(),
      mint: reader.address(),
      size: reader.u64(),
      maxSize: reader.u64(),
    }),
  ],
  22: ['groupMemberPointer', pointer('memberAddress')],
  23: [
    'tokenGroupMember',
    (reader) => ({ mint: reader.address(), group: reader.address(), memberNumber: reader.u64() }),
  ],
  24: [
    'confidentialMintBurn',
    (reader) => ({
      confidentialSupply: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
      decryptableSupply: base64(reader.bytes(AES_CIPHERTEXT)),
      supplyElgamalPubkey: base64(reader.bytes(32)),
      pendingBurn: base64(reader.bytes(ELGAMAL_CIPHERTEXT)),
    }),
  ],
  25: [
    'scaledUiAmountConfig',
    (reader) => ({
      authority: reader.nonZeroAddress(),
      multiplier: String(reader.f64()),
      newMultiplierEffectiveTimestamp: reader.i64(),
      newMultiplier: String(reader.f64()),
    }),
  ],
  26: ['pausableConfig', (reader) => ({ authority: reader.nonZeroAddress(), paused: flag(reader) })],
  27: ['pausableAccount'],
};

function pairs(reader: DataReader): [string, string][] {
  const list: [string, string][] = [];
  // Each takes bytes from the reader, so a wrong count ends in an error soon.
  for (let left = reader.u32(); left > 0; left--) list.push([reader.borshText(), reader.borshText()]);
  return list;
}
