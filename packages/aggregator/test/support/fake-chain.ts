import { createHash } from 'node:crypto';
import { type Hex, PolyproofError, toHex } from '@polyproof/base';
import type { Windows } from '@polyproof/chain';
import type { Inclusion, SequenceInfo, SettlementEvent, SettlementPort } from '../../src/index.js';
import { dataHashAfter, rootAfter } from './fake-rollup.js';

export const WE: Hex = '0x00000000000000000000000000000000000000aa';
export const RIVAL: Hex = '0x00000000000000000000000000000000000000bb';

const UNKNOWN = (1n << 64n) - 1n;
/** what every sequence earns, shared evenly: operators have the same stake here */
export const REWARD_WEI = 10n ** 20n;
export const PENALTY_WEI = 10n ** 16n;

type Commitment = Awaited<ReturnType<SettlementPort['getCommitment']>> & object;

interface Round {
  round: bigint;
  openedAt: bigint;
}

/** The settlement contract's rules, on blocks that the test makes. A transaction is mined alone, at once. */
export class FakeChain {
  readonly commitWindow = 4n;
  readonly revealWindow = 4n;
  readonly shareWindow = 2n;
  verifiedSequence = 0n;
  #block = 10n;
  /** The state at the end of each block that a transaction or a miner went on from. */
  readonly #history: [block: bigint, restore: () => void][] = [];
  /** last blocks in front of reorganisations */
  readonly #forks: bigint[] = [];
  /** names of the errors that transactions of ours met */
  readonly reverts: string[] = [];
  readonly #sequences = new Map<bigint, SequenceInfo>();
  readonly #rounds = new Map<bigint, Round>();
  /** by sequence, round and operator */
  readonly #commitments = new Map<string, Commitment>();
  /** rounds that a bound proof ended while they ran: sequence and round */
  readonly #void = new Set<string>();
  readonly #verifiedAt = new Map<bigint, bigint>([[0n, 0n]]);
  readonly #earned = new Map<Hex, bigint>();
  claimedWei = 0n;
  availableWei = 0n;
  readonly #events: SettlementEvent[] = [];

  get block(): bigint {
    return this.#block;
  }

  set block(next: bigint) {
    this.#history.push([this.#block, this.#snapshot()]);
    this.#block = next;
  }

  /** Replaces the last blocks by empty ones. */
  reorganise(depth: number): void {
    const fork = this.#block - BigInt(depth);
    const [, restore] = this.#history.findLast(([block]) => block <= fork)!;
    const kept = this.#history.filter(([block]) => block <= fork);
    restore();
    this.#forks.push(fork);
    this.#history.splice(0, this.#history.length, ...kept);
  }

  /** Every reorganisation makes other blocks of those behind its fork. */
  #hashOf(block: bigint): Hex | undefined {
    if (block > this.block) return undefined;
    const edition = this.#forks.filter((fork) => fork < block).length;
    return toHex(createHash('sha256').update(`${block} ${edition}`).digest());
  }

  #snapshot(): () => void {
    const maps = [this.#sequences, this.#rounds, this.#commitments, this.#verifiedAt, this.#earned] as Map<
      unknown,
      unknown
    >[];
    const copies = maps.map((map) => structuredClone(map));
    const events = [...this.#events];
    const { verifiedSequence, claimedWei, availableWei } = this;
    return () => {
      Object.assign(this, { verifiedSequence, claimedWei, availableWei });
      for (const [i, map] of maps.entries()) {
        map.clear();
        for (const [key, value] of structuredClone(copies[i]!)) map.set(key, value);
      }
      this.#events.splice(0, this.#events.length, ...events);
    };
  }

  mine(blocks: number): void {
    this.block += BigInt(blocks);
  }

  /** Mines up to a block. A round that waits for the sequence before it has none yet. */
  mineTo(block: bigint): void {
    if (block > this.block && block !== UNKNOWN) this.block = block;
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
    const { round, openedAt } = this.#rounds.get(sequence) ?? { round: 0n, openedAt: 0n };
    const possibleFrom = this.#verifiedAt.get(sequence - 1n);
    const lastCommitBlock = round === 0n ? 0n : openedAt + this.commitWindow;
    if (round === 0n)
      return {
        round,
        openedAt,
        lastCommitBlock,
        firstRevealBlock: 0n,
        lastRevealBlock: 0n,
        lastShareBlock: 0n,
      };
    if (possibleFrom === undefined)
      return {
        round,
        openedAt,
        lastCommitBlock,
        firstRevealBlock: UNKNOWN,
        lastRevealBlock: UNKNOWN,
        lastShareBlock: UNKNOWN,
      };
    const firstRevealBlock = possibleFrom > lastCommitBlock ? possibleFrom : lastCommitBlock + 1n;
    const lastRevealBlock = firstRevealBlock + this.revealWindow - 1n;
    const lastShareBlock = lastRevealBlock + this.shareWindow;
    return { round, openedAt, lastCommitBlock, firstRevealBlock, lastRevealBlock, lastShareBlock };
  }

  commitment(sequence: bigint, operator: Hex, round?: bigint): Commitment | undefined {
    return this.#commitments.get(`${sequence} ${round ?? this.windows(sequence).round} ${operator}`);
  }

  commit(operator: Hex, sequence: bigint, proofHash: Hex): Inclusion {
    const block = this.block + 1n;
    const windows = this.windows(sequence);
    let { round } = windows;
    if (sequence <= this.verifiedSequence) this.#revert(operator, 'AlreadyVerified');
    if (round === 0n || block > windows.lastRevealBlock) {
      round += 1n;
      this.#rounds.set(sequence, { round, openedAt: block });
    } else if (block > windows.lastCommitBlock) this.#revert(operator, 'CommitWindowClosed');
    else if (this.commitment(sequence, operator)) this.#revert(operator, 'AlreadyCommitted');
    this.block = block;
    this.#commitments.set(`${sequence} ${round} ${operator}`, { round, proofHash, status: 'open' });
    const { transactionHash } = this.#inclusion('commit', sequence, operator);
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
    const commitment = this.commitment(sequence, operator);
    const further = sequence <= this.verifiedSequence;
    if (sequence > this.verifiedSequence + 1n) this.#revert(operator, 'OutOfOrder');
    if (block < windows.firstRevealBlock) this.#revert(operator, 'RevealWindowNotOpen');
    if (block > (further ? windows.lastShareBlock : windows.lastRevealBlock))
      this.#revert(operator, 'RevealWindowClosed');
    if (commitment === undefined) return this.#revert(operator, 'NoCommitment');
    if (commitment.status !== 'open') this.#revert(operator, 'AlreadyRevealed');
    if (commitment.proofHash !== proofHash(proof, operator)) this.#revert(operator, 'ProofHashMismatch');
    if (newStateRoot !== this.#sequences.get(sequence)?.claimedRoot)
      this.#revert(operator, 'StateRootMismatch');
    this.block = block;
    commitment.status = 'revealed';
    const inclusion = this.#inclusion('reveal', sequence, operator);
    const { transactionHash } = inclusion;
    const event = { sequence, operator, transactionHash, blockNumber: block };
    this.#events.push({ type: 'ProofRevealed', ...event, round: windows.round });
    if (!further) {
      this.verifiedSequence = sequence;
      this.#verifiedAt.set(sequence, block);
      this.#events.push({ type: 'SequenceVerified', ...event });
    }
    if (this.#inRound(sequence).every(([, { status }]) => status !== 'open')) this.#book(sequence, operator);
    return inclusion;
  }

  /** A bound proof stands in a round of its own, and takes the whole reward. */
  submitBound(operator: Hex, sequence: bigint, proof: Uint8Array, newStateRoot: bigint): Inclusion {
    if (sequence <= this.verifiedSequence) this.#revert(operator, 'AlreadyVerified');
    if (sequence > this.verifiedSequence + 1n) this.#revert(operator, 'OutOfOrder');
    if (newStateRoot !== this.#sequences.get(sequence)?.claimedRoot)
      this.#revert(operator, 'StateRootMismatch');
    this.block++;
    const running = this.windows(sequence);
    if (this.block <= running.lastRevealBlock) this.#void.add(`${sequence} ${running.round}`);
    const round = running.round + 1n;
    this.#rounds.set(sequence, { round, openedAt: this.block });
    this.#commitments.set(`${sequence} ${round} ${operator}`, {
      round,
      proofHash: proofHash(proof, operator),
      status: 'revealed',
    });
    const inclusion = this.#inclusion('submit', sequence, operator);
    const { transactionHash } = inclusion;
    const event = { sequence, operator, transactionHash, blockNumber: this.block };
    this.#events.push({ type: 'ProofRevealed', ...event, round });
    this.verifiedSequence = sequence;
    this.#verifiedAt.set(sequence, this.block);
    this.#events.push({ type: 'SequenceVerified', ...event });
    this.#book(sequence, operator);
    // Nobody committed to it: the contract has no commitment.
    this.#commitments.delete(`${sequence} ${round} ${operator}`);
    return inclusion;
  }

  settle(caller: Hex, sequence: bigint, round: bigint, operators: readonly Hex[]): Inclusion {
    const block = this.block + 1n;
    const windows = this.windows(sequence);
    const verified = sequence <= this.verifiedSequence;
    if (
      round === windows.round &&
      block <= (verified ? windows.lastShareBlock : windows.lastRevealBlock) &&
      !(verified && this.#inRound(sequence).every(([, { status }]) => status !== 'open'))
    )
      this.#revert(caller, 'RoundNotOver');
    this.block = block;
    for (const operator of operators) {
      const commitment = this.commitment(sequence, operator, round);
      if (commitment?.status === 'revealed') this.#book(sequence, operator);
      if (commitment?.status !== 'open') continue;
      commitment.status = 'settled';
      if (this.#void.has(`${sequence} ${round}`)) continue;
      const { transactionHash } = this.#inclusion('settle', sequence, caller);
      this.#events.push({
        type: 'CommitmentPenalised',
        sequence,
        operator,
        round,
        offence: verified && round === windows.round ? 'missedReveal' : 'failedRound',
        amountWei: PENALTY_WEI,
        transactionHash,
        blockNumber: block,
      });
    }
    return this.#inclusion('settle', sequence, caller);
  }

  /** The chain as our aggregator sees it; `intercept` may throw, before or after the transaction took effect. */
  port(
    intercept: {
      commit?: (send: () => Inclusion) => Inclusion;
      reveal?: typeof intercept.commit;
      submit?: typeof intercept.commit;
    } = {},
  ): SettlementPort {
    const through = (send: () => Inclusion, via?: (send: () => Inclusion) => Inclusion) =>
      (via ?? ((s) => s()))(send);
    return {
      blockNumber: async () => this.block,
      blockHash: async (n) => this.#hashOf(n),
      getState: async () => ({ verifiedSequence: this.verifiedSequence }),
      getClaimedRoot: async (n) => this.#sequences.get(n)?.claimedRoot ?? rootAfter(0n),
      windows: async (n) => this.windows(n),
      getCommitment: async (n, operator, round) => {
        const commitment = this.commitment(n, operator, round);
        return commitment && { ...commitment };
      },
      commit: async (n, hash) => through(() => this.commit(WE, n, hash), intercept.commit),
      reveal: async (n, proof, root) => through(() => this.reveal(WE, n, proof, root), intercept.reveal),
      submit: async (n, proof, root) => through(() => this.submitBound(WE, n, proof, root), intercept.submit),
      settleCommitments: async (n, round, operators) => this.settle(WE, n, round, operators),
      maintain: async () => undefined,
      getReward: async () => REWARD_WEI,
      gasPriceWei: async () => 10n ** 9n,
      getRewards: async (operator) => ({
        earnedWei: this.#earned.get(operator) ?? 0n,
        claimedWei: this.claimedWei,
        availableWei: this.availableWei,
      }),
      claimRewards: async () => {
        const owed = (this.#earned.get(WE) ?? 0n) - this.claimedWei;
        if (owed === 0n) this.#revert(WE, 'NothingToClaim');
        if (owed > this.availableWei) this.#revert(WE, 'InsufficientFunds');
        this.block++;
        this.availableWei -= owed;
        this.claimedWei += owed;
        return this.#inclusion('claim', 0n, WE);
      },
      getEvents: async (from, to) =>
        this.#events.filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to),
      proofHash,
    };
  }

  /** The commitments of a sequence's newest round, by operator. */
  #inRound(sequence: bigint): [operator: Hex, commitment: Commitment][] {
    const prefix = `${sequence} ${this.windows(sequence).round} `;
    return [...this.#commitments]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, commitment]) => [key.slice(prefix.length) as Hex, commitment]);
  }

  /** Books an operator's share; nobody can join any more. */
  #book(sequence: bigint, operator: Hex): void {
    const commitment = this.commitment(sequence, operator)!;
    const sharers = this.#events.flatMap((event) =>
      event.type === 'ProofRevealed' && event.sequence === sequence ? [event.operator] : [],
    );
    const amountWei = REWARD_WEI / BigInt(sharers.length);
    commitment.status = 'settled';
    this.#earned.set(operator, (this.#earned.get(operator) ?? 0n) + amountWei);
    const { transactionHash } = this.#inclusion('book', sequence, operator);
    this.#events.push({
      type: 'RewardEarned',
      sequence,
      operator,
      amountWei,
      transactionHash,
      blockNumber: this.block,
    });
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
