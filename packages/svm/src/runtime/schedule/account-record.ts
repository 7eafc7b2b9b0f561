import { equalBytes } from '@polyproof/base';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM, UPGRADEABLE_LOADER } from '../resolve/native-programs.js';
import type { AccountBytes } from '../types.js';
import type { Scheduled } from './scheduled.js';

/** Layout of `encodeAccount`. */
const OWNER = 16;
const EXECUTABLE = 48;
export const ACCOUNT_HEADER_BYTES = 49;

const PROGRAM_BYTES = 36;
const TAG_PROGRAM = 2;
const TOKEN_ACCOUNT_BYTES = 165;
const TOKEN_2022_ACCOUNT_TYPE = 2;

/** What the main process knows of one account: its bytes, who holds it, and what the block at hand does with it. */
export class AccountRecord {
  /** The block that the fields below belong to; those of another block are void. */
  block = -1;
  /** before the block */
  before: AccountBytes = null;
  /** after all groups whose results are here */
  current: AccountBytes = null;
  /** last transaction that may write the account, and those reading it since */
  writer: Scheduled | undefined;
  readers: Scheduled[] = [];
  /** the executor that was last given a transaction that may write the account */
  writtenBy = -1;
  /** what transactions that write the account cost in this block: used, or else requested */
  cost = 0;
  /** the part of `cost` that is requested and may be given back */
  reserved = 0;
  /** a transaction did not fit into the limit of the account: those behind it must not overtake it */
  full = false;
  /** a candidate of this block asked to write the account */
  writeRequested = false;
  changed = false;

  /** What each executor holds, as long as it lives. */
  readonly held: AccountBytes[];
  /** Taken out of the cache: not to be used any more. */
  evicted = false;
  /** the program that the account is the code of */
  program: AccountRecord | undefined;
  #link: AccountRecord | undefined;
  #linkOf: AccountBytes = null;

  constructor(
    readonly key: string,
    readonly address: Uint8Array,
    executors: number,
  ) {
    this.held = new Array<AccountBytes>(executors).fill(null);
  }

  /** The fields of a new block. */
  open(block: number, bytes: AccountBytes): void {
    this.block = block;
    this.before = bytes;
    this.current = bytes;
    this.writer = undefined;
    if (this.readers.length > 0) this.readers = [];
    this.writtenBy = -1;
    this.cost = 0;
    this.reserved = 0;
    this.full = false;
    this.writeRequested = false;
    this.changed = false;
  }

  /** Length of the account's data before the block. */
  get dataLength(): number {
    return this.before === null ? 0 : this.before.length - ACCOUNT_HEADER_BYTES;
  }

  /** Whether the account was a program before the block. */
  get executable(): boolean {
    return this.before !== null && this.before[EXECUTABLE] === 1;
  }

  /** Whether the executor needs the account before it can use it in its current form. */
  isMissingFrom(executor: number): boolean {
    const held = this.held[executor]!;
    if (held === this.current) return false;
    if (held === null || this.current === null || !equalBytes(held, this.current)) return true;
    this.held[executor] = this.current;
    return false;
  }

  /**
   * The account that goes wherever this one goes: the code of a program, the mint of a token account.
   * @param lookUp - finds the record of an address
   */
  link(lookUp: (address: Uint8Array) => AccountRecord): AccountRecord | undefined {
    const { current } = this;
    const known = this.#link;
    if (this.#linkOf === current && known?.evicted !== true) return known;
    this.#linkOf = current;
    const at = current === null ? -1 : linkOffset(current);
    if (at === -1) this.#link = undefined;
    else if (known === undefined || known.evicted || !hasBytesAt(current!, at, known.address)) {
      const link = lookUp(current!.subarray(at, at + 32));
      if (current![EXECUTABLE] === 1) link.program = this;
      this.#link = link;
    }
    return this.#link;
  }

  /** What {@link link} found last. */
  get knownLink(): AccountRecord | undefined {
    return this.#link;
  }
}

/** Where the address of the linked account is in the bytes of an account; -1 where there is none. */
function linkOffset(bytes: Uint8Array): number {
  const size = bytes.length - ACCOUNT_HEADER_BYTES;
  const at = ACCOUNT_HEADER_BYTES;
  if (bytes[EXECUTABLE] === 1) {
    const isProgram =
      size >= PROGRAM_BYTES && bytes[at] === TAG_PROGRAM && hasBytesAt(bytes, OWNER, UPGRADEABLE_LOADER);
    return isProgram ? at + 4 : -1;
  }
  if (size < TOKEN_ACCOUNT_BYTES) return -1;
  const isTokenAccount =
    size === TOKEN_ACCOUNT_BYTES
      ? hasBytesAt(bytes, OWNER, TOKEN_PROGRAM) || hasBytesAt(bytes, OWNER, TOKEN_2022_PROGRAM)
      : bytes[at + TOKEN_ACCOUNT_BYTES] === TOKEN_2022_ACCOUNT_TYPE &&
        hasBytesAt(bytes, OWNER, TOKEN_2022_PROGRAM);
  return isTokenAccount ? at : -1;
}

/** Compared here because a call into native code costs more than 32 bytes do. */
function hasBytesAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
