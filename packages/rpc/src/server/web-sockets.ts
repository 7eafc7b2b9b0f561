import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger, Service } from '@polyproof/base';
import { WebSocketServer } from 'ws';
import { refuseRaw } from './raw-response.js';
import { type PeerLimits, WebSocketPeer, type WebSocketSession } from './web-socket-peer.js';

export interface WebSocketOptions {
  /** Most websockets at once. Default 1,000. */
  maxWebSockets?: number;
  /** Longest message of a client. Default 64 KiB. */
  maxMessageBytes?: number;
  /** Messages a second that are read of one websocket; those of a client that sends more wait for their turn. Default 500. */
  maxMessagesPerSecond?: number;
  /** A client that leaves so much unread is cut off, with code 1013. Default 16 MiB. */
  maxBufferedBytes?: number;
  /** When all clients together leave so much unread, the worst one is cut off. Default 256 MiB. */
  maxTotalBufferedBytes?: number;
  /** A ping is sent so often, in ms; a client that has not answered the last one is cut off. Default 30,000. */
  pingIntervalMs?: number;
}

const CLOSE_GRACE_MS = 1_000;
/** RFC 6455, 7.4.1 */
const GOING_AWAY = 1001;

/** Websockets of all ports. Knows the protocol and its limits, not what the messages mean. */
export class WebSockets implements Service {
  readonly #maxWebSockets: number;
  readonly #maxTotalBufferedBytes: number;
  readonly #limits: PeerLimits;
  readonly #open: (peer: WebSocketPeer) => WebSocketSession;
  readonly #logger: Logger;
  readonly #protocol: WebSocketServer;
  readonly #peers = new Set<WebSocketPeer>();
  readonly #lagging = new Set<WebSocketPeer>();
  readonly #pings: NodeJS.Timeout;
  #closing: Promise<void> | undefined;
  #allClosed: (() => void) | undefined;

  /** @param modules - `open` is asked for a session whenever a client has connected */
  constructor(
    options: WebSocketOptions,
    modules: { open: (peer: WebSocketPeer) => WebSocketSession; logger: Logger },
  ) {
    this.#maxWebSockets = options.maxWebSockets ?? 1_000;
    this.#maxTotalBufferedBytes = options.maxTotalBufferedBytes ?? 256 * 1024 * 1024;
    this.#limits = {
      maxBufferedBytes: options.maxBufferedBytes ?? 16 * 1024 * 1024,
      maxMessagesPerSecond: options.maxMessagesPerSecond ?? 500,
    };
    this.#open = modules.open;
    this.#logger = modules.logger;
    this.#protocol = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // costs a client nothing and the node much memory
      maxPayload: options.maxMessageBytes ?? 64 * 1024,
      maxFragments: 64,
      maxBufferedChunks: 1_024,
    });
    this.#pings = setInterval(() => this.#ping(), options.pingIntervalMs ?? 30_000);
    this.#pings.unref();
  }

  /** Websockets that are open. */
  get size(): number {
    return this.#peers.size;
  }

  /** Takes over a connection whose request offers to become a websocket, whatever its path. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#closing !== undefined || this.#peers.size >= this.#maxWebSockets) {
      refuseRaw(socket, 503, `the node serves ${this.#maxWebSockets} websockets at most: try again later.`);
      return;
    }
    this.#protocol.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = new WebSocketPeer(this.#limits, {
        webSocket,
        socket,
        open: this.#open,
        onLag: () => this.#relieve(peer),
        onClose: () => this.#forget(peer),
        logger: this.#logger,
      });
      this.#peers.add(peer);
      peer.start();
    });
  }

  /** Says goodbye to every client and waits until all are gone, for a second at most. */
  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      clearInterval(this.#pings);
      const timer = setTimeout(() => {
        for (const peer of this.#peers) peer.terminate();
      }, CLOSE_GRACE_MS);
      this.#allClosed = () => {
        clearTimeout(timer);
        resolve();
      };
      for (const peer of this.#peers) peer.close(GOING_AWAY, 'the node is stopping');
      if (this.#peers.size === 0) this.#allClosed();
    });
    return this.#closing;
  }

  #forget(peer: WebSocketPeer): void {
    this.#peers.delete(peer);
    this.#lagging.delete(peer);
    if (this.#peers.size === 0) this.#allClosed?.();
  }

  #ping(): void {
    for (const peer of this.#peers) peer.ping();
  }

  /** Sees that what clients leave unread stays within bounds when one more of them lags. */
  #relieve(peer: WebSocketPeer): void {
    this.#lagging.add(peer);
    let total = 0;
    let worst = peer;
    for (const one of this.#lagging) {
      if (one.bufferedBytes === 0) this.#lagging.delete(one);
      total += one.bufferedBytes;
      if (one.bufferedBytes > worst.bufferedBytes) worst = one;
    }
    if (total > this.#maxTotalBufferedBytes) worst.cutOff();
  }
}
