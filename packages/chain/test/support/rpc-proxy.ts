import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RpcRequest {
  id: number;
  method: string;
  params: unknown[];
}

type Answer = { result: unknown } | { error: { code: number; message: string; data?: unknown } };
type Forward = (request: RpcRequest) => Promise<Answer>;

/** What the proxy does with a request; `hang` never answers, `limit` is HTTP 429, `cut` breaks the connection. */
export type Behaviour =
  | 'hang'
  | 'limit'
  | 'cut'
  | ((request: RpcRequest, forward: Forward) => Promise<Answer>);

/** An RPC in front of another one, which hangs, lies or rations requests as the test wants. */
export interface RpcProxy {
  readonly url: string;
  /** every request, in the order of arrival */
  readonly requests: RpcRequest[];
  /** `undefined`: hand everything on */
  behaviour: Behaviour | undefined;
  close(): Promise<void>;
}

export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const forward: Forward = async (request) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(target, { method: 'POST', headers, body: JSON.stringify(request) });
    return (await response.json()) as Answer;
  };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  const proxy = {
    url: '',
    requests: [] as RpcRequest[],
    behaviour: undefined as Behaviour | undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = JSON.parse(Buffer.concat(chunks).toString()) as RpcRequest;
    proxy.requests.push(request);
    const { behaviour } = proxy;
    if (behaviour === 'hang') return;
    if (behaviour === 'cut') return void response.destroy();
    if (behaviour === 'limit') return void response.writeHead(429).end('slow down');
    const answer = await (behaviour?.(request, forward) ?? forward(request));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...answer, jsonrpc: '2.0', id: request.id }));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
