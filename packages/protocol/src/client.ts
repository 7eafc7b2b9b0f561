import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import type { Service } from '@polyproof/base';
import { ProverService } from './generated/polyproof/prover/v1/prover_pb.js';

export interface ProverClient extends Client<typeof ProverService>, Service {}

/**
 * A client of the aggregator at `url` (`http://127.0.0.1:7000`), over HTTP/2 without TLS.
 * It connects when it is first used and again when the connection was lost.
 */
export function createProverClient(url: string): ProverClient {
  const sessions = new Http2SessionManager(url);
  const transport = createConnectTransport({ baseUrl: url, httpVersion: '2', sessionManager: sessions });
  return Object.assign(createClient(ProverService, transport), {
    async close() {
      sessions.abort();
    },
  });
}
