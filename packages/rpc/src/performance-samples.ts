import type { RpcBank } from './ports.js';

/** How much went into the blocks of about a minute, as getRecentPerformanceSamples shows it. */
export interface PerformanceSample {
  /** the last one of the sample */
  slot: bigint;
  numTransactions: number;
  numNonVoteTransactions: number;
  numSlots: number;
  samplePeriodSecs: number;
}

/** Agave takes a sample every minute, and answers with at most this many. */
const PERIOD_SECONDS = 60n;
const MAX_SAMPLES = 720;

/** Counts the transactions of the blocks that are made while the server runs; nothing of it is stored. */
export class PerformanceSamples {
  readonly #samples: PerformanceSample[] = [];
  readonly #stop: () => void;
  #open: { since: bigint; transactions: number; slots: number } | undefined;

  constructor(modules: { bank: Pick<RpcBank, 'on'> }) {
    this.#stop = modules.bank.on('blockCommitted', ({ block }) => this.#count(block));
  }

  /** Newest first. */
  newest(limit: number): PerformanceSample[] {
    return limit === 0 ? [] : this.#samples.slice(-limit).reverse();
  }

  close(): void {
    this.#stop();
  }

  #count({
    slot,
    unixTimestamp,
    transactions,
  }: {
    slot: bigint;
    unixTimestamp: bigint;
    transactions: number;
  }) {
    this.#open ??= { since: unixTimestamp, transactions: 0, slots: 0 };
    this.#open.transactions += transactions;
    this.#open.slots++;
    const seconds = unixTimestamp - this.#open.since;
    if (seconds < PERIOD_SECONDS) return;
    this.#samples.push({
      slot,
      numTransactions: this.#open.transactions,
      numNonVoteTransactions: this.#open.transactions,
      numSlots: this.#open.slots,
      samplePeriodSecs: Number(seconds),
    });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
    this.#open = { since: unixTimestamp, transactions: 0, slots: 0 };
  }
}
