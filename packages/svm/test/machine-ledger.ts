import {
  type Account,
  accountKey,
  accountValue,
  decodeAccount,
  encodeAccount,
  MemoryNodeStore,
  StateTree,
} from '@polyproof/state';
import { creditDeposits } from '../src/bank/credit-deposits.js';
import { creditFees } from '../src/bank/credit-fees.js';
import type { BatchItem } from '../src/batch-budget.js';
import {
  type BatchWitness,
  chainDataHash,
  type Deposit,
  encodeMessage,
  encodeProvedData,
  type GenesisAccount,
  isExitAddress,
  type Message,
  NotProvableError,
  type RollupParameters,
  systemAccount,
} from '../src/index.js';
import { recordWitness } from '../src/record-witness.js';
import { touchedByBatch } from '../src/touched.js';
import { measureTransaction } from '../src/zkvm/measure.js';
import { feeOf } from '../src/zkvm/provable-blocks.js';

const hex = (address: Uint8Array) => Buffer.from(address).toString('hex');

/** A batch that the machine executes by itself, without an engine, with its witness. */
export class MachineLedger {
  /** at the root from which the batch starts */
  readonly tree: StateTree;
  readonly #config: RollupParameters;
  readonly #store = new MemoryNodeStore();
  readonly #before = new Map<string, Account>();
  readonly #accounts: Map<string, Account>;
  readonly #blocks: Message[][] = [];
  readonly #deposits: Deposit[] = [];

  constructor({ genesis, ...config }: RollupParameters & { genesis: readonly GenesisAccount[] }) {
    this.#config = config;
    for (const { address, ...fields } of genesis)
      this.#before.set(hex(address), { ...systemAccount(fields.lamports), ...fields });
    this.#accounts = new Map(this.#before);
    this.tree = new StateTree(this.#store, 0n);
    this.tree.update(
      new Map(
        genesis.map(({ address }) => [accountKey(address), accountValue(this.#before.get(hex(address))!)]),
      ),
    );
  }

  get transactions(): number {
    return this.#blocks.flat().length;
  }

  readonly get = (address: Uint8Array): Account | null => this.#accounts.get(hex(address)) ?? null;

  /** Before all transactions. */
  deposit(deposit: Deposit): void {
    this.#deposits.push(deposit);
    for (const [address, account] of creditDeposits(this.#source, [deposit]))
      this.#set(address, decodeAccount(account!));
  }

  /** What a transaction takes and does, after what was done; undefined where it cannot be proved. */
  measure(message: Message): BatchItem | undefined {
    try {
      return { ...measureTransaction(message, this.get), message };
    } catch (error) {
      if (error instanceof NotProvableError) return undefined;
      throw error;
    }
  }

  /** Measures and applies. */
  execute(message: Message): BatchItem | undefined {
    const item = this.measure(message);
    if (item !== undefined) this.apply(item);
    return item;
  }

  /** Within a block. */
  apply({ accounts }: BatchItem): void {
    for (const { address, after } of accounts) this.#set(address, after);
  }

  /** After its transactions were applied. */
  endBlock(block: readonly BatchItem[]): void {
    this.#blocks.push(block.map(({ message }) => message));
    const fees = block.reduce((sum, { message }) => sum + feeOf(message), 0n);
    for (const [address, account] of creditFees(this.#source, this.#config.collector, [], fees))
      this.#set(address, account === null ? null : decodeAccount(account));
  }

  /** The witness of all blocks, and the accounts after them. */
  finish(): { witness: BatchWitness; after: [Uint8Array, Account | null][] } {
    const messages = this.#blocks.flat();
    const touched = [...touchedByBatch(messages, this.#deposits, this.#config.collector).values()].map(
      (address) => ({
        address,
        before: this.#before.get(hex(address)) ?? null,
        after: isExitAddress(address) ? null : this.get(address),
      }),
    );
    const prevStateRoot = this.tree.root;
    const nodes = recordWitness(this.#store, prevStateRoot, touched);
    const data = encodeProvedData(
      this.#blocks.map((block) => block.map(encodeMessage)),
      this.#deposits,
    );
    const newStateRoot = new StateTree(this.#store, prevStateRoot).update(
      new Map(
        touched.map(({ address, after }) => [
          accountKey(address),
          after === null ? null : accountValue(after),
        ]),
      ),
    );
    return {
      witness: {
        batchNumber: 1n,
        config: this.#config,
        prevStateRoot,
        newStateRoot,
        prevDataHash: 0n,
        newDataHash: chainDataHash(0n, data),
        data,
        signatures: [],
        blocks: this.#blocks.map((_, i) => ({ slot: BigInt(i + 1), unixTimestamp: 0n })),
        accounts: touched.map(({ address, before }) => [address, before]),
        nodes,
      },
      after: touched.map(({ address, after }) => [address, after]),
    };
  }

  readonly #source = {
    get: (address: Uint8Array) => {
      const account = this.get(address);
      return account === null ? null : encodeAccount(account);
    },
  };

  #set(address: Uint8Array, account: Account | null): void {
    if (account === null) this.#accounts.delete(hex(address));
    else this.#accounts.set(hex(address), account);
  }
}
