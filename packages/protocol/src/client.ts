import { type Client, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { fromHex, type Hex, Mutex, type Service } from '@polyproof/base';
import { origin } from './auth/authenticator.js';
import { operatorOf, signLogin } from './auth/login.js';
import { BlobClient } from './blobs/blob-client.js';
import { protocolErrorOf } from './errors.js';
import { ProverService } from './generated/polyproof/prover/v1/prover_pb.js';

export interface ProverClient extends Client<typeof ProverService>, Service {
  readonly blobs: BlobClient;
}

export interface ProverClientOptions {
  /** the operator's private key, where the aggregator asks for a login */
  privateKey?: Hex;
  /** PEM of the authority that signed the server's certificate; default: those that Node trusts */
  ca?: string;
}

/** A part of a token's life after which another is asked for. */
const RENEW_AFTER = 0.8;

/**
 * A client of the aggregator at `url` (`http://127.0.0.1:7000`), over HTTP/2. It connects when it is first used and again
 * when the connection was lost, and logs in when it is asked to.
 */
export function createProverClient(url: string, options: ProverClientOptions = {}): ProverClient {
  const { privateKey, ca } = options;
  const sessions = new Http2SessionManager(url, undefined, ca === undefined ? {} : { ca });
  const transport = (interceptors: Interceptor[]) =>
    createConnectTransport({ baseUrl: url, httpVersion: '2', sessionManager: sessions, interceptors });
  const logins = createClient(ProverService, transport([]));
  const session = privateKey === undefined ? undefined : new TokenSession(origin(url), privateKey, logins);
  const client = createClient(ProverService, transport(session === undefined ? [] : [session.interceptor]));
  const headers = async () => (session === undefined ? {} : session.headers());
  return Object.assign(client, {
    blobs: new BlobClient({ sessions, headers }),
    async close() {
      sessions.abort();
    },
  });
}

/** Keeps a token: asked for when a request is refused for want of one, and again before it ends. */
class TokenSession {
  readonly #server: string;
  readonly #privateKey: Hex;
  readonly #logins: Client<typeof ProverService>;
  readonly #mutex = new Mutex();
  #token: { text: string; renewAt: number } | undefined;

  constructor(server: string, privateKey: Hex, logins: Client<typeof ProverService>) {
    this.#server = server;
    this.#privateKey = privateKey;
    this.#logins = logins;
  }

  readonly interceptor: Interceptor = (next) => async (request) => {
    const sent = this.#token;
    if (sent !== undefined) request.header.set('authorization', await this.#header(sent));
    try {
      return await next(request);
    } catch (error) {
      if (protocolErrorOf(error)?.code !== 'UNAUTHENTICATED') throw error;
      request.header.set('authorization', await this.#header(undefined, sent));
      return next(request);
    }
  };

  /** For requests beside the service, none of which is the first. */
  async headers(): Promise<Record<string, string>> {
    return this.#token === undefined ? {} : { authorization: await this.#header(this.#token) };
  }

  /** @param refused - the token that the server does not take */
  async #header(
    known: { text: string; renewAt: number } | undefined,
    refused?: { text: string; renewAt: number },
  ): Promise<string> {
    if (known !== undefined && performance.now() < known.renewAt) return `Bearer ${known.text}`;
    const outdated = refused ?? known;
    return this.#mutex.run(async () => {
      if (this.#token === undefined || this.#token === outdated) this.#token = await this.#login();
      return `Bearer ${this.#token.text}`;
    });
  }

  async #login(): Promise<{ text: string; renewAt: number }> {
    const operator = operatorOf(this.#privateKey);
    const bytes = fromHex(operator);
    const server = this.#server;
    const { challenge, chainId } = await this.#logins.challenge({ operator: bytes });
    const signature = await signLogin({ operator, server, chainId, challenge }, this.#privateKey);
    const { token, validMs } = await this.#logins.authenticate({
      operator: bytes,
      server,
      challenge,
      signature,
    });
    return { text: token, renewAt: performance.now() + validMs * RENEW_AFTER };
  }
}
