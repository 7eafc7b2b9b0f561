import {
  type EventHub,
  fieldToHex,
  InvariantError,
  type Logger,
  loop,
  Mutex,
  PolyproofError,
  type Service,
} from '@polyproof/base';
import type { SettlementErrorCode, SettlementState } from '@polyproof/chain';
import type { Batch } from '@polyproof/svm';
import { SequenceSubmitterError } from './errors.js';
import type { SequencerEvents, SubmittedSequence } from './events.js';
import type { BatchSource, SettlementPort } from './ports.js';

export interface SequenceSubmitterOptions {
  /** Most batches in one sequence. Default 4. */
  maxBatchesPerSequence?: number;
  /** Longest time that a closed batch waits for others before it is submitted. Default 10,000 ms. */
  sequenceTimeoutMs?: number;
  /** Wait after a failed submission. Default 2,000 ms. */
  retryMs?: number;
  /** How often the two conditions above are looked at. Default 250 ms. */
  intervalMs?: number;
}

/**
 * Brings closed batches to the base chain, in order, each exactly once.
 *
 * What has been submitted is what the base chain says: no local record can disagree with it after a crash.
 * A submission whose fate is unknown is repeated with the same content, and only if the chain has not moved. When it
 * gets into a block after all, the contract refuses the repeated one by its batch number.
 */
export class SequenceSubmitter implements Service {
  readonly #options: Required<SequenceSubmitterOptions>;
  readonly #bank: BatchSource;
  readonly #settlement: SettlementPort;
  readonly #events: EventHub<SequencerEvents>;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Last batch known to be on chain; `undefined` until the chain has been asked. */
  #submittedThrough: bigint | undefined;
  /** When the oldest waiting batch was first seen. */
  #waiting: { batch: bigint; since: number } | undefined;
  /** The content of a submission that was tried and is not known to have succeeded. */
  #attempt: Batch[] | undefined;
  #notBefore = 0;

  constructor(
    options: SequenceSubmitterOptions,
    modules: {
      bank: BatchSource;
      settlement: SettlementPort;
      events: EventHub<SequencerEvents>;
      logger: Logger;
      now?: () => number;
    },
  ) {
    const {
      maxBatchesPerSequence = 4,
      sequenceTimeoutMs = 10_000,
      retryMs = 2_000,
      intervalMs = 250,
    } = options;
    this.#options = { maxBatchesPerSequence, sequenceTimeoutMs, retryMs, intervalMs };
    this.#bank = modules.bank;
    this.#settlement = modules.settlement;
    this.#events = modules.events;
    this.#logger = modules.logger;
    this.#now = modules.now ?? Date.now;
  }

  /** Last batch known to be on chain; `undefined` before the chain has answered for the first time. */
  get submittedThrough(): bigint | undefined {
    return this.#submittedThrough;
  }

  /** Submits by itself from now on, until {@link close}. */
  start(): void {
    this.#running = loop({
      step: () => this.step(),
      intervalMs: this.#options.intervalMs,
      signal: this.#abort.signal,
      onError: (error) => this.#logger.warn('submitting a sequence failed, trying again', {}, error),
    });
  }

  /** One look at the conditions: submits when enough batches wait or one has waited long enough. */
  async step(): Promise<void> {
    if (this.#now() < this.#notBefore) return;
    if (this.#submittedThrough === undefined) await this.#guard(() => this.#readChain());
    if (this.#isDue()) await this.submit();
  }

  /**
   * Submits the next sequence now; `undefined` when no closed batch waits.
   * @throws {SequenceSubmitterError} when bank and chain disagree; the settlement's own errors otherwise
   */
  submit(): Promise<SubmittedSequence | undefined> {
    return this.#mutex.run(() => this.#guard(() => this.#submitNext()));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#mutex.run(async () => undefined);
  }

  #isDue(): boolean {
    const first = (this.#submittedThrough ?? 0n) + 1n;
    const waiting = this.#bank.lastBatch - first + 1n;
    if (waiting <= 0n) {
      this.#waiting = undefined;
      return false;
    }
    if (this.#waiting?.batch !== first) this.#waiting = { batch: first, since: this.#now() };
    return (
      this.#attempt !== undefined ||
      waiting >= BigInt(this.#options.maxBatchesPerSequence) ||
      this.#now() - this.#waiting.since >= this.#options.sequenceTimeoutMs
    );
  }

  async #submitNext(): Promise<SubmittedSequence | undefined> {
    try {
      return await this.#submitAsTheChainSays();
    } catch (error) {
      if (!isUnexpectedBatch(error)) throw error;
      // The chain has moved since it was read, so it is read again. A second refusal means that it does not show
      // yet what it has: a submission of before is on its way to a block. That is for the next attempt to see.
      this.#logger.info('the base chain expects another batch, looking at it again', {
        reason: error.message,
      });
      return await this.#submitAsTheChainSays();
    }
  }

  async #submitAsTheChainSays(): Promise<SubmittedSequence | undefined> {
    const before = await this.#readChain();
    const landed = await this.#settleAttempt(before);
    if (landed !== undefined) return landed;
    const batches = this.#attempt ?? this.#collect(before.lastBatch + 1n);
    const [first, last] = [batches[0], batches.at(-1)];
    if (first === undefined || last === undefined) return undefined;

    this.#attempt = batches;
    const { sequence, transactionHash } = await this.#settlement.sequence(
      first.number,
      batches.map((batch) => batch.data),
      last.newStateRoot,
    );
    return this.#submitted({
      sequence,
      firstBatch: first.number,
      lastBatch: last.number,
      transactionHash,
    });
  }

  /** Decides what became of a submission that failed on our side: on chain after all, or free to be repeated. */
  async #settleAttempt(state: SettlementState): Promise<SubmittedSequence | undefined> {
    const [first, last] = [this.#attempt?.[0], this.#attempt?.at(-1)];
    if (first === undefined || last === undefined || state.lastBatch < first.number) return undefined;
    const { firstBatch, lastBatch } = await this.#settlement.getSequence(state.lastSequence);
    if (firstBatch === first.number && lastBatch === last.number)
      return this.#submitted({
        sequence: state.lastSequence,
        firstBatch,
        lastBatch,
        transactionHash: undefined,
      });
    this.#attempt = undefined; // the chain moved otherwise: begin from what it says now
    return undefined;
  }

  #submitted(sequence: SubmittedSequence): SubmittedSequence {
    this.#attempt = undefined;
    this.#submittedThrough = sequence.lastBatch;
    this.#logger.info('sequence submitted', { ...sequence });
    this.#events.emit('sequenceSubmitted', sequence);
    return sequence;
  }

  async #readChain(): Promise<SettlementState> {
    const state = await this.#settlement.getState();
    const { lastBatch, lastDataHash } = state;
    if (lastBatch > this.#bank.lastBatch)
      throw new SequenceSubmitterError(
        'CHAIN_AHEAD',
        `the base chain has batch ${lastBatch}, this node only ${this.#bank.lastBatch}: the data directory is ` +
          'older than the deployment, or belongs to another one.',
        { chainLastBatch: lastBatch, lastBatch: this.#bank.lastBatch },
      );
    const local = lastBatch === 0n ? undefined : this.#batch(lastBatch);
    if (local !== undefined && local.newDataHash !== lastDataHash)
      throw new SequenceSubmitterError(
        'CHAIN_DIVERGED',
        `batch ${lastBatch} has data hash ${fieldToHex(lastDataHash)} on the base chain and ` +
          `${fieldToHex(local.newDataHash)} here: the data directory belongs to another deployment.`,
        { batch: lastBatch },
      );
    this.#submittedThrough = lastBatch;
    return state;
  }

  #collect(first: bigint): Batch[] {
    const batches: Batch[] = [];
    const end = first + BigInt(this.#options.maxBatchesPerSequence);
    for (let number = first; number < end && number <= this.#bank.lastBatch; number++)
      batches.push(this.#batch(number));
    return batches;
  }

  #batch(number: bigint): Batch {
    const batch = this.#bank.getBatch(number);
    if (batch === undefined) throw new InvariantError(`batch ${number} is closed but not stored`, { number });
    return batch;
  }

  async #guard<T>(section: () => Promise<T>): Promise<T> {
    try {
      return await section();
    } catch (error) {
      this.#notBefore = this.#now() + this.#options.retryMs;
      throw error;
    }
  }
}

function isUnexpectedBatch(error: unknown): error is PolyproofError {
  const code: SettlementErrorCode = 'UnexpectedBatch';
  return error instanceof PolyproofError && error.code === code;
}
