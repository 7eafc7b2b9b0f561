/**
 * The blocks (inclusive) of a sequence's newest round. While the sequence before is not verified, the last three
 * are not known yet and the greatest 64-bit number.
 */
export interface Windows {
  /** Number of the round, from 1. */
  round: bigint;
  /** T, the first block that takes commitments. */
  openedAt: bigint;
  lastCommitBlock: bigint;
  firstRevealBlock: bigint;
  /** Last block that takes the first proof. */
  lastRevealBlock: bigint;
  /** Last block that takes the others' proofs, when the sequence is verified. */
  lastShareBlock: bigint;
}

export type Phase =
  /** Commitments are taken in the open round. */
  | 'commit'
  /** The sequence before is not verified: neither commitments nor proofs are taken. */
  | 'wait'
  /** Proofs are taken. */
  | 'reveal'
  /** There is no round, or it has passed: the next commitment opens one. */
  | 'idle';

/**
 * What the contract takes in a block of a sequence that is not verified.
 * @param blockNumber - the block that a transaction gets into: at least the current one plus one
 */
export function phaseAt(windows: Windows | undefined, blockNumber: bigint): Phase {
  if (windows === undefined || blockNumber > windows.lastRevealBlock) return 'idle';
  if (blockNumber <= windows.lastCommitBlock) return 'commit';
  return blockNumber < windows.firstRevealBlock ? 'wait' : 'reveal';
}
