import { type DataReader, NotParsableError } from './data-reader.js';
import { type InstructionView, type ParsedInstruction, present } from './instruction-view.js';
import { uiTokenAmount } from './token-amount.js';
import { accountState } from './token-state.js';

type Parse = (instruction: InstructionView, reader: DataReader) => ParsedInstruction;

/**
 * Instructions of Token-2022 that an extension has for itself: a second byte says which (Agave: the parsers under
 * parse_token/extension).
 * @param kind - the first byte; `undefined` is returned where it is none of an extension
 * @param reader - stands behind the first byte
 */
export function parseTokenExtensionInstruction(
  kind: number,
  instruction: InstructionView,
  reader: DataReader,
): ParsedInstruction | undefined {
  const extension = EXTENSIONS[kind];
  if (extension === undefined) return undefined;
  const parse = extension[reader.u8()];
  if (parse === undefined) throw new NotParsableError('an unknown instruction of an extension');
  return parse(instruction, reader);
}

function toggled(type: string): Parse {
  return (instruction) => ({
    type,
    info: { ...instruction.named('account'), ...instruction.signers(1, 'owner') },
  });
}

/** An extension that points from a mint to some other account. */
function pointer(type: string, target: string): Parse[] {
  return [
    (instruction, reader) => ({
      type: `initialize${type}`,
      info: present({
        ...instruction.named('mint'),
        authority: reader.nonZeroAddress(),
        [target]: reader.nonZeroAddress(),
      }),
    }),
    (instruction, reader) => ({
      type: `update${type}`,
      info: present({
        ...instruction.named('mint'),
        [target]: reader.nonZeroAddress(),
        ...instruction.signers(1, 'authority'),
      }),
    }),
  ];
}

function ofMint(type: string): Parse {
  return (instruction) => ({
    type,
    info: { ...instruction.named('mint'), ...instruction.signers(1, 'authority') },
  });
}

const TRANSFER_FEE: Parse[] = [
  (instruction, reader) => ({
    type: 'initializeTransferFeeConfig',
    info: present({
      ...instruction.named('mint'),
      transferFeeConfigAuthority: reader.optional(() => reader.address()),
      withdrawWithheldAuthority: reader.optional(() => reader.address()),
      transferFeeBasisPoints: reader.u16(),
      maximumFee: reader.u64(),
    }),
  }),
  (instruction, reader) => {
    const [amount, decimals, fee] = [reader.u64(), reader.u8(), reader.u64()];
    return {
      type: 'transferCheckedWithFee',
      info: {
        ...instruction.named('source', 'mint', 'destination'),
        tokenAmount: uiTokenAmount(amount, { decimals }),
        feeAmount: uiTokenAmount(fee, { decimals }),
        ...instruction.signers(3, 'authority'),
      },
    };
  },
  (instruction) => ({
    type: 'withdrawWithheldTokensFromMint',
    info: {
      ...instruction.named('mint', 'feeRecipient'),
      ...instruction.signers(2, 'withdrawWithheldAuthority'),
    },
  }),
  (instruction, reader) => {
    const sources = instruction.accountCount - reader.u8();
    if (sources < 3) throw new NotParsableError(`${instruction.accountCount} accounts`);
    return {
      type: 'withdrawWithheldTokensFromAccounts',
      info: {
        ...instruction.named('mint', 'feeRecipient'),
        sourceAccounts: instruction.from(sources),
        ...instruction.withAccounts(0, sources).signers(2, 'withdrawWithheldAuthority'),
      },
    };
  },
  (instruction) => ({
    type: 'harvestWithheldTokensToMint',
    info: { ...instruction.named('mint'), sourceAccounts: instruction.from(1) },
  }),
  (instruction, reader) => ({
    type: 'setTransferFee',
    info: {
      ...instruction.named('mint'),
      transferFeeBasisPoints: reader.u16(),
      maximumFee: reader.u64(),
      // Spelt so in Agave.
      ...instruction.signers(1, 'transferFeeConfigAuthority', 'multisigtransferFeeConfigAuthority'),
    },
  }),
];

const DEFAULT_ACCOUNT_STATE: Parse[] = [
  (instruction, reader) => ({
    type: 'initializeDefaultAccountState',
    info: { ...instruction.named('mint'), accountState: accountState(reader.u8()) },
  }),
  (instruction, reader) => ({
    type: 'updateDefaultAccountState',
    info: {
      ...instruction.named('mint'),
      accountState: accountState(reader.u8()),
      ...instruction.signers(1, 'freezeAuthority'),
    },
  }),
];

const INTEREST_BEARING: Parse[] = [
  (instruction, reader) => ({
    type: 'initializeInterestBearingConfig',
    info: { ...instruction.named('mint'), rateAuthority: reader.nonZeroAddress(), rate: reader.i16() },
  }),
  (instruction, reader) => ({
    type: 'updateInterestBearingConfigRate',
    info: {
      ...instruction.named('mint'),
      newRate: reader.i16(),
      ...instruction.signers(1, 'rateAuthority'),
    },
  }),
];

const SCALED_UI_AMOUNT: Parse[] = [
  (instruction, reader) => ({
    type: 'initializeScaledUiAmountConfig',
    info: {
      ...instruction.named('mint'),
      authority: reader.nonZeroAddress(),
      multiplier: String(reader.f64()),
    },
  }),
  (instruction, reader) => ({
    type: 'updateMultiplier',
    info: {
      ...instruction.named('mint'),
      newMultiplier: String(reader.f64()),
      newMultiplierTimestamp: reader.i64(),
      ...instruction.signers(1, 'authority'),
    },
  }),
];

const PAUSABLE: Parse[] = [
  (instruction, reader) => ({
    type: 'initializePausableConfig',
    info: { ...instruction.named('mint'), authority: reader.nonZeroAddress() },
  }),
  ofMint('pause'),
  ofMint('resume'),
];

/** By the first byte, then by the second. */
const EXTENSIONS: Readonly<Record<number, Parse[]>> = {
  26: TRANSFER_FEE,
  28: DEFAULT_ACCOUNT_STATE,
  30: [toggled('enableRequiredMemoTransfers'), toggled('disableRequiredMemoTransfers')],
  33: INTEREST_BEARING,
  34: [toggled('enableCpiGuard'), toggled('disableCpiGuard')],
  36: pointer('TransferHook', 'programId'),
  39: pointer('MetadataPointer', 'metadataAddress'),
  40: pointer('GroupPointer', 'groupAddress'),
  41: pointer('GroupMemberPointer', 'memberAddress'),
  43: SCALED_UI_AMOUNT,
  44: PAUSABLE,
};
