import { RECENT_BLOCKHASHES } from '../blockhash.js';
import type { RuntimeTransaction } from '../runtime/types.js';
import { byteString } from './keys.js';

interface BlockFees {
  slot: bigint;
  /** lowest price of a transaction in the block; 0 where it is empty */
  lowest: bigint;
  /** lowest price of the transactions that write an account, where it is above `lowest` */
  accounts: Map<string, bigint>;
}

/** Prices of compute units (micro-lamports) in the last 150 blocks, as Agave's PrioritizationFeeCache keeps them. */
export class PrioritizationFees {
  readonly #blocks: BlockFees[] = [];

  addBlock(slot: bigint, transactions: readonly RuntimeTransaction[]): void {
    this.#blocks.push(feesOf(slot, transactions));
    if (this.#blocks.length > RECENT_BLOCKHASHES) this.#blocks.shift();
  }

  /** What it took at least to write all of these accounts, newest last. */
  recent(addresses: readonly Uint8Array[]): { slot: bigint; prioritizationFee: bigint }[] {
    const names = addresses.map(byteString);
    return this.#blocks.map(({ slot, lowest, accounts }) => {
      let fee = lowest;
      for (const name of names) {
        const price = accounts.get(name);
        if (price !== undefined && price > fee) fee = price;
      }
      return { slot, prioritizationFee: fee };
    });
  }
}

function feesOf(slot: bigint, transactions: readonly RuntimeTransaction[]): BlockFees {
  let [lowest, highest] = [transactions[0]?.computeUnitPrice ?? 0n, 0n];
  for (const { computeUnitPrice } of transactions) {
    if (computeUnitPrice < lowest) lowest = computeUnitPrice;
    if (computeUnitPrice > highest) highest = computeUnitPrice;
  }
  const accounts = new Map<string, bigint>();
  if (highest > lowest) {
    for (const { accountKeys, writable, computeUnitPrice } of transactions)
      accountKeys.forEach((address, i) => {
        if (!writable[i]) return;
        const name = byteString(address);
        const known = accounts.get(name);
        if (known === undefined || computeUnitPrice < known) accounts.set(name, computeUnitPrice);
      });
    for (const [name, price] of accounts) if (price <= lowest) accounts.delete(name);
  }
  return { slot, lowest, accounts };
}
