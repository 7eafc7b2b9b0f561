import { phaseAt, type Windows } from '@polyproof/chain';

// A transaction that is sent now lands in the next block at the earliest: that one decides. Windows are all zero
// when there was no round, which is one that has passed.

/** Whether a commitment is taken: in the commit window, or when it opens a (new) round. */
export function canCommit(windows: Windows, block: bigint): boolean {
  return phaseAt(windows, block + 1n) !== 'reveal';
}

/** Whether a proof is taken. */
export function canReveal(windows: Windows, block: bigint): boolean {
  return phaseAt(windows, block + 1n) === 'reveal';
}

/** Whether a further proof of a sequence that is verified is taken. */
export function canShare(windows: Windows, block: bigint): boolean {
  return block + 1n >= windows.firstRevealBlock && block + 1n <= windows.lastShareBlock;
}

/** Whether the round has passed, for a sequence that is verified or one that is not. */
export function isOver(windows: Windows, block: bigint, verified = false): boolean {
  return windows.round !== 0n && block + 1n > (verified ? windows.lastShareBlock : windows.lastRevealBlock);
}
