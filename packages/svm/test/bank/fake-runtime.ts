import { decodeAccount, encodeAccount } from '@polyproof/state';
import { RENT_EXEMPT_MINIMUM, systemAccount } from '../../src/index.js';
import type {
  AccountBytes,
  AccountEntry,
  AccountSource,
  BlockRuntime,
  EngineOutcome,
  ExecutedBlock,
  RuntimeContext,
  RuntimeTransaction,
  SimulationResult,
} from '../../src/runtime/types.js';

/** What a transaction does beside paying its fee, where it is not a System transfer. */
export type Effect = (get: (address: Uint8Array) => AccountBytes) => AccountEntry[];

const name = (address: Uint8Array) => Buffer.from(address).toString('hex');

/** Executes System transfers by the rules of the ledger, and whatever else it was told, one after the other. */
export class FakeRuntime implements BlockRuntime {
  readonly contexts: RuntimeContext[] = [];
  /** by hex of the first signature */
  readonly effects = new Map<string, Effect>();
  /** hex of first signatures */
  readonly poison = new Set<string>();
  readonly deferred = new Set<string>();
  /** of every transaction */
  meta: Uint8Array = new Uint8Array();
  discards = 0;
  closed = false;
  /** thrown by the next call */
  error: Error | undefined;
  /** awaited before each execution */
  gate: Promise<void> | undefined;
  readonly #accounts: AccountSource;

  constructor(accounts: AccountSource) {
    this.#accounts = accounts;
  }

  async execute(context: RuntimeContext, candidates: readonly RuntimeTransaction[]): Promise<ExecutedBlock> {
    await this.gate;
    if (this.error !== undefined) {
      const { error } = this;
      this.error = undefined;
      throw error;
    }
    this.contexts.push(context);
    const run = new Run(this.#accounts, this.meta);
    const is = (set: Set<string>, { transaction }: RuntimeTransaction) =>
      set.has(name(transaction.signatures[0]!));
    const deferred = candidates.filter((transaction) => is(this.deferred, transaction));
    const poisonous = candidates.filter((transaction) => is(this.poison, transaction));
    const executed = candidates
      .filter((transaction) => !deferred.includes(transaction) && !poisonous.includes(transaction))
      .map((transaction) => ({
        transaction,
        outcome: run.execute(transaction, this.#effectOf(transaction)),
      }));
    return { executed, deferred, poisonous, accounts: run.changed(), cost: 0 };
  }

  async simulate(_context: RuntimeContext, transaction: RuntimeTransaction): Promise<SimulationResult> {
    const run = new Run(this.#accounts, this.meta);
    const outcome = run.execute(transaction, this.#effectOf(transaction));
    return { outcome, accounts: outcome.status === 'ok' ? run.changed() : [] };
  }

  discard(): void {
    this.discards++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #effectOf({ transaction }: RuntimeTransaction): Effect | undefined {
    return this.effects.get(name(transaction.signatures[0]!));
  }
}

class Run {
  readonly #accounts: AccountSource;
  readonly #changed = new Map<string, AccountEntry>();

  readonly #meta: Uint8Array;

  constructor(accounts: AccountSource, meta: Uint8Array) {
    this.#accounts = accounts;
    this.#meta = meta;
  }

  changed(): AccountEntry[] {
    return [...this.#changed.values()];
  }

  execute(resolved: RuntimeTransaction, effect: Effect | undefined): EngineOutcome {
    const { accountKeys, writable, transaction } = resolved;
    const fee = resolved.baseFeeLamports + resolved.priorityFeeLamports;
    const payer = accountKeys[0]!;
    const held = this.#balance(payer);
    const outcome = { computeUnits: 150n, feeLamports: fee, meta: this.#meta };
    const rejected = { ...outcome, status: 'rejected' as const, feeLamports: 0n };
    if (held === 0n) return { ...rejected, error: 'AccountNotFound' };
    if (held < fee || !rentAllows(held - fee)) return { ...rejected, error: 'InsufficientFundsForFee' };
    this.#setBalance(payer, held - fee);
    if (effect !== undefined) {
      for (const entry of effect((address) => this.#get(address))) this.#set(...entry);
      return { ...outcome, status: 'ok' };
    }
    const failed = (error: unknown) => ({ ...outcome, status: 'failed' as const, error });
    const { accountIndexes, data } = transaction.message.instructions[0]!;
    const [from, to] = [accountIndexes[0]!, accountIndexes[1]!];
    const lamports = new DataView(data.buffer, data.byteOffset).getBigUint64(4, true);
    const [before, toBefore] = [this.#balance(accountKeys[from]!), this.#balance(accountKeys[to]!)];
    const signed = from < transaction.message.header.numRequiredSignatures;
    if (!signed || !writable[from] || !writable[to])
      return failed({ InstructionError: [0, 'MissingRequiredSignature'] });
    if (before < lamports) return failed({ InstructionError: [0, { Custom: 1 }] });
    if (from === to) return { ...outcome, status: 'ok' };
    if (!rentAllows(before - lamports) || !rentAllows(toBefore + lamports))
      return failed({ InsufficientFundsForRent: { account_index: to } });
    this.#setBalance(accountKeys[from]!, before - lamports);
    this.#setBalance(accountKeys[to]!, toBefore + lamports);
    return { ...outcome, status: 'ok' };
  }

  #get(address: Uint8Array): AccountBytes {
    const changed = this.#changed.get(name(address));
    return changed === undefined ? this.#accounts.get(address) : changed[1];
  }

  #set(address: Uint8Array, account: AccountBytes): void {
    this.#changed.set(name(address), [address, account]);
  }

  #balance(address: Uint8Array): bigint {
    const bytes = this.#get(address);
    return bytes === null ? 0n : decodeAccount(bytes).lamports;
  }

  #setBalance(address: Uint8Array, lamports: bigint): void {
    const bytes = this.#get(address);
    const account = bytes === null ? systemAccount(0n) : decodeAccount(bytes);
    this.#set(address, lamports === 0n ? null : encodeAccount({ ...account, lamports }));
  }
}

function rentAllows(after: bigint): boolean {
  return after >= RENT_EXEMPT_MINIMUM || after === 0n;
}
