import { encodeBase58 } from './base58.js';
import type { Message } from './message.js';

/**
 * Accounts of a provable message that its proof has to open: who pays, and those that its instructions name, also those
 * that are only read. Keys that only name a program, or nothing, are not among them.
 */
export function touchedAddresses({ accountKeys, instructions }: Message): Uint8Array[] {
  const indexes = new Set([0, ...instructions.flatMap(({ accountIndexes }) => [...accountIndexes])]);
  return [...indexes].map((index) => accountKeys[index]!);
}

/** Every account that the messages of a batch touch and the fee collector, each once, by base-58 address. */
export function touchedByBatch(messages: readonly Message[], collector: Uint8Array): Map<string, Uint8Array> {
  return new Map(
    [collector, ...messages.flatMap(touchedAddresses)].map((address) => [encodeBase58(address), address]),
  );
}
