import type { Field } from '@polyproof/base';
import { type Account, accountKey, exitNode, hashFields } from '@polyproof/state';
import { inCircuitOrder } from './circuit-order.js';

/** Lamports that left the rollup, to be claimed by an account of the base chain. */
export interface Exit {
  /** 20 bytes */
  recipient: Uint8Array;
  lamports: bigint;
}

/** Where a leaf is in a tree of exits: the nodes beside its path from the leaf upwards, and on which side the path is. */
export interface ExitPath {
  /** bit i: whether the path is on the right at level i, which counts from the leaf */
  bits: bigint;
  siblings: Field[];
}

/** First bytes of the addresses whose lamports leave the rollup at the end of a batch; the recipient follows. */
const TAG = new TextEncoder().encode('polyproof:l1');
const ADDRESS_BYTES = 32;
export const EXIT_RECIPIENT_BYTES = ADDRESS_BYTES - TAG.length;
/** levels of a batch's tree of exits, whatever circuit proves the batch: `LEAVES` in circuits/lib/src/exits.nr */
const BATCH_LEVELS = 2;

const DOMAIN_EXIT = 10n;

/** The account of the rollup that stands for an account of the base chain: what is sent there can be claimed by it. */
export function exitAddress(recipient: Uint8Array): Uint8Array {
  if (recipient.length !== EXIT_RECIPIENT_BYTES)
    throw new RangeError(
      `an account of the base chain has ${EXIT_RECIPIENT_BYTES} bytes, not ${recipient.length}`,
    );
  return Uint8Array.from([...TAG, ...recipient]);
}

export function isExitAddress(address: Uint8Array): boolean {
  return address.length === ADDRESS_BYTES && TAG.every((byte, i) => address[i] === byte);
}

/** What leaves the rollup when a batch ends with these accounts, in the order of the circuit's accounts. */
export function exitsOf(accounts: readonly (readonly [address: Uint8Array, Account | null])[]): Exit[] {
  return accounts
    .flatMap(([address, account]) =>
      account !== null && isExitAddress(address)
        ? [{ key: accountKey(address), recipient: address.slice(TAG.length), lamports: account.lamports }]
        : [],
    )
    .sort(inCircuitOrder)
    .map(({ recipient, lamports }) => ({ recipient, lamports }));
}

/** Root of a batch's tree of exits; 0 where there are none. Hashing must be initialised. */
export function batchExitRoot(exits: readonly Exit[]): Field {
  return rootOf(batchLeaves(exits));
}

/**
 * Root of the tree of exits of a sequence, with the exits of each of its batches: neighbours are joined as their proofs
 * are, an odd one is carried up to the next level. Hashing must be initialised.
 */
export function sequenceExitRoot(batches: readonly (readonly Exit[])[]): Field {
  return rootOf(batches.map(batchExitRoot));
}

/**
 * Path of an exit in the tree of its sequence.
 * @param batch - index in the sequence
 * @param exit - index in the batch
 */
export function exitPath(batches: readonly (readonly Exit[])[], batch: number, exit: number): ExitPath {
  const lower = pathOf(batchLeaves(batches[batch]!), exit);
  const upper = pathOf(batches.map(batchExitRoot), batch);
  return {
    bits: lower.bits | (upper.bits << BigInt(BATCH_LEVELS)),
    siblings: [...lower.siblings, ...upper.siblings],
  };
}

function batchLeaves(exits: readonly Exit[]): Field[] {
  return Array.from({ length: 2 ** BATCH_LEVELS }, (_, i) => (i < exits.length ? leafOf(exits[i]!) : 0n));
}

function leafOf({ recipient, lamports }: Exit): Field {
  return hashFields([DOMAIN_EXIT, littleEndian(recipient), lamports]);
}

function rootOf(row: readonly Field[]): Field {
  return row.length === 1 ? row[0]! : rootOf(nextRow(row));
}

function nextRow(row: readonly Field[]): Field[] {
  return row.flatMap((node, i) => {
    if (i % 2 === 1) return [];
    const right = row[i + 1];
    return [right === undefined ? node : exitNode(node, right)];
  });
}

function pathOf(row: readonly Field[], index: number): ExitPath {
  if (row.length === 1) return { bits: 0n, siblings: [] };
  const above = pathOf(nextRow(row), index >> 1);
  const beside = row[index ^ 1];
  if (beside === undefined) return above; // carried up
  return { bits: BigInt(index & 1) | (above.bits << 1n), siblings: [beside, ...above.siblings] };
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
