import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { u64le } from '@polyproof/base';
import { encodeMessage, encodeTransaction, type Message, SYSTEM_PROGRAM } from '../src/index.js';

/** Transactions as clients make them, signed with node's own Ed25519. */

export interface Signer {
  key: KeyObject;
  address: Uint8Array;
}

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const signers = new Map<string, Signer>();

/** The signer of that name, always the same. */
export function signer(name: string): Signer {
  const known = signers.get(name);
  if (known !== undefined) return known;
  const seed = createHash('sha256').update(name).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const made = { key, address: new Uint8Array(spki.subarray(-32)) };
  signers.set(name, made);
  return made;
}

export function address(name: string): Uint8Array {
  return signer(name).address;
}

export interface TransferParts {
  /** names of signers; `from` is the payer by default */
  payer?: string;
  from: string;
  to: string;
  lamports: bigint;
  blockhash?: Uint8Array;
  version?: 'legacy' | 0;
  /** the recipient is named as read-only */
  readonlyTo?: boolean;
  /** a further key that nothing uses */
  extra?: string;
}

/** The message of one System transfer, keys in the order that the format demands. */
export function transferMessage(parts: TransferParts): Message {
  const { payer = parts.from, from, to, lamports, readonlyTo = false, extra } = parts;
  const names = [payer];
  if (from !== payer) names.push(from);
  const signed = names.length;
  const add = (name: string | undefined) => {
    if (name !== undefined && !names.includes(name)) names.push(name);
  };
  if (!readonlyTo) add(to);
  const writable = names.length;
  const keys = names.map(address);
  const programIdIndex = keys.push(SYSTEM_PROGRAM) - 1;
  const later = [to, extra].filter((name) => name !== undefined && !names.includes(name)) as string[];
  for (const name of new Set(later)) keys.push(address(name));
  const indexOf = (name: string) => keys.findIndex((key) => Buffer.compare(key, address(name)) === 0);
  return {
    version: parts.version ?? 'legacy',
    header: {
      numRequiredSignatures: signed,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: keys.length - writable,
    },
    accountKeys: keys,
    recentBlockhash: parts.blockhash ?? new Uint8Array(32).fill(1),
    instructions: [
      {
        programIdIndex,
        accountIndexes: Uint8Array.of(indexOf(from), indexOf(to)),
        data: Uint8Array.of(2, 0, 0, 0, ...u64le(lamports)),
      },
    ],
    addressTableLookups: [],
  };
}

/** The signed wire transaction of a message whose signers are known by these names, in order. */
export function signMessage(message: Message, names: readonly string[]): Uint8Array {
  const bytes = encodeMessage(message);
  return encodeTransaction(
    names.map((name) => new Uint8Array(sign(null, bytes, signer(name).key))),
    bytes,
  );
}

export function transfer(parts: TransferParts): Uint8Array {
  const { payer = parts.from, from } = parts;
  return signMessage(transferMessage(parts), payer === from ? [from] : [payer, from]);
}
