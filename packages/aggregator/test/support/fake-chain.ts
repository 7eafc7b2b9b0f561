import { createHash } from 'node:crypto';
import { type Hex, PolyproofError, toHex } from '@polyproof/base';
import type { Windows } from '@polyproof/chain';
import type { Inclusion, SequenceInfo, SettlementEvent, SettlementPort } from '../../src/index.js';
import { dataHashAfter, rootAfter } from './fake-rollup.js';

export const WE: Hex = '0x00000000000000000000000000000000000000aa';
export const RIVAL: Hex = '0x00000000000000000000000000000000000000bb';

const NO_ROUND = { round: 0n, openedAt: 0n, lastCommitBlock: 0n, firstRevealBlock: 0n, lastRevealBlock: 0n };

/** The settlement contract's rules, on blocks that the test makes. A transaction is mined alone, at once. */
export class FakeChain {
  readonly commitWindow = 4n;
  readonly revealWindow = 4n;
  block = 10n;
  verifiedSequence = 0n;
  /** names of the errors that transactions of ours met */
  readonly reverts: string[] = [];
  readonly #sequences = new Map<bigint, SequenceInfo>();
  readonly #rounds = new Map<bigint, Windows>();
  readonly #commitments = new Map<string, { round: bigint; proofHash: Hex }>();
  readonly #events: SettlementEvent[] = [];

  mine(blocks: number): void {
    this.block += BigInt(blocks);
  }

  /** Mines up to the block before the first that takes the proof, or further. */
  mineTo(block: bigint): void {
    if (block > this.block) this.block = block;
  }

  submit(batches: number, claimedRoot?: bigint): bigint {
    const sequence = BigInt(this.#sequences.size) + 1n;
    const firstBatch = (this.#sequences.get(sequence - 1n)?.lastBatch ?? 0n) + 1n;
    const lastBatch = firstBatch + BigInt(batches) - 1n;
    this.block++;
    const info: SequenceInfo = {
      sequence,
      firstBatch,
      lastBatch,
      prevDataHash: dataHashAfter(firstBatch - 1n),
      newDataHash: dataHashAfter(lastBatch),
      claimedRoot: claimedRoot ?? rootAfter(lastBatch),
      blockNumber: this.block,
    };
    this.#sequences.set(sequence, info);
    this.#events.push({ type: 'SequenceSubmitted', ...info });
    return sequence;
  }

  windows(sequence: bigint): Windows {
    return this.#rounds.get(sequence) ?? NO_ROUND;
  }

  commitment(sequence: bigint, operator: Hex): { round: bigint; proofHash: Hex } | undefined {
    const commitment = this.#commitments.get(`${sequence} ${operator}`);
    return commitment?.round === this.windows(sequence).round ? commitment : undefined;
  }

  commit(operator: Hex, sequence: bigint, proofHash: Hex): Inclusion {
    const block = this.block + 1n;
    let windows = this.windows(sequence);
    if (sequence <= this.verifiedSequence) this.#revert(operator, 'AlreadyVerified');
    if (windows.round === 0n || block > windows.lastRevealBlock)
      windows = {
        round: windows.round + 1n,
        openedAt: block,
        lastCommitBlock: block + this.commitWindow,
        firstRevealBlock: block + this.commitWindow + 1n,
        lastRevealBlock: block + this.commitWindow + this.revealWindow,
      };
    else if (block > windows.lastCommitBlock) this.#revert(operator, 'CommitWindowClosed');
    else if (this.commitment(sequence, operator)) this.#revert(operator, 'AlreadyCommitted');
    this.block = block;
    this.#rounds.set(sequence, windows);
    this.#commitments.set(`${sequence} ${operator}`, { round: windows.round, proofHash });
    const { transactionHash } = this.#inclusion('commit', sequence, operator);
    const { round } = windows;
    this.#events.push({
      type: 'ProofCommitted',
      sequence,
      operator,
      round,
      proofHash,
      transactionHash,
      blockNumber: block,
    });
    return this.#inclusion('commit', sequence, operator);
  }

  reveal(operator: Hex, sequence: bigint, proof: Uint8Array, newStateRoot: bigint): Inclusion {
    const block = this.block + 1n;
    const windows = this.windows(sequence);
    if (sequence <= this.verifiedSequence) this.#revert(operator, 'AlreadyVerified');
    if (sequence !== this.verifiedSequence + 1n) this.#revert(operator, 'OutOfOrder');
    if (block < windows.firstRevealBlock) this.#revert(operator, 'RevealWindowNotOpen');
    if (block > windows.lastRevealBlock) this.#revert(operator, 'RevealWindowClosed');
    if (this.commitment(sequence, operator)?.proofHash !== proofHash(proof, operator))
      this.#revert(operator, 'ProofHashMismatch');
    if (newStateRoot !== this.#sequences.get(sequence)?.claimedRoot)
      this.#revert(operator, 'StateRootMismatch');
    this.block = block;
    this.verifiedSequence = sequence;
    const inclusion = this.#inclusion('reveal', sequence, operator);
    const { transactionHash } = inclusion;
    this.#events.push({
      type: 'SequenceVerified',
      sequence,
      operator,
      rewardWei: 10n ** 20n,
      transactionHash,
      blockNumber: block,
    });
    return inclusion;
  }

  /** The chain as our aggregator sees it; `intercept` may throw, before or after the transaction took effect. */
  port(
    intercept: { commit?: (send: () => Inclusion) => Inclusion; reveal?: typeof intercept.commit } = {},
  ): SettlementPort {
    const through = (send: () => Inclusion, via?: (send: () => Inclusion) => Inclusion) =>
      (via ?? ((s) => s()))(send);
    return {
      blockNumber: async () => this.block,
      getState: async () => ({ verifiedSequence: this.verifiedSequence }),
      getClaimedRoot: async (n) => this.#sequences.get(n)?.claimedRoot ?? rootAfter(0n),
      windows: async (n) => this.windows(n),
      getCommitment: async (n, operator) => this.commitment(n, operator),
      commit: async (n, hash) => through(() => this.commit(WE, n, hash), intercept.commit),
      reveal: async (n, proof, root) => through(() => this.reveal(WE, n, proof, root), intercept.reveal),
      getEvents: async (from, to) =>
        this.#events.filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to),
      proofHash,
    };
  }

  #revert(operator: Hex, code: string): never {
    if (operator === WE) this.reverts.push(code);
    throw new PolyproofError(code, `${code} at block ${this.block + 1n}`);
  }

  #inclusion(what: string, sequence: bigint, operator: Hex): Inclusion {
    const transactionHash = toHex(
      createHash('sha256').update(`${what} ${sequence} ${operator} ${this.block}`).digest(),
    );
    return { transactionHash, gasUsed: what === 'commit' ? 60_000n : 900_000n, blockNumber: this.block };
  }
}

export function proofHash(proof: Uint8Array, operator: Hex): Hex {
  return toHex(createHash('sha256').update(proof).update(operator).digest());
}
