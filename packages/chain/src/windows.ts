/** The blocks (inclusive) of a sequence's newest round. */
export interface Windows {
  /** Number of the round, from 1. */
  round: bigint;
  /** T, the first block that takes commitments. */
  openedAt: bigint;
  lastCommitBlock: bigint;
  firstRevealBlock: bigint;
  lastRevealBlock: bigint;
}

export type Phase =
  /** Commitments are taken in the open round. */
  | 'commit'
  /** Proofs are taken. */
  | 'reveal'
  /** There is no round, or it has passed: the next commitment opens one. */
  | 'idle';

/**
 * What the contract takes in a block.
 * @param blockNumber - the block that a transaction gets into: at least the current one plus one
 */
export function phaseAt(windows: Windows | undefined, blockNumber: bigint): Phase {
  if (windows === undefined || blockNumber > windows.lastRevealBlock) return 'idle';
  return blockNumber <= windows.lastCommitBlock ? 'commit' : 'reveal';
}
