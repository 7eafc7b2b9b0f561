import { decodeAccount } from '@polyproof/state';
import { EXIT_RECIPIENT_BYTES, type Exit, exitsOf, isExitAddress } from '../exits.js';
import { numberKey } from './keys.js';
import type { Ledger } from './ledger.js';

const EXIT_BYTES = EXIT_RECIPIENT_BYTES + 8;

/** Addresses of the open batch that are emptied at its end, and what leaves the rollup. */
export function openExits(ledger: Ledger): { addresses: Uint8Array[]; exits: Exit[] } {
  const { accounts, batch, options } = ledger;
  if (options.execution !== 'zk') return { addresses: [], exits: [] };
  const ended = [...accounts.undo.of(batch.number)].flatMap(({ address }) => {
    const bytes = isExitAddress(address) ? accounts.peek(address) : null;
    return bytes === null ? [] : [[address, decodeAccount(bytes)] as const];
  });
  return { addresses: ended.map(([address]) => address), exits: exitsOf(ended) };
}

/** Of a closed batch; empty where there is none of that number. */
export function readExits({ tables }: Ledger, batch: bigint): Exit[] {
  if (batch < 1n) return [];
  const bytes = tables.exits.get(numberKey(batch)) ?? Buffer.alloc(0);
  return Array.from({ length: bytes.length / EXIT_BYTES }, (_, i) => {
    const row = bytes.subarray(i * EXIT_BYTES, (i + 1) * EXIT_BYTES);
    return {
      recipient: Uint8Array.from(row.subarray(0, EXIT_RECIPIENT_BYTES)),
      lamports: row.readBigUInt64BE(EXIT_RECIPIENT_BYTES),
    };
  });
}

export function encodeExits(exits: readonly Exit[]): Buffer {
  const bytes = Buffer.alloc(EXIT_BYTES * exits.length);
  exits.forEach(({ recipient, lamports }, i) => {
    bytes.set(recipient, i * EXIT_BYTES);
    bytes.writeBigUInt64BE(lamports, i * EXIT_BYTES + EXIT_RECIPIENT_BYTES);
  });
  return bytes;
}
