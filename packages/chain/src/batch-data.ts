import { type Field, fieldToBytes, fieldToHex, fromHex, sha256Field } from '@polyproof/base';
import { decodeFunctionData, type Hex } from 'viem';
import { ChainError } from './errors.js';
import type { SequenceSubmittedEvent } from './events.js';
import { settlementAbi } from './generated/contracts.js';

/**
 * The batches of a sequence, out of the calldata of the transaction that submitted it, checked against the data
 * hash of the contract.
 * @throws {ChainError} `BATCH_DATA_MISSING` when the calldata is another call (the sequencer is a contract),
 *   `BATCH_DATA_WRONG` when the batches do not hash to what the event says
 */
export function batchesFromCalldata(calldata: Hex, event: SequenceSubmittedEvent): Uint8Array[] {
  const batches = decodeBatches(calldata);
  if (batches === undefined)
    throw new ChainError(
      'BATCH_DATA_MISSING',
      `transaction ${event.transactionHash} of sequence ${event.sequence} does not call sequence() itself: its ` +
        'batches cannot be read from its calldata.',
      { sequence: event.sequence, transactionHash: event.transactionHash },
    );
  const dataHash = batches.reduce(chainDataHash, event.prevDataHash);
  if (dataHash !== event.newDataHash)
    throw new ChainError(
      'BATCH_DATA_WRONG',
      `the batches of sequence ${event.sequence} hash to ${fieldToHex(dataHash)}, the contract has ` +
        `${fieldToHex(event.newDataHash)}: the RPC answered with other data.`,
      { sequence: event.sequence, transactionHash: event.transactionHash },
    );
  return batches;
}

function decodeBatches(calldata: Hex): Uint8Array[] | undefined {
  try {
    const call = decodeFunctionData({ abi: settlementAbi, data: calldata });
    return call.functionName === 'sequence' ? call.args[1].map((batch) => fromHex(batch)) : undefined;
  } catch {
    return undefined;
  }
}

/** The data hash after one more batch, as the contract computes it. */
function chainDataHash(previous: Field, batch: Uint8Array): Field {
  return sha256Field(fieldToBytes(previous), batch);
}
