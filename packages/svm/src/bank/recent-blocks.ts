import { RECENT_BLOCKHASHES } from '../blockhash.js';
import { byteString } from './keys.js';

/** As many as Solana's SlotHashes sysvar holds (MAX_ENTRIES). */
export const SLOT_HASHES = 512;

/** Slots and hashes of the last blocks. */
export class RecentBlocks {
  readonly #names = new Set<string>();
  /** newest first */
  #slotHashes: (readonly [slot: bigint, hash: Uint8Array])[] = [];
  /** newest last */
  #blockhashes: Uint8Array[] = [];

  /** Must not be written to: a new one with every block. */
  get slotHashes(): readonly (readonly [slot: bigint, hash: Uint8Array])[] {
    return this.#slotHashes;
  }

  get blockhashes(): readonly Uint8Array[] {
    return this.#blockhashes;
  }

  get latest(): Uint8Array {
    return this.#blockhashes.at(-1)!;
  }

  has(blockhash: Uint8Array): boolean {
    return this.#names.has(byteString(blockhash));
  }

  add(slot: bigint, blockhash: Uint8Array): void {
    this.#slotHashes = [[slot, blockhash] as const, ...this.#slotHashes].slice(0, SLOT_HASHES);
    this.#blockhashes = [...this.#blockhashes, blockhash].slice(-RECENT_BLOCKHASHES);
    this.#names.add(byteString(blockhash));
    const aged = this.#slotHashes[RECENT_BLOCKHASHES];
    if (aged !== undefined) this.#names.delete(byteString(aged[1]));
  }
}
