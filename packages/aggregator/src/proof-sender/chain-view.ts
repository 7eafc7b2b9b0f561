import type { Hex } from '@polyproof/base';
import type { SettlementPort } from '../ports.js';
import { isSealed, type SubmissionRow, type SubmissionStore } from './submission-store.js';
import { canReveal, canShare, isOver } from './windows.js';

/** What a look at one submission and at the chain gave. */
export interface View {
  row: SubmissionRow;
  block: bigint;
  verifiedSequence: bigint;
}

/** What may be done with a submission now, by the chain. */
export class ChainView {
  readonly #operator: Hex;
  readonly #store: SubmissionStore;
  readonly #settlement: SettlementPort;

  constructor(options: { operator: Hex }, modules: { store: SubmissionStore; settlement: SettlementPort }) {
    this.#operator = options.operator;
    this.#store = modules.store;
    this.#settlement = modules.settlement;
  }

  /** The submission and where the chain is; `undefined` when there is nothing left to do. */
  async look(sequence: bigint): Promise<View | undefined> {
    const row = await this.#store.get(sequence);
    if (row === undefined || isSealed(row.state)) return undefined;
    const [block, { verifiedSequence }] = await Promise.all([
      this.#settlement.blockNumber(),
      this.#settlement.getState(),
    ]);
    return { row, block, verifiedSequence };
  }

  /**
   * In order, in the round that we committed in, and in its reveal window; or for a share of the reward, when
   * another operator was first. Not to reveal would cost stake, so a share is never too small.
   */
  async isDue({ row, block, verifiedSequence }: View): Promise<boolean> {
    const { sequence, round } = row;
    if (sequence > verifiedSequence + 1n) return false;
    const windows = await this.#settlement.windows(sequence);
    const inTime = sequence <= verifiedSequence ? canShare(windows, block) : canReveal(windows, block);
    if (windows.round !== round || !inTime) return false;
    const commitment = await this.#settlement.getCommitment(sequence, this.#operator);
    return commitment?.status === 'open';
  }

  /** Whether all before it that are not verified are committed. */
  async earlierCommitted(sequence: bigint, verifiedSequence: bigint): Promise<boolean> {
    const committed = await this.#store.inState('committed', 'revealing', 'verified');
    const numbers = new Set(committed.map((row) => row.sequence));
    for (let earlier = verifiedSequence + 1n; earlier < sequence; earlier++)
      if (!numbers.has(earlier)) return false;
    return true;
  }

  /** The round of our commitment on the chain whose proof can still be shown, as after a crash or a lost answer. */
  async committedRound({ row, block, verifiedSequence }: View): Promise<bigint | undefined> {
    const { sequence } = row;
    const [windows, present] = await Promise.all([
      this.#settlement.windows(sequence),
      this.#settlement.getCommitment(sequence, this.#operator),
    ]);
    const ours = present?.proofHash === row.proofHash && present.round === windows.round;
    if (!ours || present.status !== 'open' || isOver(windows, block, sequence <= verifiedSequence))
      return undefined;
    return present.round;
  }
}
