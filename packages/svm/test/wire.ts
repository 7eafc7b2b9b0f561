import { createHash, sign } from 'node:crypto';
import { u64le } from '@polyproof/base';
import {
  type Ed25519KeyPair,
  ed25519KeyPair,
  encodeMessage,
  encodeTransaction,
  exitAddress,
  type Message,
  SYSTEM_PROGRAM,
} from '../src/index.js';

/** Transactions as clients make them, signed with node's own Ed25519. */

const signers = new Map<string, Ed25519KeyPair>();

/** The signer of that name, always the same. */
export function signer(name: string): Ed25519KeyPair {
  const known = signers.get(name);
  if (known !== undefined) return known;
  const made = ed25519KeyPair(createHash('sha256').update(name).digest());
  signers.set(name, made);
  return made;
}

/** Of a signer; of a name that begins with `exit `, the exit address of an account of the base chain, which has no key. */
export function address(name: string): Uint8Array {
  const { address: own } = signer(name);
  return name.startsWith('exit ') ? exitAddress(own.subarray(0, 20)) : own;
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
  /** the source does not sign, where it is not the payer */
  unsignedFrom?: boolean;
  /** the source is named as read-only, where it is not the payer */
  readonlyFrom?: boolean;
  /** a further key that nothing uses */
  extra?: string;
}

const SYSTEM = 'the System program';

/** The message of one System transfer, keys in the order that the format demands. */
export function transferMessage(parts: TransferParts): Message {
  const { payer = parts.from, from, to, lamports, extra } = parts;
  const keys = new Map<string, { signer: boolean; writable: boolean }>();
  const add = (name: string, signer: boolean, writable: boolean) => {
    const known = keys.get(name);
    keys.set(name, {
      signer: signer || known?.signer === true,
      writable: writable || known?.writable === true,
    });
  };
  add(payer, true, true);
  add(from, parts.unsignedFrom !== true, parts.readonlyFrom !== true);
  add(to, false, parts.readonlyTo !== true);
  if (extra !== undefined) add(extra, false, false);
  add(SYSTEM, false, false);
  const all = [...keys].map(([name, role]) => ({ name, ...role }));
  const group = (signer: boolean, writable: boolean) =>
    all.filter((key) => key.signer === signer && key.writable === writable);
  const groups = [group(true, true), group(true, false), group(false, true), group(false, false)] as const;
  const names = groups.flat().map(({ name }) => name);
  return {
    version: parts.version ?? 'legacy',
    header: {
      numRequiredSignatures: groups[0].length + groups[1].length,
      numReadonlySignedAccounts: groups[1].length,
      numReadonlyUnsignedAccounts: groups[3].length,
    },
    accountKeys: names.map((name) => (name === SYSTEM ? SYSTEM_PROGRAM : address(name))),
    recentBlockhash: parts.blockhash ?? new Uint8Array(32).fill(1),
    instructions: [
      {
        programIdIndex: names.indexOf(SYSTEM),
        accountIndexes: Uint8Array.of(names.indexOf(from), names.indexOf(to)),
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
    names.map((name) => new Uint8Array(sign(null, bytes, signer(name).privateKey))),
    bytes,
  );
}

/** A signed transfer. */
export function transfer(parts: TransferParts): Uint8Array {
  const { payer = parts.from, from, unsignedFrom } = parts;
  return signMessage(
    transferMessage(parts),
    payer === from || unsignedFrom === true ? [payer] : [payer, from],
  );
}
