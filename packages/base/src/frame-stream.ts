import type { Socket } from 'node:net';

const HEADER_BYTES = 4;
/** Longer frames than any caller makes: beyond it the peer does not speak this format. */
const MAX_FRAME_BYTES = 0x4000_0000;
/** Frames up to this size are copied together, so that many small ones cost one system call. */
const COPY_BYTES = 65_536;

/**
 * Frames of bytes over a socket: each is its length (u32le), then itself.
 *
 * A received frame is a view into what was read: it stays valid, and keeps the whole read alive as long as it lives.
 */
export class FrameStream {
  readonly #socket: Socket;
  readonly #onFrame: (frame: Buffer) => void;
  /** false sends every frame at once: right for a peer that works between frames */
  readonly #gather: boolean;
  #outgoing: Uint8Array[] = [];
  /** what was read of a frame that is not complete yet */
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** as much as must be there before anything can be done */
  #wanted = HEADER_BYTES;

  constructor(
    options: { gather: boolean },
    modules: { socket: Socket; onFrame: (frame: Buffer) => void; onBroken: (why: string) => void },
  ) {
    this.#gather = options.gather;
    this.#socket = modules.socket;
    this.#onFrame = modules.onFrame;
    this.#socket.on('data', (chunk: Buffer) => {
      if (!this.#receive(chunk)) {
        modules.onBroken(`it sent a frame of more than ${MAX_FRAME_BYTES} bytes`);
        this.#socket.destroy();
      }
    });
  }

  /** Sends one frame that consists of these parts. They must not change afterwards. */
  send(...parts: Uint8Array[]): void {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32LE(parts.reduce((sum, part) => sum + part.length, 0));
    if (this.#gather && this.#outgoing.length === 0) process.nextTick(() => this.#flush());
    this.#outgoing.push(header, ...parts);
    if (!this.#gather) this.#flush();
  }

  #flush(): void {
    const parts = this.#outgoing;
    this.#outgoing = [];
    if (!this.#socket.writable) return;
    let small: Uint8Array[] = [];
    const write = () => {
      if (small.length > 0) this.#socket.write(small.length === 1 ? small[0]! : Buffer.concat(small));
      small = [];
    };
    for (const part of parts) {
      if (part.length <= COPY_BYTES) {
        small.push(part);
        continue;
      }
      write();
      this.#socket.write(part);
    }
    write();
  }

  /** @returns false when the peer does not speak this format */
  #receive(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return true;
    let buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    this.#chunks = [];
    for (;;) {
      if (buffer.length < HEADER_BYTES) {
        this.#wanted = HEADER_BYTES;
        break;
      }
      const length = buffer.readUInt32LE(0);
      if (length > MAX_FRAME_BYTES) return false;
      if (buffer.length < HEADER_BYTES + length) {
        this.#wanted = HEADER_BYTES + length;
        break;
      }
      const frame = buffer.subarray(HEADER_BYTES, HEADER_BYTES + length);
      buffer = buffer.subarray(HEADER_BYTES + length);
      this.#onFrame(frame);
    }
    if (buffer.length > 0) this.#chunks.push(buffer);
    this.#buffered = buffer.length;
    return true;
  }
}
