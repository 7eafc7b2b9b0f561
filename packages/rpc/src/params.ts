import { type Commitment, type CommitmentContext, slotAt } from './context.js';
import { invalidParams, paramError, RpcError } from './errors.js';
import { tryDecodeBase58 } from './wire.js';

const MAX_U64 = 2n ** 64n - 1n;

/** The positional parameters of one request, read with checks. Every getter throws INVALID_PARAMS. */
export class Params {
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  string(index: number, name: string): string {
    const value = this.#values[index];
    if (typeof value !== 'string') throw invalidParams(`${name} (parameter ${index + 1}) must be a string.`);
    return value;
  }

  u64(index: number, name: string): bigint {
    return u64(this.#values[index], `${name} (parameter ${index + 1})`);
  }

  /** Like {@link u64}; `undefined` where it is left out. */
  optionalU64(index: number, name: string): bigint | undefined {
    const value = this.#values[index];
    return value === undefined || value === null ? undefined : u64(value, `${name} (parameter ${index + 1})`);
  }

  /** An address, blockhash or state root's worth of bytes in base 58. */
  bytes32(index: number, name: string): Uint8Array {
    return base58Of(this.string(index, name), 32, name);
  }

  signature(index: number): Uint8Array {
    return base58Of(this.string(index, 'signature'), 64, 'signature');
  }

  /** @param decode - checks one entry of the list */
  list<T>(index: number, name: string, max: number, decode: (entry: string) => T): T[] {
    const value = this.#values[index];
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string'))
      throw invalidParams(`${name} (parameter ${index + 1}) must be a list of strings.`);
    if (value.length > max) throw paramError(`Too many inputs provided; max ${max}`);
    return value.map((entry: string) => decode(entry));
  }

  /** The configuration of a method that took only an encoding there once: that is still understood. */
  configOrEncoding(index: number): Config {
    const value = this.#values[index];
    return typeof value === 'string' ? new Config({ encoding: value }) : this.config(index);
  }

  /** The configuration object that Solana's methods take last; empty when it is left out. */
  config(index: number): Config {
    const value = this.#values[index];
    if (value === undefined || value === null) return EMPTY;
    if (typeof value !== 'object' || Array.isArray(value))
      throw invalidParams(`the configuration (parameter ${index + 1}) must be an object.`);
    return new Config(value as Record<string, unknown>);
  }
}

export class Config {
  readonly #members: Record<string, unknown>;

  constructor(members: Record<string, unknown>) {
    this.#members = members;
  }

  /** Solana's default, and what clients leave out: `finalized`. */
  get commitment(): Commitment {
    return this.oneOf('commitment', ['processed', 'confirmed', 'finalized'], 'finalized');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.#members[name] ?? otherwise;
    if (!allowed.includes(value as T))
      throw invalidParams(`${name} must be one of ${allowed.join(', ')}; got ${describe(value)}.`);
    return value as T;
  }

  /** The commitment of methods that read history, which has nothing below `confirmed`. */
  get historyCommitment(): 'confirmed' | 'finalized' {
    const { commitment } = this;
    if (commitment === 'processed') throw paramError('Method does not support commitment below `confirmed`');
    return commitment;
  }

  boolean(name: string, otherwise = false): boolean {
    const value = this.#members[name] ?? otherwise;
    if (typeof value !== 'boolean') throw invalidParams(`${name} must be true or false.`);
    return value;
  }

  u64(name: string): bigint | undefined {
    const value = this.#members[name];
    return value === undefined || value === null ? undefined : u64(value, name);
  }

  /** An address in base 58; `undefined` where it is left out. */
  address(name: string): Uint8Array | undefined {
    return this.#base58(name, 32);
  }

  /** A signature in base 58; `undefined` where it is left out. */
  signature(name: string): Uint8Array | undefined {
    return this.#base58(name, 64);
  }

  get(name: string): unknown {
    return this.#members[name];
  }

  /** Refuses to answer from a state older than the client has already seen elsewhere. */
  checkMinContextSlot(context: CommitmentContext): this {
    const slot = this.u64('minContextSlot');
    const contextSlot = slotAt(context, 'confirmed');
    if (slot !== undefined && slot > contextSlot)
      throw new RpcError('MIN_CONTEXT_SLOT_NOT_REACHED', 'Minimum context slot has not been reached', {
        contextSlot,
      });
    return this;
  }

  #base58(name: string, length: number): Uint8Array | undefined {
    const value = this.#members[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw invalidParams(`${name} must be a string.`);
    return base58Of(value, length, name);
  }
}

const EMPTY = new Config({});

export function base58Of(text: string, length: number, name: string): Uint8Array {
  // The longest text of n bytes has 1.366 n characters: longer ones are not worth decoding.
  const bytes = text.length <= length * 1.4 ? tryDecodeBase58(text) : undefined;
  if (bytes?.length !== length)
    throw invalidParams(`${name} must be ${length} bytes in base 58; got ${describe(text)}.`);
  return bytes;
}

function u64(value: unknown, name: string): bigint {
  const valid = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  const integer = valid ? BigInt(value as number | bigint) : -1n;
  if (integer < 0n || integer > MAX_U64)
    throw invalidParams(`${name} must be an integer from 0 to 2^64 - 1; got ${describe(value)}.`);
  return integer;
}

/** A value for an error message, cut to a readable length. */
function describe(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
