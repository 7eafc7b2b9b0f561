import { verify } from 'node:crypto';
import { concatBytes } from '@polyproof/base';
import type { Transaction } from '@polyproof/svm';

/** DER of a SubjectPublicKeyInfo for Ed25519, up to the 32 bytes of the key. */
const SPKI_PREFIX = Uint8Array.from(Buffer.from('302a300506032b6570032100', 'hex'));

/**
 * Checks the Ed25519 signature of every required signer, on the thread pool.
 * @returns the address of the first signer whose signature is wrong; `undefined` when all are right
 */
export async function findBadSignature(transaction: Transaction): Promise<Uint8Array | undefined> {
  const { signatures, message, messageBytes } = transaction;
  const valid = await Promise.all(
    signatures.map((signature, i) => verifyOne(message.accountKeys[i]!, messageBytes, signature)),
  );
  const bad = valid.indexOf(false);
  return bad === -1 ? undefined : message.accountKeys[bad]!;
}

function verifyOne(address: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = { key: Buffer.from(concatBytes(SPKI_PREFIX, address)), format: 'der', type: 'spki' } as const;
  return new Promise((resolve) => {
    // An address that is not a curve point makes the call fail: nobody can sign for it.
    try {
      verify(null, message, key, signature, (error, valid) => resolve(error === null && valid));
    } catch {
      resolve(false);
    }
  });
}
