import type { Logger, Service } from '@polyproof/base';
import type { NodeAddresses } from './context.js';
import { type CreateMethodsOptions, createMethods } from './methods/create-methods.js';
import type { RpcBank, SequencerPort, SettlementPort } from './ports.js';
import { ConnectionGate, type ConnectionLimits } from './server/connection-gate.js';
import { Dispatcher, type DispatcherOptions } from './server/dispatcher.js';
import { HttpServer, type HttpServerOptions } from './server/http-server.js';
import { openPorts } from './server/open-ports.js';
import { PubSub, type PubSubOptions } from './subscriptions/pubsub.js';

export interface RpcServerOptions
  extends HttpServerOptions,
    DispatcherOptions,
    ConnectionLimits,
    PubSubOptions,
    Partial<CreateMethodsOptions> {}

export interface RpcServerModules {
  bank: RpcBank;
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
  readonly #pubsub: PubSub;
  readonly #closeMethods: () => void;

  private constructor(servers: readonly [HttpServer, HttpServer], pubsub: PubSub, closeMethods: () => void) {
    this.#servers = servers;
    this.#pubsub = pubsub;
    this.#closeMethods = closeMethods;
    this.url = servers[0].url;
    this.webSocketUrl = servers[1].url.replace('http', 'ws');
  }

  /** @throws {RpcServerError} PORT_IN_USE when another process listens on the port, or on the one above it */
  static async open(options: RpcServerOptions, modules: RpcServerModules): Promise<RpcServer> {
    const { bank, logger, sequencer } = modules;
    let addresses: NodeAddresses = { rpc: null, pubsub: null };
    const { methods, context, close } = createMethods(
      { ...options, identity: options.identity ?? bank.genesisBlockhash, addresses: () => addresses },
      modules,
    );
    const dispatcher = new Dispatcher(options, { methods, logger });
    const pubsub = new PubSub(options, { ...modules, finality: context.finality });
    const gate = new ConnectionGate(options);
    const open = (port: number) =>
      HttpServer.open(
        { ...options, port },
        {
          handle: (body) => dispatcher.handle(body, undefined),
          // Agave's words (rpc_service.rs)
          health: () => (sequencer.unhealthyReason === undefined ? 'ok' : 'unknown'),
          upgrade: (request, socket, head) => pubsub.upgrade(request, socket, head),
          gate,
          logger,
        },
      );
    try {
      const server = new RpcServer(await openPorts(options.port ?? 8899, open), pubsub, close);
      addresses = { rpc: new URL(server.url).host, pubsub: new URL(server.webSocketUrl).host };
      logger.info('serving JSON-RPC', { url: server.url, webSockets: server.webSocketUrl });
      return server;
    } catch (error) {
      close();
      await pubsub.close();
      throw error;
    }
  }

  /** How many clients it serves by websocket, and what they have subscribed to together. */
  get webSockets(): PubSub['status'] {
    return this.#pubsub.status;
  }

  async close(): Promise<void> {
    this.#closeMethods();
    await this.#pubsub.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
