import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { RpcError } from '../errors.js';
import { failure } from './dispatcher.js';

/** A connection that does not take its last words is cut after so long. */
const LINGER_MS = 1_000;

/** Body of a refusal that is not the answer to a certain JSON-RPC request. */
export function refusalBody(status: number, message: string): string {
  return failure(
    null,
    new RpcError(status === 429 || status === 503 ? 'NODE_UNHEALTHY' : 'INVALID_REQUEST', message),
  );
}

/** Answers on a connection that no HTTP response belongs to (any more), and closes it. */
export function refuseRaw(socket: Duplex, status: number, message: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = refusalBody(status, message);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `access-control-allow-origin: *\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('finish', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
}
