import { Socket } from 'node:net';
import { FrameStream } from './frame-stream.js';

/** File descriptor of the channel in the child: 0 to 2 are the usual ones, 3 is the channel of `fork`. */
export const FRAME_FD = 4;

/**
 * The child's side of a FrameChild: handles each frame, one after the other, and sends what the handler gives.
 *
 * The process ends when its parent closes the channel or dies.
 */
export function serveFrames(handle: (frame: Buffer) => Uint8Array | undefined): void {
  const socket = new Socket({ fd: FRAME_FD, readable: true, writable: true });
  const end = () => process.exit(0);
  socket.on('close', end);
  socket.on('error', end);
  const stream = new FrameStream(
    { gather: false },
    {
      socket,
      onFrame: (frame) => {
        const reply = handle(frame);
        if (reply !== undefined) stream.send(reply);
      },
      onBroken: end,
    },
  );
}
