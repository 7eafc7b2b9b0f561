import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from '../../base58.js';
import type { AddressTableLookup } from '../../message.js';
import type { AccountBytes, LoadedAddresses, RuntimeContext } from '../types.js';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './native-programs.js';
import { TransactionRejectedError } from './transaction-rejected-error.js';

/** What the state of lookup tables depends on. */
export interface LookupContext {
  /** of the block that the transaction is to be in */
  slot: bigint;
  slotHashes: RuntimeContext['slotHashes'];
}

/** Layout of `encodeAccount`: the owner, and the data behind the header. */
const OWNER = 16;
const DATA = 49;
/** Layout of a table's data: bincode of ProgramState, then addresses from byte 56. */
const META_BYTES = 56;
const MIN_META_BYTES = 22;
const TAG_LOOKUP_TABLE = 1;
const NEVER = (1n << 64n) - 1n;

/**
 * The addresses that a message takes from one table (Agave: accounts-db's load_lookup_table_addresses and the address
 * lookup table interface).
 * @throws {TransactionRejectedError} under Agave's names: no table, not one, damaged, or an index that it does not have
 */
export function loadAddresses(
  lookup: AddressTableLookup,
  account: AccountBytes,
  context: LookupContext,
): LoadedAddresses {
  const fail = (transactionError: string, what: string) =>
    new TransactionRejectedError(
      transactionError,
      `the address lookup table ${encodeBase58(lookup.accountKey)} ${what}`,
    );
  if (account === null) throw fail('AddressLookupTableNotFound', 'does not exist');
  if (!equalBytes(account.subarray(OWNER, OWNER + 32), ADDRESS_LOOKUP_TABLE_PROGRAM))
    throw fail('InvalidAddressLookupTableOwner', 'belongs to another program');
  const data = account.subarray(DATA);
  const table = readTable(data);
  if (table === undefined) throw fail('InvalidAddressLookupTableData', 'is not initialised or damaged');
  const { deactivationSlot, lastExtendedSlot, lastExtendedStart } = table;
  if (!isActive(deactivationSlot, context))
    throw fail('AddressLookupTableNotFound', `is deactivated since slot ${deactivationSlot}`);
  const length = (data.length - META_BYTES) / 32;
  // What was added in the slot at hand is not to be used before the next one.
  const usable = context.slot > lastExtendedSlot ? length : lastExtendedStart;
  if (usable > length) throw fail('InvalidAddressLookupTableData', 'is damaged');
  const load = (index: number): Uint8Array => {
    if (index >= usable)
      throw fail('InvalidAddressLookupTableIndex', `has ${usable} usable addresses, none at index ${index}`);
    const at = META_BYTES + 32 * index;
    return Uint8Array.from(data.subarray(at, at + 32));
  };
  return {
    writable: Array.from(lookup.writableIndexes, load),
    readonly: Array.from(lookup.readonlyIndexes, load),
  };
}

function readTable(data: Uint8Array) {
  if (data.length < MIN_META_BYTES) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (view.getUint32(0, true) !== TAG_LOOKUP_TABLE) return undefined;
  const hasAuthority = data[21]!;
  // An option's tag is 0 or 1; its value, if any, is 32 bytes, and 2 bytes of padding follow.
  if (hasAuthority > 1 || data.length < META_BYTES || (data.length - META_BYTES) % 32 !== 0) return undefined;
  return {
    deactivationSlot: view.getBigUint64(4, true),
    lastExtendedSlot: view.getBigUint64(12, true),
    lastExtendedStart: data[20]!,
  };
}

/** A table stays usable until the slot of its deactivation has left the slot hashes. */
function isActive(deactivationSlot: bigint, { slot, slotHashes }: LookupContext): boolean {
  return (
    deactivationSlot === NEVER ||
    deactivationSlot === slot ||
    slotHashes.some(([hashed]) => hashed === deactivationSlot)
  );
}
