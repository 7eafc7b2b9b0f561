import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Most connections at once, HTTP and websocket together. Default 2,000. */
  maxConnections?: number;
  /** Most connections at once from one remote address. Default 500. */
  maxConnectionsPerAddress?: number;
}

/** What is remembered of a connection. */
export interface Connection {
  /** Why it is not served; `undefined` when it is. */
  readonly refusal: Refusal | undefined;
  /** Requests that are not answered yet. */
  requests: number;
}

export interface Refusal {
  /** HTTP status: 429 where the client itself is the reason, 503 where the node is full */
  readonly status: 429 | 503;
  readonly message: string;
}

/** So many are told why they are not served; the rest are just closed. */
const MAX_REFUSED = 200;
/** A refused connection has so long to send the request that is answered with the reason. */
const REFUSED_LIFE_MS = 2_000;

/** Counts connections, in total and by remote address, over all ports of a node. */
export class ConnectionGate {
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  readonly #known = new WeakMap<Socket, Connection>();
  readonly #byAddress = new Map<string, number>();
  #open = 0;
  #refused = 0;

  constructor(limits: ConnectionLimits = {}) {
    this.#maxConnections = limits.maxConnections ?? 2_000;
    this.#maxPerAddress = limits.maxConnectionsPerAddress ?? 500;
  }

  /** Connections that are served. */
  get open(): number {
    return this.#open;
  }

  /** Counts a new connection until it is closed, and sees that a refused one does not last. */
  enter(socket: Socket): void {
    if (this.#known.has(socket)) return;
    const address = socket.remoteAddress ?? '';
    const refusal = this.#refusalOf(address);
    this.#known.set(socket, { refusal, requests: 0 });
    if (refusal !== undefined) {
      this.#refuse(socket);
      return;
    }
    this.#open++;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      this.#open--;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    });
  }

  connectionOf(socket: Socket): Connection {
    this.enter(socket);
    return this.#known.get(socket)!;
  }

  #refusalOf(address: string): Refusal | undefined {
    if (this.#open >= this.#maxConnections)
      return {
        status: 503,
        message: `the node serves ${this.#maxConnections} connections at most: try again later.`,
      };
    if ((this.#byAddress.get(address) ?? 0) >= this.#maxPerAddress)
      return {
        status: 429,
        message: `${this.#maxPerAddress} connections from one address at most: close some, or use them again.`,
      };
    return undefined;
  }

  #refuse(socket: Socket): void {
    if (this.#refused >= MAX_REFUSED) {
      socket.destroy();
      return;
    }
    this.#refused++;
    const timer = setTimeout(() => socket.destroy(), REFUSED_LIFE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused--;
    });
  }
}
