import type { Hex } from '@polyproof/base';
import type { ReadBlock } from '../database/schema.js';
import type { SettlementPort } from '../ports.js';

/** Blocks below the newest one after which no reorganisation is expected. */
const DEPTH = 32n;

/** How far the chain was read, and the last blocks at which reading ended, oldest first. */
export interface Checkpoint {
  block: bigint;
  recent: ReadBlock[];
}

/**
 * The last block up to which the chain is as it was read: the checkpoint, unless the chain was reorganised. Of blocks that
 * the chain does not have, or not yet, nothing can be said: an RPC that lags behind is no reorganisation.
 */
export async function lastCommonBlock(
  { block: checkpoint, recent }: Checkpoint,
  { head, startBlock }: { head: bigint; startBlock: bigint },
  settlement: Pick<SettlementPort, 'blockHash'>,
): Promise<bigint> {
  const present = recent.filter(({ block }) => BigInt(block) <= head);
  for (const [i, { block, hash }] of present.toReversed().entries()) {
    const actual = await settlement.blockHash(BigInt(block));
    if (actual === undefined) return checkpoint;
    if (actual === hash) return i === 0 ? checkpoint : BigInt(block);
  }
  const oldest = present[0];
  if (oldest === undefined) return checkpoint;
  const before = BigInt(oldest.block) - DEPTH;
  return before < startBlock - 1n ? startBlock - 1n : before;
}

/** With another block at the end; those that no reorganisation is expected to reach go. */
export function withBlock(recent: readonly ReadBlock[], block: bigint, hash: Hex): ReadBlock[] {
  const kept = recent.filter((other) => BigInt(other.block) >= block - DEPTH);
  return [...kept, { block: `${block}`, hash }];
}
