import type { Windows } from '../ports.js';

/**
 * Whether a commitment sent now is taken. It lands in the next block at the earliest, which must still be in the
 * commit window; or there is no round, or the last one is over, and it opens a new one.
 */
export function canCommit(windows: Windows, block: bigint): boolean {
  return windows.openedAt === 0n || isOver(windows, block) || block + 1n <= windows.lastCommitBlock;
}

/** Whether a proof sent now is taken: the window is open in this block and in the next. */
export function canReveal(windows: Windows, block: bigint): boolean {
  return (
    windows.openedAt !== 0n && block >= windows.firstRevealBlock && block + 1n <= windows.lastRevealBlock
  );
}

/** Whether no proof can be taken any more in this round. */
export function isOver(windows: Windows, block: bigint): boolean {
  return windows.openedAt !== 0n && block > windows.lastRevealBlock;
}
