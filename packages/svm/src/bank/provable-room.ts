import { toHex } from '@polyproof/base';
import { type Account, decodeAccount, encodeAccount } from '@polyproof/state';
import {
  BatchBudget,
  type BatchItem,
  type DepositItem,
  type DepthSource,
  type Limit,
  type Room,
} from '../batch-budget.js';
import type { Deposit } from '../deposits.js';
import { BankError, NotProvableError } from '../errors.js';
import type { Message } from '../message.js';
import { systemAccount } from '../rollup-config.js';
import type { AccountBytes, AccountEntry, AccountSource } from '../runtime/types.js';
import { chargeFee } from '../trace/charge-fee.js';
import type { Transaction } from '../transaction.js';
import { measureTransaction } from '../zkvm/measure.js';
import { feeOf } from '../zkvm/provable-blocks.js';
import { creditDeposits } from './credit-deposits.js';
import { creditFees } from './credit-fees.js';
import { byteString } from './keys.js';

/** What a transaction takes, or why it cannot be proved; of one that the runtime will refuse, nothing. */
type Measured = BatchItem | NotProvableError | undefined;

/** Accounts on top of others. */
class Overlay implements AccountSource {
  readonly #below: AccountSource;
  readonly #changed = new Map<string, AccountBytes>();

  constructor(below: AccountSource) {
    this.#below = below;
  }

  get(address: Uint8Array): AccountBytes {
    const changed = this.#changed.get(byteString(address));
    return changed === undefined ? this.#below.get(address) : changed;
  }

  set(address: Uint8Array, account: AccountBytes): void {
    this.#changed.set(byteString(address), account);
  }

  /** @throws {NotProvableError} */
  measure(message: Message): BatchItem {
    const item = measureTransaction(message, (address) => decoded(this.get(address)));
    for (const { address, after } of item.accounts) this.set(address, encoded(after));
    return { ...item, message };
  }
}

/**
 * The room of an open batch that is proved. Every transaction is executed on the machine that proves it before it gets
 * in: so it is known that it can be proved, and what it takes.
 */
export class ProvableRoom {
  readonly #collector: Uint8Array;
  readonly #accounts: AccountSource;
  readonly #budget: BatchBudget;
  readonly #restored: Overlay;
  /** candidates for the next block that were measured, one after the other */
  #candidates: { transaction: Transaction; measured: Measured }[] = [];
  #state: Overlay;

  /**
   * @param options - `circuits`: see {@link BatchBudget}
   * @param modules - `accounts`: after the last block
   */
  constructor(
    options: { collector: Uint8Array; circuits?: readonly Room[] },
    modules: { tree: DepthSource; accounts: AccountSource; accountsBefore: AccountSource },
  ) {
    this.#collector = options.collector;
    this.#accounts = modules.accounts;
    this.#budget = new BatchBudget(options, modules);
    this.#restored = new Overlay(modules.accountsBefore);
    this.#state = new Overlay(this.#accounts);
  }

  /** Adds deposits that the batch has on disk, before its blocks. */
  restoreDeposits(deposits: readonly Deposit[]): void {
    this.#budget.addDeposits(this.#depositItems(deposits));
    for (const [address, account] of creditDeposits(this.#restored, deposits))
      this.#restored.set(address, account);
  }

  /** Adds a block that the batch has on disk, the next one. */
  restore(block: readonly { message: Message }[]): void {
    const state = this.#restored;
    this.#budget.add(block.map(({ message }) => state.measure(message)));
    const fees = block.reduce((sum, { message }) => sum + feeOf(message), 0n);
    for (const [address, account] of creditFees(state, this.#collector, [], fees))
      state.set(address, account);
  }

  /** The limit that these would exceed together; those that cannot be proved take no room. */
  exceeded(transactions: readonly Transaction[]): Limit | undefined {
    return this.#budget.exceeded(provable(this.#measure(transactions)));
  }

  /** How many of these, from the first on, fit together; those that cannot be proved take no room. */
  fitting(transactions: readonly Transaction[]): number {
    const measured = this.#measure(transactions);
    let count = 0;
    const fits = (length: number) => this.#budget.fits(provable(measured.slice(0, length)));
    while (count < transactions.length && fits(count + 1)) count++;
    return count;
  }

  unprovable(transactions: readonly Transaction[]): Set<Transaction> {
    const measured = this.#measure(transactions);
    return new Set(transactions.filter((_, i) => measured[i] instanceof NotProvableError));
  }

  itemsOf(included: readonly Transaction[], changes: readonly AccountEntry[]): readonly BatchItem[] {
    const items = provable(this.#measure(included));
    const wrong = (what: string, details: Record<string, unknown> = {}) =>
      new BankError('UNPROVABLE_BLOCK', `the block cannot be proved: ${what}.`, details);
    if (items.length < included.length) throw wrong('one of its transactions cannot');
    const limit = this.#budget.exceeded(items);
    if (limit !== undefined) throw wrong(`the batch has no room for so many ${limit}`, { limit });
    // What one of the two does not name stays as it was.
    const computed = new Overlay(this.#accounts);
    const executed = new Overlay(this.#accounts);
    const touched = items.flatMap(({ accounts }) => accounts);
    for (const { address, after } of touched) computed.set(address, encoded(after));
    for (const [address, account] of changes) executed.set(address, account);
    for (const address of [...touched.map((account) => account.address), ...changes.map(([name]) => name)]) {
      if (sameBytes(computed.get(address), executed.get(address))) continue;
      throw wrong(`the machine comes to another state of account ${toHex(address)} than the engine`, {
        address,
      });
    }
    return items;
  }

  /** How many of these deposits, from the first on, fit together. */
  fittingDeposits(deposits: readonly Deposit[]): number {
    return this.#budget.fittingDeposits(this.#depositItems(deposits));
  }

  /** After they were committed. */
  addDeposits(deposits: readonly Deposit[]): void {
    this.#budget.addDeposits(this.#depositItems(deposits));
    this.#forget();
  }

  /** Deposits come before all blocks: their recipients have the data that they had before the batch. */
  #depositItems(deposits: readonly Deposit[]): DepositItem[] {
    return deposits.map(({ recipient }) => ({
      recipient,
      dataBytes: decoded(this.#restored.get(recipient))?.data.length ?? 0,
    }));
  }

  /** After a block was committed. */
  add(items: readonly BatchItem[]): void {
    this.#budget.add(items);
    this.#forget();
  }

  /** Measures candidates on the state after the last block, as far as they are not those that were measured last. */
  #measure(transactions: readonly Transaction[]): Measured[] {
    const known = this.#candidates;
    const same = transactions
      .slice(0, known.length)
      .every((transaction, i) => known[i]!.transaction === transaction);
    if (!same) this.#forget();
    for (const transaction of transactions.slice(this.#candidates.length))
      this.#candidates.push({ transaction, measured: this.#tryMeasure(transaction.message) });
    return this.#candidates.slice(0, transactions.length).map(({ measured }) => measured);
  }

  /** Who cannot pay is left to the engine, which has Solana's error for it. */
  #tryMeasure(message: Message): Measured {
    const payer = decoded(this.#state.get(message.accountKeys[0]!)) ?? systemAccount(0n);
    if (chargeFee({ ...payer }, feeOf(message)) !== undefined) return undefined;
    try {
      return this.#state.measure(message);
    } catch (error) {
      if (error instanceof NotProvableError) return error;
      throw error;
    }
  }

  #forget(): void {
    this.#candidates = [];
    this.#state = new Overlay(this.#accounts);
  }
}

function provable(measured: readonly Measured[]): BatchItem[] {
  return measured.filter(
    (item): item is BatchItem => item !== undefined && !(item instanceof NotProvableError),
  );
}

function decoded(bytes: AccountBytes): Account | null {
  return bytes === null ? null : decodeAccount(bytes);
}

function encoded(account: Account | null): AccountBytes {
  return account === null ? null : encodeAccount(account);
}

function sameBytes(a: AccountBytes, b: AccountBytes): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}
