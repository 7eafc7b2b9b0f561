import { type DataReader, NotParsableError, textOf } from './data-reader.js';
import { InstructionView, type ParsedInstruction, present } from './instruction-view.js';
import { uiTokenAmount } from './token-amount.js';
import { parseTokenExtensionInstruction } from './token-extension-instruction.js';
import { EXTENSION_TYPES } from './token-extensions.js';
import { parseTokenInterfaceInstruction } from './token-interface-instruction.js';

const BATCH = 255;

/** What can be set, by number: who else may do something with a mint or account (Agave: UiAuthorityType). */
const AUTHORITY_TYPES = [
  'mintTokens',
  'freezeAccount',
  'accountOwner',
  'closeAccount',
  'transferFeeConfig',
  'withheldWithdraw',
  'closeMint',
  'interestRate',
  'permanentDelegate',
  'confidentialTransferMint',
  'transferHookProgramId',
  'confidentialTransferFeeConfig',
  'metadataPointer',
  'groupPointer',
  'groupMemberPointer',
  'scaledUiAmount',
  'pause',
  'permissionedBurn',
];

type Parse = (instruction: InstructionView, reader: DataReader) => ParsedInstruction;

/**
 * Agave: transaction-status's parse_token, for both token programs. Instructions of the confidential extensions are
 * left undecoded.
 */
export function parseTokenInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const kind = reader.u8();
  if (kind === BATCH) return batch(instruction, reader);
  const parse = INSTRUCTIONS[kind];
  if (parse !== undefined) return parse(instruction, reader);
  return (
    parseTokenExtensionInstruction(kind, instruction, reader) ?? parseTokenInterfaceInstruction(instruction)
  );
}

/** An amount in base units. */
function plain(type: string, accounts: string[], signer: string): Parse {
  return (instruction, reader) => ({
    type,
    info: {
      ...instruction.named(...accounts),
      amount: reader.u64().toString(),
      ...instruction.signers(accounts.length, signer),
    },
  });
}

/** An amount together with the decimals of the mint. */
function checked(type: string, accounts: string[], signer: string): Parse {
  return (instruction, reader) => ({
    type,
    info: {
      ...instruction.named(...accounts),
      tokenAmount: uiTokenAmount(reader.u64(), { decimals: reader.u8() }),
      ...instruction.signers(accounts.length, signer),
    },
  });
}

function signed(type: string, accounts: string[], signer: string): Parse {
  return (instruction) => ({
    type,
    info: { ...instruction.named(...accounts), ...instruction.signers(accounts.length, signer) },
  });
}

function unsigned(type: string, ...accounts: string[]): Parse {
  return (instruction) => ({ type, info: instruction.named(...accounts) });
}

function initializeMint(type: string, accounts: string[]): Parse {
  return (instruction, reader) => ({
    type,
    info: present({
      ...instruction.named(...accounts),
      decimals: reader.u8(),
      mintAuthority: reader.address(),
      freezeAuthority: reader.optional(() => reader.address()),
    }),
  });
}

function initializeMultisig(type: string, accounts: string[]): Parse {
  return (instruction, reader) => {
    instruction.named(...accounts, 'a signer');
    return {
      type,
      info: {
        ...instruction.named(...accounts),
        signers: instruction.from(accounts.length),
        m: reader.u8(),
      },
    };
  };
}

const setAuthority: Parse = (instruction, reader) => {
  const authorityType = AUTHORITY_TYPES[reader.u8()];
  if (authorityType === undefined) throw new NotParsableError('an unknown authority');
  const ofAccount = authorityType === 'accountOwner' || authorityType === 'closeAccount';
  return {
    type: 'setAuthority',
    info: {
      ...instruction.named(ofAccount ? 'account' : 'mint'),
      authorityType,
      newAuthority: reader.optional(() => reader.address()),
      ...instruction.signers(1, 'authority'),
    },
  };
};

const INSTRUCTIONS: Readonly<Record<number, Parse>> = {
  0: initializeMint('initializeMint', ['mint', 'rentSysvar']),
  1: unsigned('initializeAccount', 'account', 'mint', 'owner', 'rentSysvar'),
  2: initializeMultisig('initializeMultisig', ['multisig', 'rentSysvar']),
  3: plain('transfer', ['source', 'destination'], 'authority'),
  4: plain('approve', ['source', 'delegate'], 'owner'),
  5: signed('revoke', ['source'], 'owner'),
  6: setAuthority,
  7: plain('mintTo', ['mint', 'account'], 'mintAuthority'),
  8: plain('burn', ['account', 'mint'], 'authority'),
  9: signed('closeAccount', ['account', 'destination'], 'owner'),
  10: signed('freezeAccount', ['account', 'mint'], 'freezeAuthority'),
  11: signed('thawAccount', ['account', 'mint'], 'freezeAuthority'),
  12: checked('transferChecked', ['source', 'mint', 'destination'], 'authority'),
  13: checked('approveChecked', ['source', 'mint', 'delegate'], 'owner'),
  14: checked('mintToChecked', ['mint', 'account'], 'mintAuthority'),
  15: checked('burnChecked', ['account', 'mint'], 'authority'),
  16: (instruction, reader) => ({
    type: 'initializeAccount2',
    info: { ...instruction.named('account', 'mint', 'rentSysvar'), owner: reader.address() },
  }),
  17: unsigned('syncNative', 'account'),
  18: (instruction, reader) => ({
    type: 'initializeAccount3',
    info: { ...instruction.named('account', 'mint'), owner: reader.address() },
  }),
  19: initializeMultisig('initializeMultisig2', ['multisig']),
  20: initializeMint('initializeMint2', ['mint']),
  21: (instruction, reader) => {
    const extensionTypes = readExtensionTypes(reader);
    return {
      type: 'getAccountDataSize',
      info: { ...instruction.named('mint'), ...(extensionTypes.length === 0 ? {} : { extensionTypes }) },
    };
  },
  22: unsigned('initializeImmutableOwner', 'account'),
  23: (instruction, reader) => ({
    type: 'amountToUiAmount',
    info: { ...instruction.named('mint'), amount: reader.u64().toString() },
  }),
  24: (instruction, reader) => ({
    type: 'uiAmountToAmount',
    info: { ...instruction.named('mint'), uiAmount: textOf(reader.rest()) },
  }),
  25: (instruction, reader) => ({
    type: 'initializeMintCloseAuthority',
    info: { ...instruction.named('mint'), newAuthority: reader.optional(() => reader.address()) },
  }),
  29: (instruction, reader) => ({
    type: 'reallocate',
    info: {
      ...instruction.named('account', 'payer', 'systemProgram'),
      extensionTypes: readExtensionTypes(reader),
      ...instruction.signers(3, 'owner'),
    },
  }),
  31: unsigned('createNativeMint', 'payer', 'nativeMint', 'systemProgram'),
  32: unsigned('initializeNonTransferableMint', 'mint'),
  35: (instruction, reader) => ({
    type: 'initializePermanentDelegate',
    info: { ...instruction.named('mint'), delegate: reader.address() },
  }),
  38: signed('withdrawExcessLamports', ['source', 'destination'], 'authority'),
  45: (instruction, reader) => {
    const amount = reader.optional(() => reader.u64().toString());
    return {
      type: 'unwrapLamports',
      info: {
        ...instruction.named('source', 'destination'),
        ...(amount === null ? {} : { amount }),
        ...instruction.signers(2, 'authority'),
      },
    };
  },
};

function readExtensionTypes(reader: DataReader): string[] {
  const types: string[] = [];
  while (reader.remaining > 0) {
    const type = EXTENSION_TYPES[reader.u16()];
    if (type === undefined) throw new NotParsableError('an unknown extension');
    types.push(type);
  }
  return types;
}

/** Instructions one after the other: of each the number of accounts, the number of bytes, and the bytes. */
function batch(instruction: InstructionView, reader: DataReader): ParsedInstruction {
  const instructions: ParsedInstruction[] = [];
  let account = 0;
  while (reader.remaining > 0) {
    const end = account + reader.u8();
    const data = reader.bytes(reader.u8());
    if (data[0] === BATCH) throw new NotParsableError('a batch in a batch');
    instructions.push(
      parseTokenInstruction(new InstructionView(instruction.withAccounts(account, end).from(0), data)),
    );
    account = end;
  }
  return { type: 'batch', info: { instructions } };
}
