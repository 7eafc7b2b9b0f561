import { equalBytes, type Logger } from '@polyproof/base';
import { encodeTransaction, forcedBatchData, forcedMessage } from '@polyproof/svm';
import { InboxWatcher, type InboxWatcherOptions } from './inbox-watcher.js';
import type { BatchSource, ForcedPort, SettlementPort } from './ports.js';
import type { ForcedBatch, ForcedSource } from './producer/ports.js';

/** Entries looked at in one go. */
const LIMIT = 16;

/** Knows the withdrawals that are forced through the base chain and are in no batch yet. */
export class ForcedWatcher extends InboxWatcher implements ForcedSource {
  protected readonly inboxName = 'forced inbox';
  readonly #inbox: ForcedPort;
  readonly #settlement: Pick<SettlementPort, 'getState'>;
  readonly #bank: BatchSource;
  /** In order; `submitted` is the last batch that the chain had before it said so. */
  #seen: { submitted: bigint; batches: readonly ForcedBatch[] } = { submitted: 0n, batches: [] };

  constructor(
    options: InboxWatcherOptions,
    modules: {
      inbox: ForcedPort;
      settlement: Pick<SettlementPort, 'getState'>;
      bank: BatchSource;
      logger: Logger;
    },
  ) {
    super(options, modules.logger);
    this.#inbox = modules.inbox;
    this.#settlement = modules.settlement;
    this.#bank = modules.bank;
  }

  /** Looks at the queue now. */
  async look(): Promise<void> {
    // In this order: a batch that is submitted in between is searched for its entry, and the entry may be gone.
    const { lastBatch: submitted } = await this.#settlement.getState();
    const { confirmations } = this;
    const entries = await this.#inbox.getForced({ limit: LIMIT, confirmations });
    const batches = entries.map((entry) => {
      const message = forcedMessage(entry);
      const wire = encodeTransaction([entry.signature], message);
      return { index: entry.index, wire, data: forcedBatchData(message) };
    });
    this.#seen = { submitted, batches };
  }

  next(): ForcedBatch | undefined {
    const { submitted, batches } = this.#seen;
    return batches.find(({ data }) => !this.#isClosed(data, submitted));
  }

  /** Whether a batch behind those that the chain had is this one. */
  #isClosed(data: Uint8Array, submitted: bigint): boolean {
    for (let number = this.#bank.lastBatch; number > submitted; number--) {
      const batch = this.#bank.getBatch(number);
      if (batch !== undefined && equalBytes(batch.data, data)) return true;
    }
    return false;
  }
}
