import type { Logger } from '@polyproof/base';
import type { QueuedDeposit } from '@polyproof/svm';
import { InboxWatcher, type InboxWatcherOptions } from './inbox-watcher.js';
import type { DepositSource, InboxPort } from './ports.js';

/** Deposits looked at in one go: more than a batch takes. */
const LIMIT = 16;

/** Knows the deposits that wait in the base chain's inbox. */
export class DepositWatcher extends InboxWatcher implements DepositSource {
  protected readonly inboxName = 'inbox';
  readonly #inbox: InboxPort;
  readonly #bank: { readonly nextDeposit: bigint };
  /** Those of the inbox from an index on, as it was looked at last. */
  #seen: { from: bigint; deposits: readonly QueuedDeposit[] } = { from: 0n, deposits: [] };

  constructor(
    options: InboxWatcherOptions,
    modules: { inbox: InboxPort; bank: { readonly nextDeposit: bigint }; logger: Logger },
  ) {
    super(options, modules.logger);
    this.#inbox = modules.inbox;
    this.#bank = modules.bank;
  }

  /** Looks at the inbox now. */
  async look(): Promise<void> {
    const from = this.#bank.nextDeposit;
    const { confirmations } = this;
    this.#seen = { from, deposits: await this.#inbox.getDeposits(from, { limit: LIMIT, confirmations }) };
  }

  waiting(next: bigint): readonly QueuedDeposit[] {
    // After rolling back, what was seen begins too late.
    if (next < this.#seen.from) return [];
    return this.#seen.deposits.filter(({ index }) => index >= next);
  }
}
