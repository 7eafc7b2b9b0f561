import type { Dispatcher } from '../server/dispatcher.js';
import type { WebSocketPeer, WebSocketSession } from '../server/web-socket-peer.js';
import type { SubscriptionRegistry } from './registry.js';
import type { Subscriber } from './types.js';

/** JSON-RPC with one websocket: requests to subscribe one way, notifications the other. */
export class PubSubSession implements WebSocketSession, Subscriber {
  readonly #peer: WebSocketPeer;
  readonly #registry: SubscriptionRegistry;
  readonly #dispatcher: Dispatcher<PubSubSession>;
  #closed = false;
  /** requests that are not answered yet */
  #pending = 0;
  /** notifications that wait for their answers */
  #held: Buffer[] = [];
  /** what is to be done when the client has read the answers */
  #whenRead: (() => void)[] = [];

  constructor(
    peer: WebSocketPeer,
    modules: { registry: SubscriptionRegistry; dispatcher: Dispatcher<PubSubSession> },
  ) {
    this.#peer = peer;
    this.#registry = modules.registry;
    this.#dispatcher = modules.dispatcher;
  }

  /** The websocket is gone: nothing may be subscribed for it any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  message(text: string): void {
    this.#pending++;
    const answer = this.#dispatcher.handle(text, this);
    if (answer instanceof Promise) void answer.then((response) => this.#answer(response));
    else this.#answer(answer);
  }

  closed(): void {
    this.#closed = true;
    this.#registry.leave(this);
  }

  /** Sends a notification, though never before the answer that tells the client what it is about. */
  notify(text: Buffer): void {
    if (this.#pending > 0) this.#held.push(text);
    else this.#peer.send(text);
  }

  /**
   * Calls back when the client has read the answer to the request under way.
   *
   * A notification in the same packet as that answer may be missed: @solana/kit begins to listen a little after it has
   * read which subscription it has.
   */
  afterAnswer(callback: () => void): void {
    this.#whenRead.push(callback);
  }

  #answer(response: string | undefined): void {
    this.#pending--;
    if (response !== undefined) this.#peer.send(response);
    if (this.#pending > 0) return;
    const [held, whenRead] = [this.#held, this.#whenRead];
    [this.#held, this.#whenRead] = [[], []];
    for (const text of held) this.#peer.send(text);
    for (const callback of whenRead) this.#peer.afterRead(callback);
  }
}
