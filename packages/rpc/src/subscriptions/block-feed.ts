import type { Logger, Service } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import {
  type CommittedBlock,
  decodeBase58,
  type RuntimeTransaction,
  type SignatureStatus,
  type StoredBlock,
} from '@polyproof/svm';
import { addressText } from '../encoding/address-text.js';
import type { Finality } from '../finality.js';
import type { RpcBank, SettlementPort } from '../ports.js';
import { runtimeAccount } from '../runtime-accounts.js';
import { stringifyJson } from '../server/json.js';
import { FinalityBuffer, type FinalityOptions } from './finality-buffer.js';
import { bytesKey } from './multi-map.js';
import { contextual, notification, notify } from './notification.js';
import { Publisher } from './publisher.js';
import type { SubscriptionRegistry } from './registry.js';
import { notifySlotUpdates } from './slot-updates.js';
import type { AccountChange, Level, Subscriber, SubscriptionTo } from './types.js';

export interface BlockFeedOptions extends FinalityOptions {
  /** Verification is looked for with every block and beside that so often, in ms. Default 1,000. */
  finalityPollMs?: number;
}

export interface BlockFeedModules {
  bank: RpcBank;
  registry: SubscriptionRegistry;
  finality: Pick<Finality, 'batch' | 'slot'>;
  settlement: Pick<SettlementPort, 'onVerified'>;
  /** What a transaction of a block has logged. */
  logsOf: (transaction: CommittedBlock['transactions'][number]) => readonly string[];
  logger: Logger;
}

const SYSVARS = [
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
].map((text) => {
  const address = decodeBase58(text);
  return { address, key: bytesKey(address) };
});
const VOTE_PROGRAM = 'Vote111111111111111111111111111111111111111';

/**
 * Tells subscribers what blocks have changed: those of `processed` and `confirmed` when a block is on disk, those of
 * `finalized` when its batch is verified on the base chain.
 *
 * At that moment a `finalized` subscriber hears of each account once: of its newest state in the batch. What had changed
 * before somebody subscribed at all is not told afterwards, except for signatures.
 */
export class BlockFeed implements Service {
  readonly #modules: BlockFeedModules;
  readonly #head: Publisher;
  readonly #final: Publisher;
  readonly #buffer: FinalityBuffer;
  /** the batch that the transaction of a `finalized` subscription is in, as far as that is known */
  readonly #batches = new WeakMap<SubscriptionTo<'signature'>, bigint>();
  readonly #stops: (() => void)[] = [];
  readonly #poll: NodeJS.Timeout;
  #verified: bigint;

  constructor(options: BlockFeedOptions, modules: BlockFeedModules) {
    const { bank, registry, finality, settlement, logger } = modules;
    this.#modules = modules;
    this.#head = new Publisher(registry.head, { bank, logger });
    this.#final = new Publisher(registry.final, { bank, logger });
    this.#buffer = new FinalityBuffer(options, { logger });
    this.#verified = finality.batch;
    this.#stops.push(bank.on('blockCommitted', (committed) => this.#onBlock(committed)));
    this.#stops.push(bank.on('rolledBack', ({ batch }) => this.#buffer.dropFrom(batch + 1n)));
    const stop = settlement.onVerified?.(() => this.#lookForFinality());
    if (stop !== undefined) this.#stops.push(stop);
    this.#poll = setInterval(() => this.#lookForFinality(), options.finalityPollMs ?? 1_000);
    this.#poll.unref();
  }

  /** Whether a signature that somebody has subscribed to has reached the level that he waits for. */
  isDone(subscription: SubscriptionTo<'signature'>): boolean {
    const { signature, level } = subscription.topic;
    const status = this.#modules.bank.getSignatureStatus(signature);
    if (status === undefined) return false;
    if (level === 'final') this.#batches.set(subscription, status.batch);
    return this.#hasReached(level, status);
  }

  /**
   * Tells what became of a transaction and ends the subscription, if it has reached the level.
   * @param only - for one of the subscribers instead of all
   */
  finish(subscription: SubscriptionTo<'signature'>, only?: Subscriber): void {
    const { signature, level } = subscription.topic;
    // Read anew: the transaction may have been rolled back, or have come into another batch since.
    const status = this.#modules.bank.getSignatureStatus(signature);
    if (status === undefined) return;
    if (!this.#hasReached(level, status)) {
      this.#batches.set(subscription, status.batch);
      return;
    }
    const { registry } = this.#modules;
    for (const one of only === undefined ? [...subscription.subscribers] : [only]) {
      // It may have unsubscribed, or gone.
      if (!registry.unsubscribe(one, subscription.id)) continue;
      one.notify(notification('signature', subscription.id, signatureText(status)));
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    clearInterval(this.#poll);
  }

  #onBlock(committed: CommittedBlock): void {
    const { slot } = committed.block;
    this.#signatures(committed);
    this.#logs(committed);
    this.#accounts(committed);
    const { finality, registry } = this.#modules;
    const { head } = registry;
    // After what the block holds: clients take a slot as the sign that it holds nothing more.
    if (head.slots.size > 0) {
      const result = `{"parent":${slot - 1n},"root":${finality.slot},"slot":${slot}}`;
      for (const one of head.slots) notify(one, result);
    }
    notifySlotUpdates(head.slotsUpdates, committed);
    this.#lookForFinality();
  }

  #signatures({ block, transactions }: CommittedBlock): void {
    const { registry } = this.#modules;
    const [head, final] = [registry.head.signatures, registry.final.signatures];
    if (head.size === 0 && final.size === 0) return;
    transactions.forEach(({ signature, outcome }, index) => {
      const key = bytesKey(signature);
      const status = { slot: block.slot, index, batch: block.batch, error: outcome.error };
      for (const one of [...(head.get(key) ?? [])]) {
        if (one.topic.received) notifyReceived(one, block.slot);
        notify(one, signatureText(status));
        registry.end(one);
      }
      for (const one of final.get(key) ?? []) {
        if (one.topic.received) notifyReceived(one, block.slot);
        this.#batches.set(one, block.batch);
      }
    });
  }

  #logs({ block, transactions }: CommittedBlock): void {
    if (!this.#head.wantsLogs && !this.#final.wantsLogs) return;
    for (const entry of transactions) {
      const { signature, transaction, outcome } = entry;
      const mentions = transaction.accountKeys.map(bytesKey);
      const isVote = isSimpleVote(transaction);
      const now = this.#head.logsSubscriptions(mentions, isVote);
      const later = this.#final.logsSubscriptions(mentions, isVote).length > 0;
      if (now.length === 0 && !later) continue;
      const logs = this.#modules.logsOf(entry);
      const of = { slot: block.slot, signature, error: outcome.error ?? null, logs, mentions, isVote };
      this.#head.logs(of, now);
      if (later) this.#buffer.addLogs(block.batch, of);
    }
  }

  #accounts({ block, accounts }: CommittedBlock): void {
    const { registry } = this.#modules;
    const idle = [registry.head, registry.final].every(
      ({ accounts, programs }) => accounts.size === 0 && programs.size === 0,
    );
    if (idle) return;
    for (const { address, account } of accounts) this.#account(block, address, account);
    // Those that the runtime changes with every slot are not among the changes of a block.
    for (const { address, key } of SYSVARS)
      if (registry.head.accounts.has(key) || registry.final.accounts.has(key))
        this.#account(block, address, runtimeAccount(this.#modules.bank, address) ?? null);
  }

  #account({ slot, batch }: StoredBlock, address: Uint8Array, account: Account | null): void {
    const change: AccountChange = { slot, address, key: bytesKey(address), account };
    this.#head.account(change);
    // Also what is no longer wanted must replace what was: the account may have left the program.
    if (this.#final.wantsAccount(change) || this.#buffer.hasAccount(batch, change.key))
      this.#buffer.addAccount(batch, change);
  }

  #lookForFinality(): void {
    const { finality, registry } = this.#modules;
    const { batch: verified } = finality;
    if (verified === this.#verified) return;
    const ahead = verified > this.#verified;
    this.#verified = verified;
    if (!ahead) return; // the base chain has been reorganised
    this.#finalSignatures();
    for (const batch of this.#buffer.takeUpTo(verified)) {
      for (const logs of batch.logs)
        this.#final.logs(logs, this.#final.logsSubscriptions(logs.mentions, logs.isVote));
      for (const change of batch.accounts.values()) this.#final.account(change);
    }
    const root = finality.slot;
    for (const one of registry.head.roots) notify(one, `${root}`);
    const update = `{"slot":${root},"timestamp":${Date.now()},"type":"root"}`;
    for (const one of registry.head.slotsUpdates) notify(one, update);
  }

  #finalSignatures(): void {
    const { registry } = this.#modules;
    for (const one of [...registry.final.signatures.values()]) {
      const batch = this.#batches.get(one);
      if (batch === undefined || batch > this.#verified) continue;
      this.#batches.delete(one);
      this.finish(one);
    }
  }

  #hasReached(level: Level, status: SignatureStatus): boolean {
    return level === 'head' || status.batch <= this.#verified;
  }
}

function signatureText({ slot, error }: SignatureStatus): string {
  return contextual(slot, `{"err":${stringifyJson(error ?? null)}}`);
}

function notifyReceived(subscription: SubscriptionTo<'signature'>, slot: bigint): void {
  notify(subscription, contextual(slot, '"receivedSignature"'));
}

/** A transaction of the Vote program alone, as `logsSubscribe` leaves them out. */
function isSimpleVote({ transaction, accountKeys }: RuntimeTransaction): boolean {
  const { instructions } = transaction.message;
  const program = accountKeys[instructions[0]?.programIdIndex ?? -1];
  return instructions.length === 1 && program !== undefined && addressText(program) === VOTE_PROGRAM;
}
