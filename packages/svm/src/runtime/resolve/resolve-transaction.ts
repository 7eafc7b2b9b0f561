import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from '../../base58.js';
import { isWritable, type Message } from '../../message.js';
import { SYSTEM_PROGRAM } from '../../reserved.js';
import type { Transaction } from '../../transaction.js';
import type { AccountSource, LoadedAddresses, RuntimeContext, RuntimeTransaction } from '../types.js';
import { addressKey } from './address-key.js';
import { readComputeBudget } from './compute-budget.js';
import { baseFee, countSignatures, priorityFee } from './fees.js';
import { loadAddresses } from './lookup-table.js';
import { isReserved, UPGRADEABLE_LOADER } from './native-programs.js';
import { TransactionRejectedError } from './transaction-rejected-error.js';

export interface ResolveOptions {
  /** after the last block: lookup tables are read from it */
  accounts: AccountSource;
  /** of the block that the transaction is to be in */
  slot: bigint;
  slotHashes: RuntimeContext['slotHashes'];
  /** Whether the hash is one of the last 150 blocks. */
  isBlockhashRecent(hash: Uint8Array): boolean;
}

/** Accounts that one transaction may lock: Agave's MAX_TX_ACCOUNT_LOCKS, not raised to 128 where mainnet's features are active. */
export const MAX_ACCOUNT_LOCKS = 64;
/** System instruction AdvanceNonceAccount, little-endian. */
const ADVANCE_NONCE = Uint8Array.of(4, 0, 0, 0);
const NO_ADDRESSES: LoadedAddresses = { writable: [], readonly: [] };

/**
 * Finds out all that scheduling and execution have to know of a transaction: its accounts, locks, limits and fees.
 *
 * Valid for the slot that it was made for: with lookup tables, or where the blockhash may have aged, it is to be made
 * again for a later one. Signatures and the nonce itself are not checked.
 * @throws {TransactionRejectedError} where Agave's runtime would not take the transaction into a block
 */
export function resolveTransaction(transaction: Transaction, options: ResolveOptions): RuntimeTransaction {
  const { message } = transaction;
  const budget = readComputeBudget(message);
  const { addressTableLookups } = message;
  const loadedAddresses = addressTableLookups.length === 0 ? NO_ADDRESSES : loadAll(message, options);
  const accountKeys =
    addressTableLookups.length === 0
      ? message.accountKeys
      : [...message.accountKeys, ...loadedAddresses.writable, ...loadedAddresses.readonly];
  checkLocks(message, accountKeys);
  const writable = writableAccounts(message, accountKeys, loadedAddresses.writable.length);
  const nonceAccount = options.isBlockhashRecent(message.recentBlockhash)
    ? undefined
    : nonceAccountOf(message, writable);
  return {
    transaction,
    accountKeys,
    writable,
    loadedAddresses,
    tables: addressTableLookups.map(({ accountKey }) => accountKey),
    computeUnitLimit: budget.computeUnitLimit,
    computeUnitPrice: budget.computeUnitPrice,
    baseFeeLamports: baseFee(countSignatures(message)),
    priorityFeeLamports: priorityFee(budget),
    ...(nonceAccount === undefined ? {} : { nonceAccount }),
  };
}

function loadAll({ addressTableLookups }: Message, options: ResolveOptions): LoadedAddresses {
  const loaded = addressTableLookups.map((lookup) =>
    loadAddresses(lookup, options.accounts.get(lookup.accountKey), options),
  );
  return {
    writable: loaded.flatMap(({ writable }) => writable),
    readonly: loaded.flatMap(({ readonly }) => readonly),
  };
}

function checkLocks(message: Message, accountKeys: readonly Uint8Array[]): void {
  if (accountKeys.length > MAX_ACCOUNT_LOCKS)
    throw new TransactionRejectedError(
      'TooManyAccountLocks',
      `it names ${accountKeys.length} accounts, at most ${MAX_ACCOUNT_LOCKS} are allowed`,
    );
  // Without tables, decoding has made sure of it.
  if (accountKeys.length === message.accountKeys.length) return;
  const seen = new Set<string>();
  for (const address of accountKeys) {
    const key = addressKey(address);
    if (seen.has(key))
      throw new TransactionRejectedError(
        'AccountLoadedTwice',
        `it names the account ${encodeBase58(address)} twice, at least once by a lookup table`,
      );
    seen.add(key);
  }
}

/**
 * Which accounts are locked for writing: those asked for, but neither reserved ones nor programs that the message
 * calls, unless the upgradeable loader is among the accounts (Agave: Message::is_maybe_writable, demote_program_id).
 */
function writableAccounts(message: Message, accountKeys: readonly Uint8Array[], loaded: number): boolean[] {
  const own = message.accountKeys.length;
  const writable = accountKeys.map(
    (key, index) => (index < own ? isWritable(message, index) : index < own + loaded) && !isReserved(key),
  );
  const called = message.instructions.filter(({ programIdIndex }) => writable[programIdIndex]);
  if (called.length > 0 && !accountKeys.some((key) => equalBytes(key, UPGRADEABLE_LOADER)))
    for (const { programIdIndex } of called) writable[programIdIndex] = false;
  return writable;
}

/** Agave's get_durable_nonce: the first instruction says whose nonce it is, among the message's own accounts. */
function nonceAccountOf(message: Message, writable: readonly boolean[]): number | undefined {
  const first = message.instructions[0];
  if (first === undefined) return undefined;
  const { programIdIndex, accountIndexes, data } = first;
  const index = accountIndexes[0];
  const advances =
    index !== undefined &&
    index < message.accountKeys.length &&
    writable[index] === true &&
    equalBytes(data.subarray(0, ADVANCE_NONCE.length), ADVANCE_NONCE) &&
    equalBytes(message.accountKeys[programIdIndex]!, SYSTEM_PROGRAM);
  return advances ? index : undefined;
}
