import { MultiMap } from './multi-map.js';
import { ProgramIndex } from './program-index.js';
import type { Subscription, SubscriptionTo, Topic } from './types.js';

/** The subscriptions of one level by what they are about, so that a block only looks at those that it concerns. */
export class TopicIndex {
  readonly accounts = new MultiMap<SubscriptionTo<'account'>>();
  readonly programs = new ProgramIndex();
  readonly signatures = new MultiMap<SubscriptionTo<'signature'>>();
  readonly logsOf = new MultiMap<SubscriptionTo<'logs'>>();
  /** logs of all transactions but votes */
  readonly logs = new Set<SubscriptionTo<'logs'>>();
  readonly logsWithVotes = new Set<SubscriptionTo<'logs'>>();
  readonly slots = new Set<SubscriptionTo<'slot'>>();
  readonly roots = new Set<SubscriptionTo<'root'>>();
  readonly slotsUpdates = new Set<SubscriptionTo<'slotsUpdates'>>();

  add(subscription: Subscription): void {
    this.#change(subscription, 'add');
  }

  delete(subscription: Subscription): void {
    this.#change(subscription, 'delete');
  }

  #change(subscription: Subscription, what: 'add' | 'delete'): void {
    if (is(subscription, 'account')) this.accounts[what](subscription.topic.address, subscription);
    else if (is(subscription, 'program')) this.programs[what](subscription);
    else if (is(subscription, 'signature'))
      this.signatures[what](subscription.topic.signatureKey, subscription);
    else if (is(subscription, 'logs')) {
      const { topic } = subscription;
      if (topic.filter === 'mentions') this.logsOf[what](topic.address, subscription);
      else (topic.filter === 'all' ? this.logs : this.logsWithVotes)[what](subscription);
    } else if (is(subscription, 'slot')) this.slots[what](subscription);
    else if (is(subscription, 'root')) this.roots[what](subscription);
    else if (is(subscription, 'slotsUpdates')) this.slotsUpdates[what](subscription);
  }
}

function is<Kind extends Topic['kind']>(
  subscription: Subscription,
  kind: Kind,
): subscription is SubscriptionTo<Kind> {
  return subscription.topic.kind === kind;
}
