import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Headers that offer another protocol (RFC 9110, 7.8; h2c: RFC 7540, 3.2). */
const OFFER = new Set(['upgrade', 'http2-settings', 'connection']);

/**
 * Serves a request as if it had not offered another protocol: a server may ignore the offer (RFC 9110, 7.8). Clients
 * with HTTP/2 make it with their first request; Node gives up such a connection as soon as somebody takes websockets.
 */
export function asPlainRequest(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  let text = `${request.method} ${request.url} HTTP/1.1\r\n`;
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!OFFER.has(rawHeaders[i]!.toLowerCase())) text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
