import { connect, type Socket } from 'node:net';

export interface RawResponse {
  status: number;
  headers: string;
  body: string;
}

/** A TCP connection on which a test writes what it likes. */
export class RawConnection {
  readonly socket: Socket;
  /** resolves when the connection is over, however it ended */
  readonly closed: Promise<void>;
  #text = '';
  #waiting: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      this.#waiting?.();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawConnection(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return raw;
  }

  write(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  /** Everything that has arrived when the connection is over. */
  async rest(): Promise<string> {
    await this.closed;
    return this.#text;
  }

  /** The next response, which must tell its length; `undefined` when the connection ends without one. */
  async response(): Promise<RawResponse | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      const headers = this.#text.slice(0, end);
      const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
      const total = end + 4 + length;
      if (end >= 0 && this.#text.length >= total) {
        const body = this.#text.slice(end + 4, total);
        this.#text = this.#text.slice(total);
        return { status: Number(headers.split(' ')[1]), headers, body };
      }
      if (this.socket.closed) return undefined;
      const more = new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      await Promise.race([more, this.closed]);
    }
  }
}

/** A request as bytes. */
export function post(body: string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\nhost: node\r\n${headers}content-length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}
