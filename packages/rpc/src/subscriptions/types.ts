import type { Account } from '@polyproof/state';
import type { AccountJsonOptions } from '../encoding/account-json.js';
import type { AccountFilter } from '../encoding/filters.js';

/**
 * When subscribers hear of a change: `head`, as soon as its block is on disk (processed, confirmed); `final`, as soon as
 * the block's batch is verified on the base chain (finalized).
 */
export type Level = 'head' | 'final';

/** What can be subscribed to. Keys are those of `bytesKey`. */
export type Topic =
  | { kind: 'account'; level: Level; address: string; form: AccountForm }
  | { kind: 'program'; level: Level; program: string; form: AccountForm; filters: readonly AccountFilter[] }
  | { kind: 'signature'; level: Level; signature: Uint8Array; signatureKey: string; received: boolean }
  | { kind: 'logs'; level: Level; filter: 'all' | 'allWithVotes' }
  | { kind: 'logs'; level: Level; filter: 'mentions'; address: string }
  | { kind: 'slot' }
  | { kind: 'root' }
  | { kind: 'slotsUpdates' };

export type TopicOf<Kind extends Topic['kind']> = Extract<Topic, { kind: Kind }>;

/** How an account is to be shown; `name` is the same for the same options. */
export interface AccountForm extends AccountJsonOptions {
  name: string;
}

/** What several clients that ask for the same share: as in Agave, the id too. */
export interface Subscription<T extends Topic = Topic> {
  readonly id: number;
  readonly topic: T;
  readonly subscribers: Set<Subscriber>;
}

export type SubscriptionTo<Kind extends Topic['kind']> = Subscription<TopicOf<Kind>>;

/** A client's end of its subscriptions. */
export interface Subscriber {
  /** Takes a notification, a JSON text. */
  notify(text: Buffer): void;
}

/** An account that a block has changed. */
export interface AccountChange {
  slot: bigint;
  address: Uint8Array;
  key: string;
  account: Account | null;
}

/** What a transaction of a block has logged. */
export interface TransactionLogs {
  slot: bigint;
  signature: Uint8Array;
  /** Solana's TransactionError in its JSON form; null where it succeeded */
  error: unknown;
  logs: readonly string[];
  /** keys of every account that it names */
  mentions: readonly string[];
  isVote: boolean;
}
