import { INSTRUCTION_ERROR_TEXTS, type InstructionErrorName } from '../instruction-error-texts.js';
import { type InstructionErrorJson, VmFault } from '../sbpf/vm-fault.js';

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
      ? (INSTRUCTION_ERROR_TEXTS[error as InstructionErrorName] ?? error)
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
