import type { Logger, Service } from '@polyproof/base';
import type { NodeAddresses, RpcContext } from './context.js';
import { Faucet } from './faucet.js';
import { Finality } from './finality.js';
import { accountMethods } from './methods/accounts.js';
import { airdropMethods } from './methods/airdrop.js';
import { blockhashMethods } from './methods/blockhash.js';
import { chainMethods } from './methods/chain.js';
import { type CreateMethodsOptions, createMethods } from './methods/create-methods.js';
import { polyproofMethods } from './methods/polyproof.js';
import { transactionMethods } from './methods/transactions.js';
import type { BankPort, RpcBank, SequencerPort, SettlementPort } from './ports.js';
import { ConnectionGate, type ConnectionLimits } from './server/connection-gate.js';
import { Dispatcher, type DispatcherOptions, type RpcMethods } from './server/dispatcher.js';
import { HttpServer, type HttpServerOptions } from './server/http-server.js';
import { openPorts } from './server/open-ports.js';
import { PubSub, type PubSubOptions } from './subscriptions/pubsub.js';

export interface RpcServerOptions
  extends HttpServerOptions,
    DispatcherOptions,
    ConnectionLimits,
    PubSubOptions,
    Partial<CreateMethodsOptions> {
  lamportsPerSignature: bigint;
}

export interface RpcServerModules {
  bank: RpcBank | BankPort;
  sequencer: SequencerPort;
  settlement: SettlementPort;
  logger: Logger;
}

/**
 * Serves Solana's JSON-RPC, and Polyproof's own methods beside it, over HTTP; and Solana's subscriptions over websockets, on
 * the same port and on the one above it.
 */
export class RpcServer implements Service {
  readonly url: string;
  /** Where web3.js looks for websockets when it is given {@link url}. */
  readonly webSocketUrl: string;
  readonly #servers: readonly HttpServer[];
  readonly #parts: Parts;

  private constructor(servers: readonly HttpServer[], parts: Parts) {
    this.#servers = servers;
    this.#parts = parts;
    this.url = servers[0]!.url;
    this.webSocketUrl = servers.at(-1)!.url.replace('http', 'ws');
    const [rpc, pubsub] = [new URL(this.url).host, new URL(this.webSocketUrl).host];
    parts.addresses = { rpc, pubsub: parts.pubsub === undefined ? null : pubsub };
  }

  /** @throws {RpcServerError} PORT_IN_USE when another process listens on the port, or on the one above it */
  static async open(options: RpcServerOptions, modules: RpcServerModules): Promise<RpcServer> {
    const { logger, sequencer } = modules;
    const parts = partsOf(options, modules);
    const dispatcher = new Dispatcher(options, { methods: parts.methods, logger });
    const { pubsub } = parts;
    const gate = new ConnectionGate(options);
    const open = (port: number) =>
      HttpServer.open(
        { ...options, port },
        {
          handle: (body) => dispatcher.handle(body, undefined),
          // Agave's words (rpc_service.rs)
          health: () => (sequencer.unhealthyReason === undefined ? 'ok' : 'unknown'),
          ...(pubsub && { upgrade: (request, socket, head) => pubsub.upgrade(request, socket, head) }),
          gate,
          logger,
        },
      );
    const port = options.port ?? 8899;
    try {
      const servers = pubsub === undefined ? [await open(port)] : await openPorts(port, open);
      const server = new RpcServer(servers, parts);
      logger.info('serving JSON-RPC', { url: server.url, webSockets: server.webSocketUrl });
      return server;
    } catch (error) {
      await parts.close();
      throw error;
    }
  }

  /** How many clients it serves by websocket, and what they have subscribed to together. */
  get webSockets(): PubSub['status'] {
    return this.#parts.pubsub?.status ?? { webSockets: 0, subscriptions: 0 };
  }

  async close(): Promise<void> {
    await this.#parts.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

/** What is served. */
interface Parts extends Service {
  methods: RpcMethods;
  pubsub: PubSub | undefined;
  /** known once the server listens */
  addresses: NodeAddresses;
}

function partsOf(options: RpcServerOptions, modules: RpcServerModules): Parts {
  const { bank } = modules;
  if (!isRpcBank(bank)) return partsOfPlainBank(options, { ...modules, bank });
  const addresses = () => parts.addresses;
  const identity = options.identity ?? bank.genesisBlockhash;
  const { methods, close } = createMethods({ addresses, ...options, identity }, { ...modules, bank });
  const finality = new Finality({ ...modules, bank });
  const pubsub = new PubSub(options, { ...modules, bank, finality });
  const parts: Parts = {
    methods,
    pubsub,
    addresses: { rpc: null, pubsub: null },
    close: async () => {
      close();
      await pubsub.close();
    },
  };
  return parts;
}

/** Methods on a bank that does not tell of its blocks: there is nothing to subscribe to. */
function partsOfPlainBank(
  options: RpcServerOptions,
  modules: Omit<RpcServerModules, 'bank'> & { bank: BankPort },
): Parts {
  const context: RpcContext = { ...modules, lamportsPerSignature: options.lamportsPerSignature };
  const methods = {
    ...chainMethods(context),
    ...blockhashMethods(context),
    ...accountMethods(context),
    ...transactionMethods(context),
    ...polyproofMethods(context),
    ...(options.faucet === undefined ? {} : airdropMethods(new Faucet(options.faucet, modules))),
  };
  return { methods, pubsub: undefined, addresses: { rpc: null, pubsub: null }, close: async () => {} };
}

function isRpcBank(bank: RpcBank | BankPort): bank is RpcBank {
  return 'getSignatureStatus' in bank;
}
