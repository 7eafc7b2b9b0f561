import { equalBytes } from '@polyproof/base';
import type { Message } from '../../message.js';
import { MAX_LOADED_ACCOUNTS_DATA_SIZE } from '../resolve/compute-budget.js';
import { countSignatures } from '../resolve/fees.js';
import { COMPUTE_BUDGET_PROGRAM } from '../resolve/native-programs.js';
import type { BlockLimits, RuntimeTransaction } from '../types.js';

/**
 * Agave's cost model (its cost-model crate): what transactions cost a block, in compute units. 30 of them stand for
 * one microsecond of the machine.
 */
const SIGNATURE_COST = 720;
const ED25519_COST = 2_400;
const SECP256K1_COST = 6_690;
const SECP256R1_COST = 4_800;
const WRITE_LOCK_COST = 300;
const DATA_BYTES_PER_UNIT = 4;
const LOADED_PAGE_BYTES = 32 * 1024;
const LOADED_PAGE_COST = 8;
/** bytes that every loaded account counts on top of its data (SIMD-0186) */
const LOADED_ACCOUNT_BYTES = 64;

/**
 * Not in Agave: the engine verifies and compiles a program again after each transaction that may write it, which takes
 * it 0.6 ms for a small and 3.4 ms for a large one: a sixth of a compute unit for a byte of its code, and a start.
 */
const WRITABLE_PROGRAM_COST = 5_000;
const PROGRAM_BYTES_PER_UNIT = 6;

/**
 * Not in Agave: the state tree hashes the data of every account that a block writes, at about 0.1 us a byte. Two compute units
 * a byte leave room for one account of Solana's greatest size (10 MiB) under the default limit of an account.
 */
const LARGE_ACCOUNT_BYTES = 10 * 1024;
const UNITS_PER_LARGE_BYTE = 2;

export const DEFAULT_BLOCK_LIMITS: BlockLimits = { blockCost: 60_000_000, accountCost: 24_000_000 };

/** What a transaction costs, as far as its bytes tell. */
export interface TransactionCost {
  /** signatures, write locks and instruction data */
  fixed: number;
  /** upper bound: with all compute units and all loaded data that it asks for */
  requested: number;
}

export function transactionCost({ transaction, computeUnitLimit }: RuntimeTransaction): TransactionCost {
  const { message } = transaction;
  const counts = countSignatures(message);
  let dataBytes = 0;
  for (const { data } of message.instructions) dataBytes += data.length;
  const fixed =
    counts.transaction * SIGNATURE_COST +
    counts.ed25519 * ED25519_COST +
    counts.secp256k1 * SECP256K1_COST +
    counts.secp256r1 * SECP256R1_COST +
    requestedWriteLocks(message) * WRITE_LOCK_COST +
    Math.floor(dataBytes / DATA_BYTES_PER_UNIT);
  return { fixed, requested: fixed + computeUnitLimit + loadedDataCost(loadedDataLimit(message)) };
}

/** Cost of loading so many bytes of accounts, in compute units. */
export function loadedDataCost(bytes: number): number {
  return Math.ceil(bytes / LOADED_PAGE_BYTES) * LOADED_PAGE_COST;
}

/** Bytes that an account counts when it is loaded. */
export function loadedSize(dataLength: number): number {
  return dataLength + LOADED_ACCOUNT_BYTES;
}

/** Surcharge for an executable account that a transaction may write. @param bytes - of its code */
export function writableProgramCost(bytes: number): number {
  return WRITABLE_PROGRAM_COST + Math.ceil(bytes / PROGRAM_BYTES_PER_UNIT);
}

/** Surcharge for the data of an account that a transaction may write. */
export function writableDataCost(bytes: number): number {
  return Math.max(0, bytes - LARGE_ACCOUNT_BYTES) * UNITS_PER_LARGE_BYTE;
}

/**
 * Why no block can ever include the transaction, as Solana's TransactionError: it alone asks for more than a block, or
 * an account in a block, may use. Undefined where one can. For the door of a mempool.
 */
export function exceedsLimits(
  transaction: RuntimeTransaction,
  limits: BlockLimits = DEFAULT_BLOCK_LIMITS,
): 'WouldExceedMaxBlockCostLimit' | 'WouldExceedMaxAccountCostLimit' | undefined {
  return costExceedsLimits(transactionCost(transaction).requested, limits);
}

/** {@link exceedsLimits} for a cost; every transaction writes an account: its fee payer. */
export function costExceedsLimits(cost: number, { blockCost, accountCost }: BlockLimits) {
  if (cost > blockCost) return 'WouldExceedMaxBlockCostLimit';
  return cost > accountCost ? 'WouldExceedMaxAccountCostLimit' : undefined;
}

/** The cost model counts what a message asks for, not what the runtime grants it. */
function requestedWriteLocks({ header, accountKeys, addressTableLookups }: Message): number {
  let locks = accountKeys.length - header.numReadonlySignedAccounts - header.numReadonlyUnsignedAccounts;
  for (const { writableIndexes } of addressTableLookups) locks += writableIndexes.length;
  return locks;
}

const SET_LOADED_ACCOUNTS_DATA_SIZE_LIMIT = 4;

/** The transaction is resolved: its compute budget instructions are known to be good. */
function loadedDataLimit({ accountKeys, instructions }: Message): number {
  for (const { programIdIndex, data } of instructions)
    if (
      data[0] === SET_LOADED_ACCOUNTS_DATA_SIZE_LIMIT &&
      data.length >= 5 &&
      equalBytes(accountKeys[programIdIndex]!, COMPUTE_BUDGET_PROGRAM)
    )
      return Math.min(
        new DataView(data.buffer, data.byteOffset, data.length).getUint32(1, true),
        MAX_LOADED_ACCOUNTS_DATA_SIZE,
      );
  return MAX_LOADED_ACCOUNTS_DATA_SIZE;
}
