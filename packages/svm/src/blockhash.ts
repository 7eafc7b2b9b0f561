import { createHash } from 'node:crypto';
import { type Field, fieldToBytes, u64le } from '@polyproof/base';

/** Blocks for which a blockhash stays good, as on Solana. */
export const RECENT_BLOCKHASHES = 150;

/** Blockhash of slot 0: sha256 of a label, the configuration hash and the state root at the start. */
export function genesisBlockhash(configHash: Field, stateRoot: Field): Uint8Array {
  const hash = createHash('sha256').update('polyproof genesis');
  return Uint8Array.from(hash.update(fieldToBytes(configHash)).update(fieldToBytes(stateRoot)).digest());
}

/** sha256(previous blockhash || slot as u64le || every signature of every transaction in the block). */
export function nextBlockhash(
  previous: Uint8Array,
  slot: bigint,
  transactions: readonly { signatures: readonly Uint8Array[] }[],
): Uint8Array {
  const all = transactions.flatMap(({ signatures }) => signatures);
  const hash = createHash('sha256').update(previous).update(u64le(slot)).update(Buffer.concat(all));
  return Uint8Array.from(hash.digest());
}
