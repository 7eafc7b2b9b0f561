import { hash } from 'node:crypto';
import { RECENT_BLOCKHASHES } from '../blockhash.js';

/** Characters of a message's hash that are kept, as in Agave's status cache. */
const NAME_BYTES = 20;

const names = new WeakMap<object, string>();

/**
 * What identifies a transaction for the search of duplicates: the hash of its message. Not its signature: a fee payer
 * can sign the same message again with another one, and so repeat what somebody else signed only once.
 */
export function messageName(transaction: { messageBytes: Uint8Array }): string {
  let name = names.get(transaction);
  if (name === undefined) {
    name = nameOfMessage(transaction.messageBytes);
    names.set(transaction, name); // asked for at the door, again when the block is made, and after it
  }
  return name;
}

export function nameOfMessage(messageBytes: Uint8Array): string {
  return hash('sha256', messageBytes, 'binary').slice(0, NAME_BYTES);
}

/** The messages of the last 150 blocks: none of them may run again, whatever its blockhash. */
export class StatusCache {
  readonly #names = new Set<string>();
  /** of each block, oldest first */
  readonly #blocks: string[][] = [];

  has(name: string): boolean {
    return this.#names.has(name);
  }

  addBlock(names: string[]): void {
    for (const name of names) this.#names.add(name);
    this.#blocks.push(names);
    if (this.#blocks.length > RECENT_BLOCKHASHES)
      for (const name of this.#blocks.shift()!) this.#names.delete(name);
  }
}
