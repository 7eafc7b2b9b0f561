import type { Message } from '../../message.js';
import { LAMPORTS_PER_SIGNATURE } from '../../rollup-config.js';
import type { ComputeBudget } from './compute-budget.js';
import { type Precompile, precompileOf } from './native-programs.js';

const MICRO_LAMPORTS = 1_000_000n;
const U64_MAX = (1n << 64n) - 1n;

/** Signatures that a transaction has checked: its own, and those in instructions of precompiles. */
export interface SignatureCounts extends Record<Precompile, number> {
  transaction: number;
}

export function countSignatures({ header, accountKeys, instructions }: Message): SignatureCounts {
  const counts = { transaction: header.numRequiredSignatures, ed25519: 0, secp256k1: 0, secp256r1: 0 };
  for (const { programIdIndex, data } of instructions) {
    const precompile = precompileOf(accountKeys[programIdIndex]!);
    // The first byte of the data is the number of signatures.
    if (precompile !== undefined) counts[precompile] += data[0] ?? 0;
  }
  return counts;
}

/** Fee for signatures, in lamports (Agave's fee crate). */
export function baseFee({ transaction, ed25519, secp256k1, secp256r1 }: SignatureCounts): bigint {
  return BigInt(transaction + ed25519 + secp256k1 + secp256r1) * LAMPORTS_PER_SIGNATURE;
}

/** Fee for compute units, in lamports: for those that the transaction asks for, not for those that it uses. */
export function priorityFee({
  computeUnitLimit,
  computeUnitPrice,
}: Pick<ComputeBudget, 'computeUnitLimit' | 'computeUnitPrice'>): bigint {
  if (computeUnitPrice === 0n) return 0n;
  const fee = (computeUnitPrice * BigInt(computeUnitLimit) + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return fee > U64_MAX ? U64_MAX : fee;
}
