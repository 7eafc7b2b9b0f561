import {
  decodeBase58,
  isWritable,
  type LoadedAddresses,
  type Message,
  RESERVED_ADDRESSES,
} from '@polyproof/svm';
import { UPGRADEABLE_LOADER } from '../parse/program-ids.js';
import { addressText } from './address-text.js';

/** An account of a transaction as the parsed encodings show it. */
export interface MessageAccount {
  pubkey: string;
  writable: boolean;
  signer: boolean;
  source: 'transaction' | 'lookupTable';
}

const RESERVED: ReadonlySet<string> = new Set(RESERVED_ADDRESSES);
/** First bytes of the reserved addresses: most accounts are told apart by them. */
const RESERVED_FIRST = new Set(RESERVED_ADDRESSES.map((address) => decodeBase58(address)[0]!));

/** Addresses in the order of instruction indexes, in base 58. */
export function accountTexts(message: Message, loaded: LoadedAddresses): string[] {
  return [...message.accountKeys, ...loaded.writable, ...loaded.readonly].map(addressText);
}

/**
 * Every account with what the transaction may do with it: reserved ones are never written, nor are the programs that
 * it calls unless the upgradeable loader is among the accounts (Agave: parse_accounts).
 * @param keys - of {@link accountTexts}
 */
export function messageAccounts(message: Message, loaded: LoadedAddresses, keys: readonly string[]) {
  const own = message.accountKeys.length;
  const called = new Set(message.instructions.map(({ programIdIndex }) => programIdIndex));
  const hasLoader = keys.includes(UPGRADEABLE_LOADER);
  return keys.map((pubkey, index): MessageAccount => {
    const asked = index < own ? isWritable(message, index) : index < own + loaded.writable.length;
    return {
      pubkey,
      writable: asked && !isReserved(message, index, pubkey) && !(called.has(index) && !hasLoader),
      signer: index < message.header.numRequiredSignatures,
      source: index < own ? 'transaction' : 'lookupTable',
    };
  });
}

function isReserved(message: Message, index: number, text: string): boolean {
  const first = message.accountKeys[index]?.[0];
  return (first === undefined || RESERVED_FIRST.has(first)) && RESERVED.has(text);
}
