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
    ];
  }

  /** Once at start: goes on with what an earlier run of the aggregator left unfinished. */
  async submitPendingProof(): Promise<void> {
    const { store, sender, settlement } = this.#modules;
    for (const row of await store.inState('committing', 'committed', 'revealing')) {
      const commitment = await settlement.getCommitment(row.sequence, this.#options.operator);
      const committed = commitment?.proofHash === row.proofHash;
      // A commitment of a round that is over is found by processResend, one that was verified by the watcher.
      if (committed && (await store.update(row.sequence, { state: 'committed', round: commitment.round })))
        sender.addCommitment(row.sequence);
      else if (!committed) await store.update(row.sequence, { state: 'none' });
    }
  }

  /** Hands the final proofs that were not sent yet to the sender. */
  async tryFetchProofToSend(): Promise<void> {
    for (const sequence of await this.#modules.store.unsent()) this.#modules.sender.addFinalProof(sequence);
  }

  /** Sends those again whose round has passed without a verified proof, or whose commitment is gone. */
  async processResend(): Promise<void> {
    const { store, sender, settlement, events, logger } = this.#modules;
    for (const row of await store.inState('committed', 'revealing')) {
      const { sequence } = row;
      if (sender.isSending(sequence)) continue;
      const [block, { verifiedSequence }, windows, commitment] = await Promise.all([
        settlement.blockNumber(),
        settlement.getState(),
        settlement.windows(sequence),
        settlement.getCommitment(sequence, this.#options.operator),
      ]);
      if (sequence <= verifiedSequence) continue;
      const current = commitment?.round === windows.round && commitment.proofHash === row.proofHash;
      if ((current && !isOver(windows, block)) || sender.isSending(sequence)) continue;
      if (!(await store.update(sequence, { state: 'none', round: null }))) continue;
      sender.restart(sequence);
      logger.warn('a round passed without a verified proof: committing again', { sequence, block });
      events.emit('roundMissed', { sequence });
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
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
