import { encodeBase58 } from './base58.js';
import type { Deposit } from './deposits.js';
import type { Message } from './message.js';

/**
 * Accounts of a provable message that its proof has to open: who pays, and those that its instructions name, also those
 * that are only read. Keys that only name a program, or nothing, are not among them.
 */
export function touchedAddresses({ accountKeys, instructions }: Message): Uint8Array[] {
  const indexes = new Set([0, ...instructions.flatMap(({ accountIndexes }) => [...accountIndexes])]);
  return [...indexes].map((index) => accountKeys[index]!);
}

/** Every account that a batch touches, each once, by base-58 address: the fee collector, recipients of deposits, and those of messages. */
export function touchedByBatch(
  messages: readonly Message[],
  deposits: readonly Deposit[],
  collector: Uint8Array,
): Map<string, Uint8Array> {
  const recipients = deposits.map(({ recipient }) => recipient);
  return new Map(
    [collector, ...recipients, ...messages.flatMap(touchedAddresses)].map((address) => [
      encodeBase58(address),
      address,
    ]),
  );
}
