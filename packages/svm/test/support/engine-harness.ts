import { silentLogger } from '@polyproof/base';
import { type Account, decodeAccount } from '@polyproof/state';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import { ProcessRuntimeExecutor } from '../../src/runtime/engine/process-runtime-executor.js';
import type {
  AccountBytes,
  AccountEntry,
  EngineOutcome,
  EngineTransaction,
} from '../../src/runtime/types.js';
import { address, context, engineTransaction, hash, type TransactionParts } from './engine-transactions.js';

/** An engine process and the accounts that a bank would keep for it. */
export class TestEngine {
  readonly executor: ProcessRuntimeExecutor;
  readonly accounts = new Map<string, AccountBytes>();
  slot = 100n;
  /** accounts that the engine has not been given yet */
  #unsent: AccountEntry[] = [];
  #generation = 0;

  constructor(accounts: readonly AccountEntry[], options: { deadlineMs?: number } = {}) {
    this.executor = new ProcessRuntimeExecutor(options, { logger: silentLogger });
    for (const entry of accounts) this.set(entry);
    this.nextBlock();
  }

  get blockhash(): Uint8Array {
    return hash(`block ${this.slot - 1n}`);
  }

  set([key, account]: AccountEntry): void {
    this.accounts.set(addressKey(key), account);
    this.#unsent.push([key, account]);
  }

  account(key: Uint8Array): Account | null {
    const bytes = this.accounts.get(addressKey(key)) ?? null;
    return bytes === null ? null : decodeAccount(bytes);
  }

  balance(name: string): bigint {
    return this.account(address(name))?.lamports ?? 0n;
  }

  nextBlock(): void {
    this.slot++;
    const slots = Array.from({ length: 5 }, (_, index) => this.slot - 1n - BigInt(index));
    this.executor.beginBlock(
      context({
        slot: this.slot,
        blockhashes: slots.toReversed().map((slot) => hash(`block ${slot}`)),
        slotHashes: slots.map((slot) => [slot, hash(`block ${slot}`)] as const),
      }),
    );
  }

  /** A transaction with the last blockhash. */
  transaction(parts: Omit<TransactionParts, 'blockhash'> & { blockhash?: Uint8Array }): EngineTransaction {
    return engineTransaction({ blockhash: this.blockhash, ...parts });
  }

  /** Executes a group on what is known, and keeps what it changed. */
  async run(...transactions: EngineTransaction[]): Promise<EngineOutcome[]> {
    const all = this.executor.generation !== this.#generation;
    const accounts: AccountEntry[] = all
      ? [...this.accounts].map(([key, bytes]) => [Buffer.from(key, 'latin1'), bytes] as const)
      : this.#unsent;
    this.#unsent = [];
    this.#generation = this.executor.generation;
    const result = await this.executor.execute({ accounts, transactions });
    for (const [key, bytes] of result.accounts)
      this.accounts.set(addressKey(key), bytes === null ? null : Uint8Array.from(bytes));
    return result.outcomes;
  }

  close(): Promise<void> {
    return this.executor.close();
  }
}
