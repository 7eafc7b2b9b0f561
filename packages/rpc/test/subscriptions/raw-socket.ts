import { parseJson } from '@polyproof/rpc';
import { WebSocket } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: any message
type Message = any;

/** A websocket that shows messages as they are on the wire, in the order of their arrival. */
export class RawSocket {
  readonly socket: WebSocket;
  readonly notifications: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #answers = new Map<number, (message: Message) => void>();
  #waiting: (() => void) | undefined;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const message = parseJson(data.toString()) as Message;
      if (message.method !== undefined) {
        this.notifications.push(message);
        this.#waiting?.();
      } else this.#answers.get(message.id)?.(message);
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const socket = new WebSocket(url);
    const raw = new RawSocket(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return raw;
  }

  /** The whole answer, result or error. */
  ask(method: string, ...params: unknown[]): Promise<Message> {
    const id = ++this.#lastId;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  /** The result; an error fails the test. */
  async call(method: string, ...params: unknown[]): Promise<Message> {
    const { result, error } = await this.ask(method, ...params);
    if (error !== undefined) throw new TypeError(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** The next notification that was not taken yet. */
  async next(): Promise<Message> {
    while (this.notifications.length === 0)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    return this.notifications.shift();
  }

  /** Everything that has been sent before has arrived when this resolves. */
  async settle(): Promise<void> {
    await this.ask('nothing');
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
