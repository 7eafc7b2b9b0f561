import type { Logger, Service } from '@polyproof/base';
import type { RpcContext } from './context.js';
import { Dispatcher, type DispatcherOptions, type RpcMethods } from './dispatcher.js';
import { Faucet, type FaucetOptions } from './faucet.js';
import { HttpServer, type HttpServerOptions } from './server/http-server.js';
import { accountMethods } from './methods/accounts.js';
import { airdropMethods } from './methods/airdrop.js';
import { blockhashMethods } from './methods/blockhash.js';
import { chainMethods } from './methods/chain.js';
import { polyproofMethods } from './methods/polyproof.js';
import { transactionMethods } from './methods/transactions.js';
import type { BankPort, SequencerPort, SettlementPort } from './ports.js';

export interface RpcServerOptions extends HttpServerOptions, DispatcherOptions {
  lamportsPerSignature: bigint;
  /** Account that pays airdrops; without it there is no requestAirdrop. */
  faucet?: FaucetOptions;
}

/** Serves Solana's JSON-RPC, and Polyproof's own methods beside it, over HTTP. */
export class RpcServer implements Service {
  readonly url: string;
  readonly #http: HttpServer;

  private constructor(http: HttpServer) {
    this.#http = http;
    this.url = http.url;
  }

  /** @throws {RpcServerError} PORT_IN_USE when another process listens on the port */
  static async open(
    options: RpcServerOptions,
    modules: { bank: BankPort; sequencer: SequencerPort; settlement: SettlementPort; logger: Logger },
  ): Promise<RpcServer> {
    const context: RpcContext = { ...modules, lamportsPerSignature: options.lamportsPerSignature };
    const methods: RpcMethods = {
      ...chainMethods(context),
      ...blockhashMethods(context),
      ...accountMethods(context),
      ...transactionMethods(context),
      ...polyproofMethods(context),
      ...(options.faucet === undefined ? {} : airdropMethods(new Faucet(options.faucet, modules))),
    };
    const dispatcher = new Dispatcher(options, { methods, logger: modules.logger });
    const http = await HttpServer.open(options, {
      handle: (body) => dispatcher.handle(body, undefined),
      logger: modules.logger,
    });
    modules.logger.info('serving JSON-RPC', { url: http.url });
    return new RpcServer(http);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
