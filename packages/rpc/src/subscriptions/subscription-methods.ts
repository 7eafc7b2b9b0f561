import { whenReady } from '../encoding/account-options.js';
import { paramError, RpcError } from '../errors.js';
import type { RpcMethod, RpcMethods } from '../server/dispatcher.js';
import type { BlockFeed } from './block-feed.js';
import { accountTopic, logsTopic, type NamedTopic, programTopic, signatureTopic } from './decode-topic.js';
import type { PubSubSession } from './pubsub-session.js';
import type { SubscriptionRegistry } from './registry.js';
import type { SubscriptionTo, Topic } from './types.js';

/** What a websocket can ask for: as in Agave, subscriptions alone (rpc_pubsub.rs). */
export function subscriptionMethods(modules: {
  registry: SubscriptionRegistry;
  feed: BlockFeed;
}): RpcMethods<PubSubSession> {
  const { registry, feed } = modules;

  const subscribe = (session: PubSubSession, { name, topic }: NamedTopic): number => {
    // It may have gone while something was loaded for it.
    if (session.isClosed) throw new RpcError('INTERNAL_ERROR', 'Internal error: the websocket is closed.');
    return registry.subscribe(session, name, topic).id;
  };
  const shown =
    (decode: (values: readonly unknown[]) => NamedTopic<Extract<Topic, { form: unknown }>>) =>
    (values: readonly unknown[], session: PubSubSession) => {
      const named = decode(values);
      return whenReady(named.topic.form, () => subscribe(session, named));
    };
  const plain = (kind: 'slot' | 'root' | 'slotsUpdates') => (_values: unknown, session: PubSubSession) =>
    subscribe(session, { name: kind, topic: { kind } });
  const unsubscribe: RpcMethod<PubSubSession> = ([id], session) => {
    if (typeof id === 'number' && registry.unsubscribe(session, id)) return true;
    throw paramError('Invalid subscription id.');
  };

  return {
    accountSubscribe: shown(accountTopic),
    accountUnsubscribe: unsubscribe,
    programSubscribe: shown(programTopic),
    programUnsubscribe: unsubscribe,
    logsSubscribe: (values, session) => subscribe(session, logsTopic(values)),
    logsUnsubscribe: unsubscribe,
    slotSubscribe: plain('slot'),
    slotUnsubscribe: unsubscribe,
    rootSubscribe: plain('root'),
    rootUnsubscribe: unsubscribe,
    slotsUpdatesSubscribe: plain('slotsUpdates'),
    slotsUpdatesUnsubscribe: unsubscribe,

    signatureSubscribe: (values, session) => {
      const { name, topic } = signatureTopic(values);
      const subscription = registry.subscribe(session, name, topic) as SubscriptionTo<'signature'>;
      if (feed.isDone(subscription)) session.afterAnswer(() => feed.finish(subscription, session));
      return subscription.id;
    },
    signatureUnsubscribe: unsubscribe,
  };
}
