import { decodeProvedData } from '../deposits.js';
import { WitnessError } from '../errors.js';
import { verifyStrict } from '../runtime/engine/strict-ed25519.js';
import type { BatchWitness } from '../witness.js';

/**
 * Checks that every signer of every transaction of a batch has signed it, before anybody spends time on proving that.
 * @throws {WitnessError} `WRONG_SIGNATURES` naming the transaction
 */
export function checkSignatures(witness: BatchWitness): void {
  decodeProvedData(witness.data).entries.forEach(({ message, messageBytes }, transaction) => {
    const signatures = witness.signatures[transaction] ?? [];
    const right =
      signatures.length === message.header.numRequiredSignatures &&
      signatures.every((signature, i) => verifyStrict(message.accountKeys[i]!, messageBytes, signature));
    if (!right)
      throw new WitnessError(
        'WRONG_SIGNATURES',
        `the witness does not have the signatures of transaction ${transaction} of batch ${witness.batchNumber}.`,
        { batchNumber: witness.batchNumber, transaction },
      );
  });
}
