import { equalBytes } from '@polyproof/base';
import { decodeBase58, type LoadedAddresses, type Message } from '@polyproof/svm';
import { UPGRADEABLE_LOADER } from '../parse/program-ids.js';
import type { RpcBank } from '../ports.js';

const LOADER = decodeBase58(UPGRADEABLE_LOADER);
/** SIMD-0186: what an account and a lookup table count beside their data. */
const ACCOUNT_BYTES = 64;
const TABLE_BYTES = 8_248;
const PROGRAM_BYTES = 36;
const TAG_PROGRAM = 2;

/** How much a transaction loads, as its limit for that counts it (SIMD-0186): programs with their code. */
export function loadedDataBytes(
  message: Message,
  loaded: LoadedAddresses,
  bank: Pick<RpcBank, 'getAccount'>,
): number {
  const counted = new Set<string>();
  const count = (address: Uint8Array): number => {
    const key = Buffer.from(address).toString('latin1');
    if (counted.has(key)) return 0;
    counted.add(key);
    const account = bank.getAccount(address);
    if (account === undefined) return 0;
    const { data, owner } = account;
    const code = data.length === PROGRAM_BYTES && data[0] === TAG_PROGRAM && equalBytes(owner, LOADER);
    return ACCOUNT_BYTES + data.length + (code ? count(data.subarray(4, PROGRAM_BYTES)) : 0);
  };
  return [...message.accountKeys, ...loaded.writable, ...loaded.readonly].reduce(
    (bytes, address) => bytes + count(address),
    message.addressTableLookups.length * TABLE_BYTES,
  );
}
