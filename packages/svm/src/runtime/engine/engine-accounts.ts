import { InvariantError } from '@polyproof/base';
import litesvm from 'litesvm/dist/internal.js';
import { encodeBase58 } from '../../base58.js';
import type { AccountEntry } from '../types.js';
import { type AccountFields, addressKey, HeldAccount } from './held-account.js';
import type { NewRuntime, Runtime } from './new-runtime.js';
import { isKnownTokenProgram } from './token-moves.js';
import {
  isProgramdata,
  PROGRAMDATA_HEADER_BYTES,
  programdataAddress,
  UPGRADEABLE_LOADER,
} from './upgradeable-program.js';

const GONE = new litesvm.Account(0n, new Uint8Array(), new Uint8Array(32), false, 0n);
const PROGRAM_TAG = Buffer.of(2, 0, 0, 0);

/**
 * The accounts of the runtime and the engine's copies of them.
 *
 * litesvm keeps the compiled code of a program from when its account was set last, refuses or dies where that cannot
 * be compiled, and does not notice a change of the programdata account. The rules for all that are here.
 */
export class EngineAccounts {
  readonly #svm: Runtime;
  readonly #held = new Map<string, HeldAccount>();
  /** programdata address to the programs whose code it is (latin1) */
  readonly #programsOf = new Map<string, Set<string>>();
  /** programs without an account whose compiled form the runtime still has */
  readonly #ghosts = new Set<string>();
  #changed: HeldAccount[] = [];
  #knowsTokenProgram = false;

  constructor({ svm, own, removedPrograms }: NewRuntime) {
    this.#svm = svm;
    for (const address of own) {
      const held = new HeldAccount(address, addressKey(address), true);
      held.lamports = svm.getBalance(address) ?? 0n;
      this.#held.set(held.key, held);
    }
    for (const address of removedPrograms) this.#forgetProgram(address);
  }

  /** The account at the address; where there is none, an empty one that is not kept. */
  get(address: Buffer): HeldAccount {
    const key = addressKey(address);
    return this.#held.get(key) ?? new HeldAccount(address, key);
  }

  /** @param key - see {@link addressKey} */
  find(key: string): HeldAccount | undefined {
    return this.#held.get(key);
  }

  /** True where the runtime would die of a transaction that names the address. */
  isGhost(held: HeldAccount): boolean {
    return this.#ghosts.has(held.key);
  }

  /** Whether the SPL Token program is the one whose transfers are known: see `tokenMoves`. */
  get knowsTokenProgram(): boolean {
    return this.#knowsTokenProgram;
  }

  /** Sets accounts to what the caller holds; nothing of it counts as a change. */
  load(entries: readonly AccountEntry[]): void {
    const programs = new Set<HeldAccount>();
    for (const [address, bytes] of entries) {
      const held = this.get(address as Buffer);
      if (held.own && bytes === null) continue;
      if (held.own)
        throw new InvariantError(`an account of the runtime itself was given: ${encodeBase58(address)}`);
      const before = held.toBytes();
      if (bytes === null ? before === null : before?.equals(bytes)) continue;
      const wasExecutable = held.executable;
      held.setBytes(bytes);
      this.#store(held, wasExecutable, programs);
      if (!held.exists) this.#held.delete(held.key);
    }
    for (const held of programs) if (held.exists) this.#setProgram(held);
  }

  /** Remembers what the account was before the group. */
  touch(held: HeldAccount): void {
    if (!held.touch()) return;
    this.#held.set(held.key, held);
    this.#changed.push(held);
  }

  /** Gives accounts their contents after a transaction that the runtime only simulated; null removes. */
  apply(accounts: readonly (readonly [HeldAccount, AccountFields | null])[]): void {
    const programs = new Set<HeldAccount>();
    for (const [held, fields] of accounts) {
      const wasExecutable = held.executable;
      if (fields === null) held.setBytes(null);
      else held.setFields(fields);
      this.#store(held, wasExecutable, programs);
    }
    for (const held of programs) if (held.exists) this.#setProgram(held);
  }

  /** Gives the runtime what the engine says of the account; not for programs. */
  store(held: HeldAccount): void {
    this.#svm.setAccount(held.address, held.exists ? toRuntime(held) : GONE);
  }

  /** All that changed since the last call; the bytes are overwritten by what comes next. */
  takeChanges(): AccountEntry[] {
    const changes: AccountEntry[] = [];
    for (const held of this.#changed) {
      const change = held.change();
      if (change !== undefined) changes.push(change);
      if (!held.exists) this.#held.delete(held.key);
    }
    this.#changed = [];
    return changes;
  }

  /** Writes the account to the runtime, but for programs: these, and programs whose code it is, go to `programs`. */
  #store(held: HeldAccount, wasExecutable: boolean, programs: Set<HeldAccount>): void {
    for (const program of this.#programsOf.get(held.key) ?? []) programs.add(this.#held.get(program)!);
    if (wasExecutable && !held.executable) this.#forgetProgram(held.address);
    if (held.exists) this.#held.set(held.key, held);
    if (held.executable) programs.add(held);
    else this.store(held);
  }

  #setProgram(held: HeldAccount): void {
    this.#ghosts.delete(held.key);
    if (held.role === 'token') this.#knowsTokenProgram = false;
    const codeAddress = programdataAddress(held.owner, held.data);
    if (codeAddress === undefined) {
      this.#svm.setAccount(held.address, toRuntime(held));
      return;
    }
    const code = this.get(codeAddress as Buffer);
    if (held.role === 'token') this.#knowsTokenProgram = isKnownTokenProgram(code.data);
    const known = this.#programsOf.get(code.key);
    if (known === undefined) this.#programsOf.set(code.key, new Set([held.key]));
    else known.add(held.key);
    const closed =
      code.exists && !(isProgramdata(code.owner, code.data) && code.data.length > PROGRAMDATA_HEADER_BYTES);
    if (!closed) {
      try {
        this.#svm.setAccount(held.address, toRuntime(held));
        return;
      } catch {
        // Code that does not verify: such a program cannot be called, as on Agave.
      }
    }
    // Without its code the runtime takes the program as closed: what Agave does where another account is in its place.
    this.#svm.setAccount(code.address, GONE);
    this.#svm.setAccount(held.address, toRuntime(held));
    this.#svm.setAccount(code.address, toRuntime(code));
  }

  /** Replaces what the runtime has compiled by a closed program: the same whatever was there before. */
  #forgetProgram(address: Uint8Array): void {
    const key = addressKey(address);
    this.#ghosts.add(key);
    for (const programs of this.#programsOf.values()) programs.delete(key);
    this.#svm.setAccount(address, GONE);
    const data = Buffer.concat([PROGRAM_TAG, address]);
    this.#svm.setAccount(address, new litesvm.Account(1n, data, UPGRADEABLE_LOADER, true, 0n));
    this.#svm.setAccount(address, GONE);
  }
}

function toRuntime({
  lamports,
  data,
  owner,
  executable,
  rentEpoch,
}: HeldAccount): InstanceType<typeof litesvm.Account> {
  return new litesvm.Account(lamports, data, owner, executable, rentEpoch);
}
