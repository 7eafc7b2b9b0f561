import { type InstructionErrorJson, VmFault } from '../sbpf/vm-fault.js';

/** How Agave logs its InstructionErrors. */
const TEXTS = {
  InvalidArgument: 'invalid program argument',
  InvalidInstructionData: 'invalid instruction data',
  InvalidAccountData: 'invalid account data for instruction',
  AccountDataTooSmall: 'account data too small for instruction',
  InsufficientFunds: 'insufficient funds for instruction',
  IncorrectProgramId: 'incorrect program id for instruction',
  MissingRequiredSignature: 'missing required signature for instruction',
  AccountAlreadyInitialized: 'instruction requires an uninitialized account',
  UninitializedAccount: 'instruction requires an initialized account',
  UnbalancedInstruction: 'sum of account balances before and after instruction do not match',
  ModifiedProgramId: 'instruction illegally modified the program id of an account',
  ExternalAccountLamportSpend: 'instruction spent from the balance of an account it does not own',
  ExternalAccountDataModified: 'instruction modified data of an account it does not own',
  ReadonlyLamportChange: 'instruction changed the balance of a read-only account',
  ReadonlyDataModified: 'instruction modified data of a read-only account',
  NotEnoughAccountKeys: 'insufficient account keys for instruction',
  AccountDataSizeChanged: "program other than the account's owner changed the size of the account data",
  AccountBorrowFailed: 'instruction tries to borrow reference for an account which is already borrowed',
  InvalidError: 'program returned invalid error code',
  UnsupportedProgramId: 'Unsupported program id',
  CallDepth: 'Cross-program invocation call depth too deep',
  MissingAccount: 'An account required by the instruction is missing',
  ReentrancyNotAllowed: 'Cross-program invocation reentrancy not allowed for this instruction',
  MaxSeedLengthExceeded: 'Length of the seed is too long for address generation',
  InvalidSeeds: 'Provided seeds do not result in a valid address',
  InvalidRealloc: 'Failed to reallocate account data',
  ComputationalBudgetExceeded: 'Computational budget exceeded',
  PrivilegeEscalation: 'Cross-program invocation with unauthorized signer or writable account',
  ProgramFailedToComplete: 'Program failed to complete',
  Immutable: 'Account is immutable',
  IncorrectAuthority: 'Incorrect authority provided',
  BorshIoError: 'Failed to serialize or deserialize account data',
  AccountNotRentExempt: 'An account does not have enough lamports to be rent-exempt',
  InvalidAccountOwner: 'Invalid account owner',
  ArithmeticOverflow: 'Program arithmetic overflowed',
  UnsupportedSysvar: 'Unsupported sysvar',
  IllegalOwner: 'Provided owner is not allowed',
  MaxAccountsDataAllocationsExceeded:
    'Accounts data allocations exceeded the maximum allowed per transaction',
  MaxAccountsExceeded: 'Max accounts exceeded',
  MaxInstructionTraceLengthExceeded: 'Max instruction trace length exceeded',
  BuiltinProgramsMustConsumeComputeUnits: 'Builtin programs must consume compute units',
} as const;

export type InstructionErrorName = keyof typeof TEXTS;

/** Errors that programs return as numbers above 32 bits (solana-program-error), from 2 on. */
const RETURNED: readonly InstructionErrorName[] = [
  'InvalidArgument',
  'InvalidInstructionData',
  'InvalidAccountData',
  'AccountDataTooSmall',
  'InsufficientFunds',
  'IncorrectProgramId',
  'MissingRequiredSignature',
  'AccountAlreadyInitialized',
  'UninitializedAccount',
  'NotEnoughAccountKeys',
  'AccountBorrowFailed',
  'MaxSeedLengthExceeded',
  'InvalidSeeds',
  'BorshIoError',
  'AccountNotRentExempt',
  'UnsupportedSysvar',
  'IllegalOwner',
  'MaxAccountsDataAllocationsExceeded',
  'InvalidRealloc',
  'MaxInstructionTraceLengthExceeded',
  'BuiltinProgramsMustConsumeComputeUnits',
  'InvalidAccountOwner',
  'ArithmeticOverflow',
  'Immutable',
  'IncorrectAuthority',
];

/** The fault that makes an instruction fail with this error. */
export function instructionFault(error: InstructionErrorJson): VmFault {
  const text =
    typeof error === 'string'
      ? (TEXTS[error as InstructionErrorName] ?? error)
      : `custom program error: 0x${error.Custom.toString(16)}`;
  return new VmFault('SYSCALL', text, error);
}

/** What a program's exit with something other than 0 in r0 stands for. */
export function returnedError(r0: bigint): InstructionErrorJson {
  if (r0 >> 32n === 0n) return { Custom: Number(r0) };
  if (r0 === 1n << 32n) return { Custom: 0 };
  const code = Number(r0 >> 32n) - 2;
  const known = (r0 & 0xffffffffn) === 0n ? RETURNED[code] : undefined;
  return known ?? 'InvalidError';
}
