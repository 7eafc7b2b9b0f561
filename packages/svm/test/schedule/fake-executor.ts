import { createHash } from 'node:crypto';
import { concatBytes } from '@polyproof/base';
import { decodeAccount, encodeAccount } from '@polyproof/state';
import { ExecutorCrashedError } from '../../src/errors.js';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import type {
  AccountBytes,
  AccountEntry,
  AccountSource,
  EngineOutcome,
  EngineTransaction,
  GroupResult,
  GroupWork,
  RuntimeContext,
  RuntimeExecutor,
  SimulationResult,
  SimulationWork,
} from '../../src/runtime/types.js';

/**
 * A runtime in which everything depends on everything: what a transaction writes is a digest of all accounts that it
 * names. Executed in another order, or on an old account, it gives another result.
 */
export class FakeLedger {
  readonly accounts = new Map<string, Uint8Array>();

  get(address: Uint8Array): AccountBytes {
    return this.accounts.get(addressKey(address)) ?? null;
  }

  set(address: Uint8Array, account: AccountBytes): void {
    if (account === null) this.accounts.delete(addressKey(address));
    else this.accounts.set(addressKey(address), account);
  }

  /** Executes and returns the accounts that changed. */
  execute(transaction: EngineTransaction): { outcome: EngineOutcome; accounts: AccountEntry[] } {
    const { accountKeys, writable, baseFeeLamports } = transaction;
    const digest = createHash('sha256')
      .update(transaction.transaction.messageBytes)
      .update(concatBytes(...accountKeys.map((key) => this.get(key) ?? Uint8Array.of(0))))
      .digest();
    const result = (status: EngineOutcome['status']): EngineOutcome => ({
      status,
      ...(status === 'ok' ? {} : { error: `Custom${digest[1]}` }),
      computeUnits: BigInt(digest.readUInt16LE(2)) % 5_000n,
      feeLamports: status === 'rejected' ? 0n : baseFeeLamports,
      meta: digest,
    });
    const payer = this.get(accountKeys[0]!);
    const lamports = payer === null ? 0n : decodeAccount(payer).lamports;
    if (payer === null || lamports <= baseFeeLamports) return { outcome: result('rejected'), accounts: [] };

    const charged = encodeAccount({ ...decodeAccount(payer), lamports: lamports - baseFeeLamports });
    const changes: AccountEntry[] = [[accountKeys[0]!, charged]];
    const failed = digest[0]! % 5 === 0;
    if (!failed)
      for (let i = 1; i < accountKeys.length; i++) {
        if (!writable[i]) continue;
        const before = this.get(accountKeys[i]!);
        const gone = before !== null && digest[i % 32]! % 7 === 0;
        const base = { lamports: 1_000_000n, owner: new Uint8Array(32), executable: false, rentEpoch: 0n };
        changes.push([
          accountKeys[i]!,
          gone ? null : encodeAccount({ ...(before === null ? base : decodeAccount(before)), data: digest }),
        ]);
      }
    for (const [address, account] of changes) this.set(address, account);
    return { outcome: result(failed ? 'failed' : 'ok'), accounts: changes };
  }
}

export interface FakeOptions {
  /** Turns of the event loop that a group takes. */
  turns?: () => number;
  /** Whether the engine dies of the group, or while it is under way. */
  dies?: (transactions: readonly EngineTransaction[]) => boolean;
}

/** An executor in this process that knows only what it was given. */
export class FakeExecutor implements RuntimeExecutor {
  generation = 0;
  readonly groups: number[] = [];
  readonly contexts: RuntimeContext[] = [];
  shipped = 0;
  closed = false;
  ledger = new FakeLedger();
  readonly #options: FakeOptions;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  beginBlock(context: RuntimeContext): void {
    this.contexts.push(context);
  }

  execute(work: GroupWork): Promise<GroupResult> {
    return this.#enqueue(() => {
      this.groups.push(work.transactions.length);
      this.#give(work.accounts);
      if (this.#options.dies?.(work.transactions) === true) this.die();
      const changed = new Map<string, AccountEntry>();
      const outcomes = work.transactions.map((transaction) => {
        const { outcome, accounts } = this.ledger.execute(transaction);
        for (const entry of accounts) changed.set(addressKey(entry[0]), entry);
        return outcome;
      });
      return { outcomes, accounts: [...changed.values()] };
    });
  }

  simulate({ accounts, transaction }: SimulationWork): Promise<SimulationResult> {
    return this.#enqueue(() => {
      this.#give(accounts);
      if (this.#options.dies?.([transaction]) === true) this.die();
      const copy = new FakeLedger();
      for (const [key, bytes] of this.ledger.accounts) copy.accounts.set(key, bytes);
      const { outcome } = copy.execute(transaction);
      const written = transaction.accountKeys.filter((_, index) => transaction.writable[index]);
      return {
        outcome,
        accounts: outcome.status === 'ok' ? written.map((address) => [address, copy.get(address)]) : [],
      };
    });
  }

  /** Everything that is under way fails, and everything it held is gone. */
  die(): never {
    this.generation++;
    this.ledger = new FakeLedger();
    throw new ExecutorCrashedError('EXECUTOR_CRASHED', 'the fake engine died.');
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #give(accounts: readonly AccountEntry[]): void {
    this.shipped += accounts.length;
    for (const [address, account] of accounts) this.ledger.set(address, account);
  }

  #enqueue<T>(call: () => T): Promise<T> {
    const { generation } = this;
    const result = this.#tail.then(async () => {
      for (let turns = this.#options.turns?.() ?? 0; turns > 0; turns--)
        await new Promise((resolve) => setImmediate(resolve));
      // What was sent to an engine that died is lost with it.
      if (this.generation !== generation)
        throw new ExecutorCrashedError('EXECUTOR_CRASHED', 'the fake engine died before.');
      return call();
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** The ledger as it is stored between blocks; `get` gives new bytes, as a database does. */
export class FakeSource implements AccountSource {
  readonly ledger = new FakeLedger();

  get(address: Uint8Array): AccountBytes {
    const bytes = this.ledger.get(address);
    return bytes === null ? null : Uint8Array.from(bytes);
  }

  adopt(accounts: readonly AccountEntry[]): void {
    for (const [address, account] of accounts) this.ledger.set(address, account);
  }
}
