import { type EventHub, type Hex, type Logger, loop, type Service } from '@polyproof/base';
import type { AggregatorEvents } from '../events.js';
import type { SettlementPort } from '../ports.js';
import type { ProofSender } from '../proof-sender/proof-sender.js';
import type { SubmissionStore } from '../proof-sender/submission-store.js';
import { isOver } from '../proof-sender/windows.js';

export interface ProofManagerOptions {
  operator: Hex;
  /** how often the database is asked for proofs to send, and for rounds that were missed; default 1,000 */
  intervalMs?: number;
  /** wei of rewards that are worth a transaction to claim them; default 10^17 */
  claimFromWei?: bigint;
  /** blocks after which no reorganisation is expected; default 32 */
  finalBlocks?: number;
}

export interface ProofManagerModules {
  store: SubmissionStore;
  sender: ProofSender;
  settlement: SettlementPort;
  events: EventHub<AggregatorEvents>;
  logger: Logger;
}

/** Decides which stored proofs the proof sender works on: unfinished ones, new ones, and those to send again. */
export class ProofManager implements Service {
  readonly #options: ProofManagerOptions;
  readonly #modules: ProofManagerModules;
  readonly #abort = new AbortController();
  #loops: Promise<void>[] = [];
  #recovered = false;

  constructor(options: ProofManagerOptions, modules: ProofManagerModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    const run = (what: string, step: () => Promise<void>) =>
      loop({
        step: async () => {
          await this.#recover();
          await step();
        },
        intervalMs: this.#options.intervalMs ?? 1_000,
        signal: this.#abort.signal,
        onError: (error) => this.#modules.logger.warn(`${what} failed`, {}, error),
      });
    this.#loops = [
      run('looking for proofs to send', () => this.tryFetchProofToSend()),
      run('looking for missed rounds', () => this.processResend()),
      run('looking for reorganisations', () => this.processReorganisations()),
      run('collecting rewards', () => this.collectRewards()),
    ];
  }

  /** Once at start: goes on with what an earlier run of the aggregator left unfinished. */
  async submitPendingProof(): Promise<void> {
    const { store, sender, settlement } = this.#modules;
    // What was sent or about to be sent goes its way first, so that the chain tells all of it.
    await settlement.maintain();
    for (const row of await store.inState('committing', 'committed', 'revealing')) {
      const commitment = await settlement.getCommitment(row.sequence, this.#options.operator);
      const committed = commitment?.proofHash === row.proofHash;
      // A commitment of a round that is over is found by processResend, one that was revealed by the watcher.
      if (committed && (await store.update(row.sequence, { state: 'committed', round: commitment.round })))
        sender.addCommitment(row.sequence);
      else if (!committed && row.round === null) await store.update(row.sequence, { state: 'none' });
    }
  }

  /** Hands the final proofs that were not sent yet to the sender. */
  async tryFetchProofToSend(): Promise<void> {
    for (const sequence of await this.#modules.store.unsent()) this.#modules.sender.addFinalProof(sequence);
  }

  /**
   * Ends our commitments of rounds that are over, so that the stake behind them is free again. Where the sequence
   * is still not verified, or the commitment is gone, its proof is sent again.
   */
  async processResend(): Promise<void> {
    const { store, sender, settlement, events, logger } = this.#modules;
    for (const row of await store.inState('committed', 'revealing')) {
      const { sequence } = row;
      if (sender.isSending(sequence)) continue;
      const [block, { verifiedSequence }, windows, commitment] = await Promise.all([
        settlement.blockNumber(),
        settlement.getState(),
        settlement.windows(sequence),
        settlement.getCommitment(sequence, this.#options.operator, row.round ?? undefined),
      ]);
      const verified = sequence <= verifiedSequence;
      const present = commitment?.proofHash === row.proofHash;
      const current = present && commitment.round === windows.round;
      if ((current && !isOver(windows, block, verified)) || sender.isSending(sequence)) continue;
      if (present && commitment.status === 'open') await this.#settle(sequence, commitment.round);
      // What became of a commitment for a verified sequence is in the events.
      if (verified && current) continue;
      if (!(await store.update(sequence, { state: 'none', round: null }))) continue;
      sender.restart(sequence);
      if (!present && (commitment !== undefined || !isOver(windows, block, verified))) {
        this.#reorganised(sequence, 'commitment');
        continue;
      }
      logger.warn('a round passed without a verified proof: committing again', { sequence, block });
      events.emit('roundMissed', { sequence });
    }
  }

  /** Opens submissions again whose reveal, or all of them, a reorganisation took out of the chain. */
  async processReorganisations(): Promise<void> {
    const { store, sender, settlement } = this.#modules;
    await settlement.maintain();
    const [block, { verifiedSequence }] = await Promise.all([
      settlement.blockNumber(),
      settlement.getState(),
    ]);
    const from = block - BigInt(this.#options.finalBlocks ?? 32);
    for (const { sequence, round, proofHash } of await store.verifiedSince(from)) {
      const commitment = await settlement.getCommitment(sequence, this.#options.operator, round ?? undefined);
      const committed = commitment?.proofHash === proofHash;
      if ((committed && commitment.status !== 'open') || sender.isSending(sequence)) continue;
      // A bound proof was never committed to: it counts as long as its sequence is verified.
      if (sequence <= verifiedSequence && (await store.isBound(sequence))) continue;
      if (committed) {
        await store.reopen(sequence, { state: 'committed', round: commitment.round });
        sender.addCommitment(sequence);
      } else {
        await store.reopen(sequence, { state: 'none', round: null });
        sender.restart(sequence);
      }
      this.#reorganised(sequence, committed ? 'reveal' : 'commitment');
    }
  }

  /** Has our shares booked when nobody can join any more, and claims what was booked when it is worth it. */
  async collectRewards(): Promise<void> {
    const { store, settlement, events, logger } = this.#modules;
    const { operator, claimFromWei = 10n ** 17n } = this.#options;
    for (const { sequence, round } of await store.unpaid()) {
      const [block, windows, commitment] = await Promise.all([
        settlement.blockNumber(),
        settlement.windows(sequence),
        settlement.getCommitment(sequence, operator, round ?? undefined),
      ]);
      if (commitment?.status === 'revealed' && isOver(windows, block, true))
        await this.#settle(sequence, commitment.round);
    }
    const { earnedWei, claimedWei, availableWei } = await settlement.getRewards(operator);
    const amountWei = earnedWei - claimedWei;
    if (amountWei === 0n || amountWei < claimFromWei || amountWei > availableWei) return;
    const { transactionHash } = await settlement.claimRewards();
    logger.info('rewards claimed', { amountWei, transactionHash });
    events.emit('rewardsClaimed', { amountWei, transactionHash });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
  }

  #reorganised(sequence: bigint, what: 'commitment' | 'reveal'): void {
    this.#modules.logger.warn('a reorganisation took a transaction out: sending it again', {
      sequence,
      what,
    });
    this.#modules.events.emit('reorganised', { sequence, what });
  }

  async #settle(sequence: bigint, round: bigint): Promise<void> {
    const { settlement, logger } = this.#modules;
    const { transactionHash } = await settlement.settleCommitments(sequence, round, [this.#options.operator]);
    logger.info('commitment settled', { sequence, round, transactionHash });
  }

  async #recover(): Promise<void> {
    if (this.#recovered) return;
    this.#recovered = true;
    try {
      await this.submitPendingProof();
    } catch (error) {
      this.#recovered = false;
      throw error;
    }
  }
}
