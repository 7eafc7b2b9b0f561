import { InvariantError } from '@polyproof/base';
import { isWritable, type Message } from '../message.js';
import { readComputeBudget } from '../runtime/resolve/compute-budget.js';
import { baseFee, countSignatures, priorityFee } from '../runtime/resolve/fees.js';
import type { ProvableBlock, ProvableTransaction } from './transaction-rows.js';

/**
 * Blocks of messages as the machine executes them.
 * @param addresses - the table of accounts: all that the messages use, and the collector
 */
export function provableBlocks(
  blocks: readonly (readonly Message[])[],
  collector: Uint8Array,
  addresses: readonly Uint8Array[],
): ProvableBlock[] {
  const places = new Map(addresses.map((address, place) => [Buffer.from(address).toString('latin1'), place]));
  const placeOf = (address: Uint8Array): number => {
    const place = places.get(Buffer.from(address).toString('latin1'));
    if (place === undefined) throw new InvariantError('an account of a batch is not in its table');
    return place;
  };
  return blocks.map((messages) => ({
    transactions: messages.map((message) => provableTransaction(message, placeOf)),
    collector: placeOf(collector),
  }));
}

/** What a transaction with this message pays, in lamports. */
export function feeOf(message: Message, budget = readComputeBudget(message)): bigint {
  return baseFee(countSignatures(message)) + priorityFee(budget);
}

function provableTransaction(
  message: Message,
  placeOf: (address: Uint8Array) => number,
): ProvableTransaction {
  const { accountKeys, header, instructions } = message;
  const budget = readComputeBudget(message);
  return {
    payer: placeOf(accountKeys[0]!),
    feeLamports: feeOf(message, budget),
    computeUnitLimit: budget.computeUnitLimit,
    instructions: instructions.map(({ programIdIndex, accountIndexes, data }) => ({
      programId: accountKeys[programIdIndex]!,
      accounts: Array.from(accountIndexes, (index) => ({
        account: placeOf(accountKeys[index]!),
        signer: index < header.numRequiredSignatures,
        writable: isWritable(message, index),
      })),
      data,
    })),
  };
}
