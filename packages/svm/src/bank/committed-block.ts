import { type Account, decodeAccount } from '@polyproof/state';
import type { AppendedBlock } from './append-block.js';
import { publicBlock } from './block-record.js';
import type { CommittedBlock } from './types.js';

/** What subscribers are told of a block: its accounts are decoded only where somebody looks at them. */
export function committedBlock({ block, included, changes }: AppendedBlock): CommittedBlock {
  return {
    block: publicBlock(block),
    transactions: included.map(({ transaction, outcome }) => ({
      signature: transaction.transaction.signatures[0]!,
      transaction,
      outcome,
    })),
    accounts: changes.map(({ address, after }) => new ChangedAccount(address, after)),
  };
}

class ChangedAccount {
  readonly address: Uint8Array;
  readonly #bytes: Uint8Array | null;

  constructor(address: Uint8Array, bytes: Uint8Array | null) {
    this.address = address;
    this.#bytes = bytes;
  }

  get account(): Account | null {
    return this.#bytes === null ? null : decodeAccount(this.#bytes);
  }
}
