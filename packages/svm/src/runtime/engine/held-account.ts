import { InvariantError } from '@polyproof/base';
import type { AccountEntry } from '../types.js';
import { PROGRAM_ROLES, type ProgramRole } from './program-roles.js';
import { AMOUNT_AT, isTokenProgram, type TokenFields, tokenFields } from './token-data.js';

/** Layout of `encodeAccount`: lamports, rent epoch, owner, executable, data. */
const RENT_EPOCH_AT = 8;
const OWNER_AT = 16;
const EXECUTABLE_AT = 48;
export const DATA_AT = 49;

/** Rent epoch of accounts that are exempt from rent for ever. */
export const EXEMPT = (1n << 64n) - 1n;
const SYSTEM_OWNER = Buffer.alloc(32);

/** An address as a key of maps: a byte a character. */
export function addressKey(address: Uint8Array): string {
  const buffer = Buffer.isBuffer(address) ? address : Buffer.from(address);
  return buffer.toString('latin1');
}

/** What the runtime says of an account. */
export interface AccountFields {
  lamports: bigint;
  data: Uint8Array;
  owner: Uint8Array;
  executable: boolean;
  rentEpoch: bigint;
}

/**
 * `plain`: System account without data, or nothing at all; `token`: of a token program; `other`: everything else, and
 * what is not marked as exempt from rent, because the runtime marks it when it can.
 */
export type AccountKind = 'plain' | 'token' | 'other';

/**
 * The engine's own copy of an account that the runtime holds, because asking the runtime costs microseconds.
 *
 * Its state at the start of a group is kept until {@link change} has told what the group did to it.
 */
export class HeldAccount {
  readonly address: Buffer;
  /** see {@link addressKey} */
  readonly key: string;
  /** part of the runtime, not of the rollup's state */
  readonly own: boolean;
  readonly role: ProgramRole | undefined;
  lamports = 0n;
  /** as `encodeAccount` writes it, but for the lamports; null where the account does not exist or is the runtime's */
  #bytes: Buffer | null = null;
  /** of #bytes; kept, because it is asked for again and again */
  #kind: AccountKind | undefined;
  #token: TokenFields | null | undefined;
  #lastToken: TokenFields | null = null;
  #before: { lamports: bigint; bytes: Buffer | null; copied: boolean } | undefined;

  constructor(address: Uint8Array, key: string, own = false) {
    this.address = Buffer.from(address);
    this.key = key;
    this.own = own;
    this.role = PROGRAM_ROLES.get(key);
  }

  get exists(): boolean {
    return this.lamports > 0n;
  }

  get owner(): Buffer {
    return this.#bytes === null ? SYSTEM_OWNER : this.#bytes.subarray(OWNER_AT, EXECUTABLE_AT);
  }

  get executable(): boolean {
    return this.#bytes !== null && this.#bytes[EXECUTABLE_AT] === 1;
  }

  get data(): Buffer {
    return this.#bytes === null ? SYSTEM_OWNER.subarray(0, 0) : this.#bytes.subarray(DATA_AT);
  }

  get dataLength(): number {
    return this.#bytes === null ? 0 : this.#bytes.length - DATA_AT;
  }

  get rentEpoch(): bigint {
    return this.#bytes === null ? EXEMPT : this.#bytes.readBigUInt64LE(RENT_EPOCH_AT);
  }

  get kind(): AccountKind {
    this.#kind ??= this.#kindOf();
    return this.#kind;
  }

  /** What it says as an account or mint of a token program; null where it is none. */
  get token(): TokenFields | null {
    if (this.#token === undefined) {
      this.#token = this.#bytes === null ? null : tokenFields(this.owner, this.data, this.#lastToken);
      this.#lastToken = this.#token;
    }
    return this.#token;
  }

  /** True where the account was not touched before in this group. */
  touch(): boolean {
    if (this.#before !== undefined) return false;
    this.#before = { lamports: this.lamports, bytes: this.#bytes, copied: false };
    return true;
  }

  /** New contents, as `encodeAccount` writes them; null removes. */
  setBytes(bytes: Uint8Array | null): void {
    this.#token = undefined;
    this.#kind = undefined;
    if (bytes === null) {
      this.#bytes = null;
      this.lamports = 0n;
      return;
    }
    this.#replace(bytes.length).set(bytes);
    this.lamports = this.#bytes!.readBigUInt64LE(0);
  }

  setFields({ lamports, data, owner, executable, rentEpoch }: AccountFields): void {
    this.#token = undefined;
    this.#kind = undefined;
    this.lamports = lamports;
    const bytes = this.#replace(DATA_AT + data.length);
    bytes.writeBigUInt64LE(rentEpoch, RENT_EPOCH_AT);
    bytes.set(owner, OWNER_AT);
    bytes[EXECUTABLE_AT] = executable ? 1 : 0;
    bytes.set(data, DATA_AT);
  }

  /** Whether these are the account's contents already. */
  matches(fields: AccountFields): boolean {
    return (
      this.lamports === fields.lamports &&
      this.rentEpoch === fields.rentEpoch &&
      this.executable === fields.executable &&
      this.owner.equals(fields.owner) &&
      this.data.equals(fields.data)
    );
  }

  /** Other lamports, everything else as it is; a plain account comes into being or goes. */
  setLamports(lamports: bigint): void {
    const { data } = this;
    if (lamports === 0n) this.setBytes(null);
    else if (this.exists) this.lamports = lamports;
    else this.setFields({ lamports, data, owner: SYSTEM_OWNER, executable: false, rentEpoch: EXEMPT });
  }

  /** Other data of the same length. */
  setData(data: Uint8Array): void {
    this.#replace(DATA_AT + data.length).set(data, DATA_AT);
    this.#token = undefined;
  }

  /** Another amount of a token account; nothing else of it changes. */
  setTokenAmount(amount: bigint): void {
    const { token } = this;
    if (token?.kind !== 'account')
      throw new InvariantError('an account without tokens was given an amount of them');
    writeU64(this.#replace(this.#bytes!.length), amount, DATA_AT + AMOUNT_AT);
    const { kind, mint, mintKey, owner, programId, simple } = token;
    this.#token = { kind, mint, mintKey, owner, amount, programId, simple };
    this.#lastToken = this.#token;
  }

  /** The account as `encodeAccount` writes it: a view that later changes overwrite. */
  toBytes(): Buffer | null {
    if (!this.exists || this.#bytes === null) return null;
    writeU64(this.#bytes, this.lamports, 0);
    return this.#bytes;
  }

  /** What the group that ends did to the account, if anything; a view that later changes overwrite. */
  change(): AccountEntry | undefined {
    const before = this.#before!;
    this.#before = undefined;
    const after = this.#bytes;
    const same =
      before.lamports === this.lamports &&
      (before.bytes === after ||
        (before.bytes !== null &&
          after !== null &&
          before.bytes.length === after.length &&
          before.bytes.compare(after, RENT_EPOCH_AT, after.length, RENT_EPOCH_AT) === 0));
    return same ? undefined : [this.address, this.toBytes()];
  }

  #kindOf(): AccountKind {
    if (this.#bytes === null) return this.own ? 'other' : 'plain';
    if (this.executable || this.rentEpoch !== EXEMPT) return 'other';
    if (isTokenProgram(this.owner)) return 'token';
    return this.#bytes.length === DATA_AT && this.owner.equals(SYSTEM_OWNER) ? 'plain' : 'other';
  }

  /** The buffer for new contents: the same one where the length is, so that long-lived buffers stay where they are. */
  #replace(length: number): Buffer {
    const before = this.#before;
    if (this.#bytes === null || this.#bytes.length !== length) {
      const fresh = Buffer.alloc(length);
      this.#bytes?.copy(fresh, 0, 0, Math.min(length, DATA_AT));
      this.#bytes = fresh;
    } else if (before !== undefined && before.bytes === this.#bytes && !before.copied) {
      before.bytes = Buffer.from(this.#bytes);
      before.copied = true;
    }
    return this.#bytes;
  }
}

/** Several times faster than Buffer's. */
function writeU64(bytes: Buffer, value: bigint, at: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setBigUint64(at, value, true);
}
