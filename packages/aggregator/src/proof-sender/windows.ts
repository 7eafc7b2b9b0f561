import type { Windows } from '../ports.js';

// A transaction that is sent now lands in the next block at the earliest: that one decides.

/** Whether a commitment is taken: in the commit window, or when it opens a (new) round. */
export function canCommit(windows: Windows, block: bigint): boolean {
  return windows.openedAt === 0n || isOver(windows, block) || block + 1n <= windows.lastCommitBlock;
}

/** Whether a proof is taken. */
export function canReveal(windows: Windows, block: bigint): boolean {
  const lands = block + 1n;
  return windows.openedAt !== 0n && lands >= windows.firstRevealBlock && lands <= windows.lastRevealBlock;
}

/** Whether no proof can be taken any more in this round. */
export function isOver(windows: Windows, block: bigint): boolean {
  return windows.openedAt !== 0n && block + 1n > windows.lastRevealBlock;
}
