import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Logger } from '@polyproof/base';
import { WebSocket } from 'ws';

export interface PeerLimits {
  maxBufferedBytes: number;
  maxMessagesPerSecond: number;
}

/** What a websocket's messages mean. */
export interface WebSocketSession {
  message(text: string): void;
  closed(): void;
}

export interface PeerModules {
  webSocket: WebSocket;
  /** the connection that it runs on */
  socket: Socket;
  open: (peer: WebSocketPeer) => WebSocketSession;
  /** the client does not read as fast as it is written to */
  onLag: () => void;
  onClose: () => void;
  logger: Logger;
}

/** RFC 6455, 7.4.1; 1013 is registered by IANA: "try again later". */
const INVALID_DATA = 1007;
const TRY_AGAIN_LATER = 1013;
/** A client that leaves so many marks unanswered does not follow the protocol. */
const MAX_MARKS = 2_000;
/** A client that is told to go and does not is cut after so long. */
const GRACE_MS = 1_000;

/** The node's end of one websocket. */
export class WebSocketPeer {
  readonly #limits: PeerLimits;
  readonly #modules: PeerModules;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  #corked = false;
  #alive = true;
  /** messages that may be read now; refilled with time, a second's worth at most */
  #tokens: number;
  #refilledAt = performance.now();
  /** what to do when the client has read so far, and how many of those are done */
  readonly #marks: (() => void)[] = [];
  #passedMarks = 0;
  #resume: NodeJS.Timeout | undefined;
  #cut: NodeJS.Timeout | undefined;

  constructor(limits: PeerLimits, modules: PeerModules) {
    this.#limits = limits;
    this.#modules = modules;
    this.#webSocket = modules.webSocket;
    this.#socket = modules.socket;
    this.#tokens = limits.maxMessagesPerSecond;
  }

  /** What the client has not read yet. */
  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  start(): void {
    const session = this.#modules.open(this);
    this.#webSocket
      .on('message', (data: Buffer, isBinary: boolean) => {
        if (this.#webSocket.readyState !== WebSocket.OPEN) return; // it was told to go
        this.#spend();
        // The protocol has checked the encoding of texts itself.
        if (isBinary && !isUtf8(data)) this.close(INVALID_DATA, 'a message must be UTF-8');
        else session.message(data.toString('utf8'));
      })
      .on('ping', () => this.#spend())
      .on('pong', (data) => {
        this.#spend();
        this.#alive = true;
        this.#passMarks(Number(data.toString('latin1')));
      })
      // Such as a frame that is none: the protocol has already told the client the code that says so.
      .on('error', (error) => {
        this.#modules.logger.debug('a websocket broke', {}, error);
        this.#expire();
      })
      .on('close', () => {
        clearTimeout(this.#resume);
        clearTimeout(this.#cut);
        this.#modules.onClose();
        session.closed();
      });
  }

  /** Sends a text. A buffer is sent as it is, so that one may go to many clients. */
  send(text: string | Buffer): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    // All that is sent at once is one write.
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => this.#uncork());
    }
    this.#webSocket.send(text, { binary: false });
    if (this.bufferedBytes > this.#limits.maxBufferedBytes) this.cutOff();
  }

  /** Calls back when the client has read everything that was sent before: when it has answered a ping behind that. */
  afterRead(callback: () => void): void {
    this.#marks.push(callback);
    if (this.#marks.length > MAX_MARKS) this.cutOff();
    else if (this.#webSocket.readyState === WebSocket.OPEN)
      this.#webSocket.ping(`${this.#passedMarks + this.#marks.length}`);
  }

  /** Ends the connection of a client that does not read. */
  cutOff(): void {
    this.close(TRY_AGAIN_LATER, 'too slow: more is unread than the node keeps');
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    this.#expire();
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /** Asks for a sign of life; cuts a client off that gave none since the last time. */
  ping(): void {
    if (this.#resume !== undefined) return; // its answer may be waiting for its turn to be read
    if (!this.#alive) this.terminate();
    else if (this.#webSocket.readyState === WebSocket.OPEN) {
      this.#alive = false;
      this.#webSocket.ping();
    }
  }

  #expire(): void {
    if (this.#webSocket.readyState === WebSocket.CLOSED) return;
    this.#cut ??= setTimeout(() => this.terminate(), GRACE_MS);
  }

  /** @param upTo - number of the last mark that the client has come to; NaN where a pong means none */
  #passMarks(upTo: number): void {
    while (this.#passedMarks < upTo && this.#marks.length > 0) {
      this.#passedMarks++;
      this.#marks.shift()?.();
    }
  }

  #uncork(): void {
    this.#corked = false;
    this.#socket.uncork();
    if (this.#socket.writableLength > 0) this.#modules.onLag();
  }

  /** Counts a message; stops reading for a while when there were too many. */
  #spend(): void {
    this.#refill();
    this.#tokens--;
    if (this.#tokens >= 0 || this.#resume !== undefined) return;
    this.#webSocket.pause();
    this.#wait();
  }

  /** Reads on when the debt is paid: what had been read already when reading was stopped has added to it. */
  #wait(): void {
    const debtMs = Math.max(1, (-this.#tokens * 1_000) / this.#limits.maxMessagesPerSecond);
    this.#resume = setTimeout(() => {
      this.#refill();
      if (this.#tokens < 0) {
        this.#wait();
        return;
      }
      this.#resume = undefined;
      this.#webSocket.resume();
    }, debtMs);
  }

  #refill(): void {
    const rate = this.#limits.maxMessagesPerSecond;
    const now = performance.now();
    this.#tokens = Math.min(rate, this.#tokens + ((now - this.#refilledAt) * rate) / 1_000);
    this.#refilledAt = now;
  }
}
