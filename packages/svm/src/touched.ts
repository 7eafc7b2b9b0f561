import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from './base58.js';
import type { Message } from './message.js';
import { SYSTEM_PROGRAM } from './reserved.js';

/**
 * Accounts of a provable message that its proof has to open: all that it names, but for the program that it calls.
 * Accounts that are only read count too.
 */
export function touchedAddresses({ accountKeys }: Message): Uint8Array[] {
  return accountKeys.filter((address) => !equalBytes(address, SYSTEM_PROGRAM));
}

/** Every account that the messages of a batch touch and the fee collector, each once, by base-58 address. */
export function touchedByBatch(messages: readonly Message[], collector: Uint8Array): Map<string, Uint8Array> {
  return new Map(
    [collector, ...messages.flatMap(touchedAddresses)].map((address) => [encodeBase58(address), address]),
  );
}
