import type { RpcServerOptions } from '@polyproof/rpc';
import { z } from 'zod';

const positive = z.number().int().min(1);
const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** What clients of the rollup's RPC may ask for at most. */
export const RPC_LIMITS = {
  /** longest request body, bytes */
  rpcMaxBodyBytes: positive.default(MEBIBYTE),
  /** requests in one JSON-RPC batch */
  rpcMaxBatchRequests: positive.default(100),
  /** connections at once, HTTP and websocket together */
  rpcMaxConnections: positive.default(2_000),
  /** of them, from one remote address */
  rpcMaxConnectionsPerAddress: positive.default(500),
  /** requests of one connection that wait for their answer */
  rpcMaxRequestsPerConnection: positive.default(64),
  /** milliseconds in which the head of a request must arrive */
  rpcHeadersTimeoutMs: positive.default(10_000),
  /** milliseconds in which a whole request must arrive */
  rpcRequestTimeoutMs: positive.default(30_000),
  /** milliseconds after which a connection without requests is closed */
  rpcKeepAliveTimeoutMs: positive.default(30_000),
  /** websockets at once */
  rpcMaxWebSockets: positive.default(1_000),
  /** longest message of a websocket client, bytes */
  rpcMaxMessageBytes: positive.default(64 * KIBIBYTE),
  /** messages a second that are read of one websocket */
  rpcMaxMessagesPerSecond: positive.default(500),
  /** bytes that a websocket client may leave unread before it is cut off */
  rpcMaxBufferedBytes: positive.default(16 * MEBIBYTE),
  /** subscriptions of one websocket */
  rpcMaxSubscriptionsPerConnection: positive.default(1_000),
  /** subscriptions of all websockets together */
  rpcMaxSubscriptions: positive.default(50_000),
  /** accounts in the answer of one scan (getProgramAccounts and the like) */
  rpcMaxScanAccounts: positive.default(50_000),
  /** bytes of account data in the answer of one scan */
  rpcMaxScanBytes: positive.default(32 * MEBIBYTE),
};

export type RpcLimits = z.output<z.ZodObject<typeof RPC_LIMITS>>;

/** The limits under the names that the server knows: `rpcMaxBodyBytes` is its `maxBodyBytes`. */
export function rpcServerLimits(limits: RpcLimits): Partial<RpcServerOptions> {
  const names = Object.keys(RPC_LIMITS) as (keyof RpcLimits)[];
  return Object.fromEntries(
    names.map((name) => [name.charAt(3).toLowerCase() + name.slice(4), limits[name]]),
  );
}
