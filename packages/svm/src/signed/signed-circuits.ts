import { BATCH_CIRCUITS, type CircuitLimits, SIGNATURE_LIMITS } from '../generated/circuit-limits.js';

/** What of a batch only the circuit of signatures limits. */
export type SignatureLimit = 'signatures' | 'keys' | 'hashBlocks';

/** The batch circuits, with no more room than the circuit of signatures has too: one proof of it is to be enough for a batch. */
export function signedCircuits(): (CircuitLimits & Record<SignatureLimit, number>)[] {
  const room: Record<SignatureLimit, number> & Partial<Record<keyof CircuitLimits, number>> =
    SIGNATURE_LIMITS;
  return Object.values(BATCH_CIRCUITS).map((circuit: CircuitLimits) => {
    const limits = Object.entries(circuit) as [keyof CircuitLimits, number][];
    const less = limits.map(([limit, most]) => [limit, Math.min(most, room[limit] ?? most)]);
    return { ...room, ...(Object.fromEntries(less) as unknown as CircuitLimits) };
  });
}
