import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger, Service } from '@polyproof/base';
import { decodeMeta } from '@polyproof/svm';
import type { Finality } from '../finality.js';
import type { RpcBank, SettlementPort } from '../ports.js';
import { Dispatcher, type DispatcherOptions } from '../server/dispatcher.js';
import { type WebSocketOptions, WebSockets } from '../server/web-sockets.js';
import { BlockFeed, type BlockFeedOptions } from './block-feed.js';
import { PubSubSession } from './pubsub-session.js';
import { type SubscriptionLimits, SubscriptionRegistry } from './registry.js';
import { subscriptionMethods } from './subscription-methods.js';

export interface PubSubOptions
  extends WebSocketOptions,
    SubscriptionLimits,
    BlockFeedOptions,
    DispatcherOptions {}

/** Solana's subscriptions over websockets. */
export class PubSub implements Service {
  readonly #feed: BlockFeed;
  readonly #webSockets: WebSockets;
  readonly #registry: SubscriptionRegistry;

  constructor(
    options: PubSubOptions,
    modules: {
      bank: RpcBank;
      settlement: Pick<SettlementPort, 'onVerified'>;
      finality: Pick<Finality, 'batch' | 'slot'>;
      logger: Logger;
    },
  ) {
    const { logger } = modules;
    const registry = new SubscriptionRegistry(options);
    this.#registry = registry;
    this.#feed = new BlockFeed(options, {
      ...modules,
      registry,
      logsOf: ({ outcome }) => decodeMeta(outcome.meta).logs,
    });
    const methods = subscriptionMethods({ registry, feed: this.#feed });
    const dispatcher = new Dispatcher(options, { methods, logger });
    this.#webSockets = new WebSockets(options, {
      open: (peer) => new PubSubSession(peer, { registry, dispatcher }),
      logger,
    });
  }

  /** How much it serves now. */
  get status(): { webSockets: number; subscriptions: number } {
    return { webSockets: this.#webSockets.size, subscriptions: this.#registry.size };
  }

  /** Takes over a connection that is to become a websocket. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#webSockets.upgrade(request, socket, head);
  }

  async close(): Promise<void> {
    await this.#feed.close();
    await this.#webSockets.close();
  }
}
