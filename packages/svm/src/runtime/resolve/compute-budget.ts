import { equalBytes } from '@polyproof/base';
import type { Message } from '../../message.js';
import { COMPUTE_BUDGET_PROGRAM, isBuiltin } from './native-programs.js';
import { TransactionRejectedError } from './transaction-rejected-error.js';

/** What a transaction asks of the runtime, within the limits of the runtime. */
export interface ComputeBudget {
  computeUnitLimit: number;
  /** micro-lamports a compute unit */
  computeUnitPrice: bigint;
  /** bytes of all accounts together */
  loadedAccountsDataSizeLimit: number;
  /** that a program gets */
  heapBytes: number;
}

export const MAX_COMPUTE_UNIT_LIMIT = 1_400_000;
export const MAX_LOADED_ACCOUNTS_DATA_SIZE = 64 * 1024 * 1024;
const DEFAULT_BUILTIN_COMPUTE_UNITS = 3_000;
const DEFAULT_INSTRUCTION_COMPUTE_UNITS = 200_000;
const MIN_HEAP_FRAME_BYTES = 32 * 1024;
const MAX_HEAP_FRAME_BYTES = 256 * 1024;

const HEAP_FRAME = 1;
export const COMPUTE_UNIT_LIMIT = 2;
export const COMPUTE_UNIT_PRICE = 3;
const LOADED_ACCOUNTS_DATA_SIZE_LIMIT = 4;

/**
 * Reads the compute budget instructions of a message (Agave's compute-budget-instruction crate, SIMD-0170).
 * @throws {TransactionRejectedError} on an unknown one, one that occurs twice, or a value out of range
 */
export function readComputeBudget({ accountKeys, instructions }: Message): ComputeBudget {
  const requested: (bigint | undefined)[] = [];
  let heapInstruction = 0;
  let defaultUnits = 0;
  for (const [index, { programIdIndex, data }] of instructions.entries()) {
    const program = accountKeys[programIdIndex]!;
    if (!isBuiltin(program)) {
      defaultUnits += DEFAULT_INSTRUCTION_COMPUTE_UNITS;
      continue;
    }
    defaultUnits += DEFAULT_BUILTIN_COMPUTE_UNITS;
    if (!equalBytes(program, COMPUTE_BUDGET_PROGRAM)) continue;
    const kind = data[0] ?? 0;
    const value = requestedValue(kind, data);
    if (value === undefined) throw invalidInstruction(index);
    if (requested[kind] !== undefined)
      throw new TransactionRejectedError(
        { DuplicateInstruction: index },
        `instruction ${index} sets a compute budget for the second time`,
      );
    requested[kind] = value;
    if (kind === HEAP_FRAME) heapInstruction = index;
  }

  const heap = requested[HEAP_FRAME];
  if (
    heap !== undefined &&
    (heap < MIN_HEAP_FRAME_BYTES || heap > MAX_HEAP_FRAME_BYTES || heap % 1024n !== 0n)
  )
    throw invalidInstruction(heapInstruction);
  const dataSize = requested[LOADED_ACCOUNTS_DATA_SIZE_LIMIT];
  if (dataSize === 0n)
    throw new TransactionRejectedError(
      'InvalidLoadedAccountsDataSizeLimit',
      'it limits the data of its accounts to 0 bytes',
    );
  return {
    computeUnitLimit: Math.min(Number(requested[COMPUTE_UNIT_LIMIT] ?? defaultUnits), MAX_COMPUTE_UNIT_LIMIT),
    computeUnitPrice: requested[COMPUTE_UNIT_PRICE] ?? 0n,
    loadedAccountsDataSizeLimit: Math.min(
      Number(dataSize ?? MAX_LOADED_ACCOUNTS_DATA_SIZE),
      MAX_LOADED_ACCOUNTS_DATA_SIZE,
    ),
    heapBytes: Number(heap ?? MIN_HEAP_FRAME_BYTES),
  };
}

/** The number in an instruction; bytes behind it are ignored, as borsh's unchecked reader does. */
function requestedValue(kind: number, data: Uint8Array): bigint | undefined {
  if (kind < HEAP_FRAME || kind > LOADED_ACCOUNTS_DATA_SIZE_LIMIT) return undefined;
  const long = kind === COMPUTE_UNIT_PRICE;
  if (data.length < (long ? 9 : 5)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return long ? view.getBigUint64(1, true) : BigInt(view.getUint32(1, true));
}

function invalidInstruction(index: number): TransactionRejectedError {
  return new TransactionRejectedError(
    { InstructionError: [index, 'InvalidInstructionData'] },
    `instruction ${index} is not a valid compute budget instruction`,
  );
}
