import { RpcError } from '../errors.js';
import { probeOf } from './program-index.js';
import { TopicIndex } from './topic-index.js';
import type { Level, Subscriber, Subscription, Topic, TopicOf } from './types.js';

export interface SubscriptionLimits {
  /** Most subscriptions of one websocket. Default 1,000. */
  maxSubscriptionsPerConnection?: number;
  /** Most subscriptions of all websockets together. Default 50,000. */
  maxSubscriptions?: number;
  /**
   * Most different places in the accounts of one program that filters of `programSubscribe` may compare: each is looked at in
   * every account that changes. Default 128.
   */
  maxFilterPlaces?: number;
}

/** Who has subscribed to what. */
export class SubscriptionRegistry {
  readonly head = new TopicIndex();
  readonly final = new TopicIndex();
  readonly #maxPerSubscriber: number;
  readonly #max: number;
  readonly #maxFilterPlaces: number;
  readonly #byName = new Map<string, Subscription>();
  readonly #names = new Map<Subscription, string>();
  readonly #bySubscriber = new Map<Subscriber, Map<number, Subscription>>();
  #count = 0;
  #lastId = 0;

  constructor(limits: SubscriptionLimits = {}) {
    this.#maxPerSubscriber = limits.maxSubscriptionsPerConnection ?? 1_000;
    this.#max = limits.maxSubscriptions ?? 50_000;
    this.#maxFilterPlaces = limits.maxFilterPlaces ?? 128;
  }

  /** Subscriptions of all clients; one that two clients share counts twice. */
  get size(): number {
    return this.#count;
  }

  index(level: Level): TopicIndex {
    return level === 'head' ? this.head : this.final;
  }

  /**
   * @param name - the same for the same topic: whoever asks for the same shares a subscription, as in Agave
   * @throws {RpcError} when there are as many as the limits allow; the node's own limit with Agave's message
   */
  subscribe(subscriber: Subscriber, name: string, topic: Topic): Subscription {
    const own = this.#bySubscriber.get(subscriber) ?? new Map<number, Subscription>();
    const known = this.#byName.get(name);
    if (known?.subscribers.has(subscriber)) return known;
    if (own.size >= this.#maxPerSubscriber)
      throw new RpcError(
        'NODE_UNHEALTHY',
        `Subscription refused: ${this.#maxPerSubscriber} subscriptions of one connection at most.`,
      );
    if (this.#count >= this.#max)
      throw new RpcError(
        'INTERNAL_ERROR',
        'Internal Error: Subscription refused. Node subscription limit reached',
      );
    if (known === undefined && topic.kind === 'program') this.#checkPlaces(topic);
    const subscription = known ?? this.#create(name, topic);
    subscription.subscribers.add(subscriber);
    own.set(subscription.id, subscription);
    this.#bySubscriber.set(subscriber, own);
    this.#count++;
    return subscription;
  }

  /** False when the subscriber has no subscription with that id. */
  unsubscribe(subscriber: Subscriber, id: number): boolean {
    const subscription = this.#bySubscriber.get(subscriber)?.get(id);
    if (subscription === undefined) return false;
    this.#part(subscriber, subscription);
    return true;
  }

  /** Ends all subscriptions of a client that is gone. */
  leave(subscriber: Subscriber): void {
    for (const subscription of [...(this.#bySubscriber.get(subscriber)?.values() ?? [])])
      this.#part(subscriber, subscription);
  }

  /** Ends a subscription for everybody. */
  end(subscription: Subscription): void {
    for (const subscriber of [...subscription.subscribers]) this.#part(subscriber, subscription);
  }

  #checkPlaces({ level, program, filters }: TopicOf<'program'>): void {
    const places = this.index(level).programs.places(program);
    if (places.size < this.#maxFilterPlaces || places.has(probeOf(filters).place)) return;
    throw new RpcError(
      'NODE_UNHEALTHY',
      `Subscription refused: filters compare ${this.#maxFilterPlaces} places in this program's accounts already; ` +
        'compare one that others do, or filter what you are told yourself.',
    );
  }

  #create(name: string, topic: Topic): Subscription {
    const subscription = { id: ++this.#lastId, topic, subscribers: new Set<Subscriber>() };
    this.#byName.set(name, subscription);
    this.#names.set(subscription, name);
    this.#indexOf(topic).add(subscription);
    return subscription;
  }

  #part(subscriber: Subscriber, subscription: Subscription): void {
    const own = this.#bySubscriber.get(subscriber);
    if (!own?.delete(subscription.id)) return;
    this.#count--;
    if (own.size === 0) this.#bySubscriber.delete(subscriber);
    subscription.subscribers.delete(subscriber);
    if (subscription.subscribers.size > 0) return;
    this.#indexOf(subscription.topic).delete(subscription);
    this.#byName.delete(this.#names.get(subscription)!);
    this.#names.delete(subscription);
  }

  #indexOf(topic: Topic): TopicIndex {
    return 'level' in topic ? this.index(topic.level) : this.head;
  }
}
