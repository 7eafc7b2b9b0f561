import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Hex, toHex } from '@polyproof/base';
import { ProtocolError } from '../errors.js';
import { isSigned } from './login.js';

export interface AuthenticatorOptions {
  /** addresses of operators whose provers may join */
  allowed: readonly Hex[];
  /** addresses of this server as provers may know it, `scheme://host:port` */
  servers: readonly string[];
  /** of the base chain */
  chainId: bigint;
  /** how long a login may take; default 60,000 */
  challengeMs?: number;
  /** how long a token is valid; default 600,000 */
  tokenMs?: number;
}

const RANDOM_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 32;

/**
 * Logs operators' provers in: a challenge that serves once and for a minute, signed by the operator's key, for a token that is
 * valid for minutes. A challenge is remembered only once it was answered rightly, so that strangers cannot fill the memory.
 */
export class Authenticator {
  readonly #options: Required<Omit<AuthenticatorOptions, 'allowed' | 'servers'>>;
  readonly #allowed: ReadonlySet<string>;
  readonly #servers: ReadonlySet<string>;
  readonly #now: () => number;
  /** of challenges that this process gave out */
  readonly #secret = randomBytes(32);
  /** challenges that served, with their end */
  readonly #used = new Map<string, number>();
  /** SHA-256 of tokens in force */
  readonly #tokens = new Map<string, { operator: Hex; end: number }>();

  constructor(options: AuthenticatorOptions, modules: { now: () => number } = { now: Date.now }) {
    this.#options = { challengeMs: 60_000, tokenMs: 600_000, ...options };
    this.#allowed = new Set(options.allowed.map((address) => address.toLowerCase()));
    this.#servers = new Set(options.servers.map(origin));
    this.#now = modules.now;
  }

  get chainId(): bigint {
    return this.#options.chainId;
  }

  /** Random bytes, when it ends (ms since 1970, big-endian), and a MAC over both and the operator. */
  challenge(operator: Uint8Array): Uint8Array {
    checkAddress(operator);
    const body = Buffer.alloc(RANDOM_BYTES + TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(body);
    body.writeBigUInt64BE(BigInt(this.#now() + this.#options.challengeMs), RANDOM_BYTES);
    return new Uint8Array(Buffer.concat([body, this.#mac(operator, body)]));
  }

  /** @throws {ProtocolError} `BAD_LOGIN`, whose message says what is wrong */
  async login(request: {
    operator: Uint8Array;
    server: string;
    challenge: Uint8Array;
    signature: Uint8Array;
  }): Promise<{ token: string; validMs: number }> {
    const { challenge, signature, server } = request;
    checkAddress(request.operator);
    const operator = toHex(request.operator);
    const end = this.#endOf(request.operator, challenge);
    if (!this.#servers.has(server))
      throw badLogin(`it is for the server ${server}, and this one is ${[...this.#servers].join(', ')}`);
    const { chainId, tokenMs } = this.#options;
    if (!(await isSigned({ operator, server, chainId, challenge }, signature)))
      throw badLogin(`the signature is not that of ${operator} on chain ${chainId}`);
    if (!this.#allowed.has(operator))
      throw badLogin(`the operator ${operator} is not on the list of this aggregator: have it added`);
    const name = toHex(challenge);
    this.#forgetOld();
    if (this.#used.has(name)) throw badLogin('the challenge served before: ask for another');
    this.#used.set(name, end);
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(digest(token), { operator, end: this.#now() + tokenMs });
    return { token, validMs: tokenMs };
  }

  /**
   * The operator that a request is made for.
   * @param header - `Bearer TOKEN`
   * @throws {ProtocolError} `UNAUTHENTICATED`
   */
  authorise(header: string | undefined): Hex {
    const known = this.#tokens.get(digest(/^Bearer (\S+)$/.exec(header ?? '')?.[1] ?? ''));
    if (known === undefined || known.end <= this.#now())
      throw new ProtocolError('UNAUTHENTICATED', 'there is no valid token with the request: log in (again).');
    return known.operator;
  }

  /** When a challenge ends that is one of ours and still serves. */
  #endOf(operator: Uint8Array, challenge: Uint8Array): number {
    const body = challenge.subarray(0, RANDOM_BYTES + TIME_BYTES);
    const mac = challenge.subarray(RANDOM_BYTES + TIME_BYTES);
    if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.#mac(operator, body)))
      throw badLogin('the challenge is not one that this server gave to the operator');
    const end = Number(Buffer.from(body).readBigUInt64BE(RANDOM_BYTES));
    if (end <= this.#now()) throw badLogin('the challenge is too old: ask for another');
    return end;
  }

  #mac(operator: Uint8Array, body: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(operator).update(body).digest();
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [name, end] of this.#used) if (end <= now) this.#used.delete(name);
    for (const [name, { end }] of this.#tokens) if (end <= now) this.#tokens.delete(name);
  }
}

/** `scheme://host:port`, with the port also where it is the usual one. */
export function origin(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function checkAddress(operator: Uint8Array): void {
  if (operator.length !== 20)
    throw new ProtocolError('BAD_REQUEST', `an operator's address has 20 bytes, not ${operator.length}.`);
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function badLogin(reason: string): ProtocolError {
  return new ProtocolError('BAD_LOGIN', `the login is refused: ${reason}.`);
}
