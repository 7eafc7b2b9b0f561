import {
  BaseError,
  type Chain,
  createPublicClient,
  createTransport,
  defineChain,
  type EIP1193RequestFn,
  HttpRequestError,
  http,
  type PublicClient,
  TimeoutError,
  type Transport,
} from 'viem';
import { ChainError } from '../errors.js';

export interface RpcOptions {
  rpcUrl: string;
  /** Asked when the first does not answer. What would cost stake is asked of all, see `quorum`. Default none. */
  moreRpcUrls?: readonly string[];
  /** How many RPCs have to say the same where a lie would cost stake. Default more than half of three or more, else one. */
  quorum?: number;
  /** How long an RPC may take to answer. Default 10,000 ms. */
  rpcTimeoutMs?: number;
  /** How often the chain is asked for a receipt. Default 250 ms. */
  pollingIntervalMs?: number;
}

export type Reader = PublicClient<Transport, Chain>;

const urlsOf = ({ rpcUrl, moreRpcUrls = [] }: RpcOptions): string[] => [rpcUrl, ...moreRpcUrls];

/** The chain as viem wants it; only the id is known of an arbitrary base chain. */
export function baseChain(chainId: number, rpcUrl: string): Chain {
  return defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}

/** Reads from the first RPC that answers; one that did not is asked last from then on. */
export function readClient(options: RpcOptions, chainId: number): Reader {
  const { rpcUrl, moreRpcUrls = [], rpcTimeoutMs: timeout = 10_000 } = options;
  const transport = moreRpcUrls.length === 0 ? http(rpcUrl, { timeout }) : failover(urlsOf(options), timeout);
  return clientOf(options, chainId, transport);
}

/**
 * One client for each RPC. They do not repeat: a repeated send could be answered "nonce too low" for a transaction
 * that was accepted.
 */
export function clientsOf(options: RpcOptions, chainId: number): Reader[] {
  const { rpcTimeoutMs: timeout = 10_000 } = options;
  return urlsOf(options).map((url) => clientOf(options, chainId, http(url, { timeout, retryCount: 0 })));
}

/** How many RPCs have to agree. */
export function quorumOf(options: RpcOptions): number {
  const urls = urlsOf(options).length;
  return Math.min(urls, Math.max(1, options.quorum ?? (urls < 3 ? 1 : Math.floor(urls / 2) + 1)));
}

/**
 * Asks all RPCs and resolves as soon as enough of them say the same.
 * @param key - what makes two answers the same
 * @throws what an RPC answered when none gave a result; {@link ChainError} `RPCS_DISAGREE`
 */
export function agree<T>(
  clients: readonly Reader[],
  quorum: number,
  question: { what: string; ask: (client: Reader) => Promise<T>; key: (answer: T) => string },
): Promise<T> {
  const { what, ask, key } = question;
  return new Promise((resolve, reject) => {
    const votes = new Map<string, number>();
    const errors: unknown[] = [];
    let open = clients.length;
    const end = () => {
      open -= 1;
      if (open > 0) return;
      if (votes.size === 0) reject(errors[0]);
      else
        reject(
          new ChainError(
            'RPCS_DISAGREE',
            `${what}: fewer than ${quorum} of ${clients.length} RPCs say the same.`,
            {
              answers: votes.size,
              failed: errors.length,
            },
          ),
        );
    };
    for (const client of clients)
      ask(client)
        .then((answer) => {
          const count = (votes.get(key(answer)) ?? 0) + 1;
          votes.set(key(answer), count);
          if (count >= quorum) resolve(answer);
        })
        .catch((error: unknown) => errors.push(error))
        .finally(end);
  });
}

/** Whether an error says nothing of the question, only that this RPC did not answer it. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof BaseError)
    return (
      error.walk((e) => e instanceof HttpRequestError || e instanceof TimeoutError || isLimit(e)) !== null
    );
  return isLimit(error);
}

/** "limit exceeded", as providers answer who ration requests. */
function isLimit(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === -32005;
}

function clientOf(options: RpcOptions, chainId: number, transport: Transport): Reader {
  return createPublicClient({
    chain: baseChain(chainId, options.rpcUrl),
    transport,
    pollingInterval: options.pollingIntervalMs ?? 250,
    cacheTime: 0,
  });
}

function failover(urls: readonly string[], timeout: number): Transport {
  return (parameters) => {
    let order = urls.map((url) => http(url, { timeout })({ ...parameters, retryCount: 0 }));
    return createTransport({
      key: 'failover',
      name: 'several RPCs',
      type: 'failover',
      retryCount: 1,
      request: (async (args) => {
        let problem: unknown;
        for (const channel of [...order]) {
          try {
            return await channel.request(args);
          } catch (error) {
            if (!isUnreachable(error)) throw error;
            problem = error;
            order = [...order.filter((other) => other !== channel), channel];
          }
        }
        throw problem;
      }) as EIP1193RequestFn,
    });
  };
}
