import { createHash, sign } from 'node:crypto';
import { concatBytes, u64le } from '@polyproof/base';
import { type Ed25519KeyPair, ed25519KeyPair } from '@polyproof/svm';

/** Transactions as clients put them on the wire, with every part open to mistakes. */

export type Signer = Ed25519KeyPair;

export const SYSTEM_PROGRAM = new Uint8Array(32);
export const BLOCKHASH = new Uint8Array(32).fill(1);

export function signer(name: string): Signer {
  return ed25519KeyPair(createHash('sha256').update(name).digest());
}

export interface MessageParts {
  version?: 0;
  payer: Signer;
  /** Further signers, after the payer. */
  cosigners?: Signer[];
  to: Uint8Array;
  lamports: bigint;
  program?: Uint8Array;
  blockhash?: Uint8Array;
  instructions?: number;
  lookupTables?: Uint8Array;
}

export function transferMessage(parts: MessageParts): Uint8Array {
  const { payer, cosigners = [], to, lamports, program = SYSTEM_PROGRAM, blockhash = BLOCKHASH } = parts;
  const signers = [payer, ...cosigners];
  const keys = [...signers.map((s) => s.address), to, program];
  const data = concatBytes(Uint8Array.of(2, 0, 0, 0), u64le(lamports));
  const instruction = concatBytes(Uint8Array.of(keys.length - 1, 2, 0, keys.length - 2, data.length), data);
  const count = parts.instructions ?? 1;
  return concatBytes(
    parts.version === 0 ? Uint8Array.of(0x80) : new Uint8Array(),
    Uint8Array.of(signers.length, 0, 1, keys.length),
    ...keys,
    blockhash,
    Uint8Array.of(count),
    ...Array<Uint8Array>(count).fill(instruction),
    parts.version === 0 ? (parts.lookupTables ?? Uint8Array.of(0)) : new Uint8Array(),
  );
}

export function transferTransaction(parts: MessageParts): Uint8Array {
  const message = transferMessage(parts);
  const signers = [parts.payer, ...(parts.cosigners ?? [])];
  const signatures = signers.map(({ privateKey }) => new Uint8Array(sign(null, message, privateKey)));
  return concatBytes(Uint8Array.of(signers.length), ...signatures, message);
}
