import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { Bank, type BankOptions } from '../../src/bank/bank.js';
import type { ProducedBlock } from '../../src/bank/types.js';
import { decodeTransaction, type RollupConfig, type Transaction } from '../../src/index.js';
import type { AccountSource, BlockRuntime } from '../../src/runtime/types.js';
import { COLLECTOR, SOL } from '../helpers.js';
import { address, type TransferParts, transfer } from '../wire.js';
import { FakeRuntime } from './fake-runtime.js';

export { COLLECTOR, SOL };

export function rollupConfig(balances: Record<string, bigint>, execution?: 'zk' | 'any'): RollupConfig {
  return {
    rollupId: 7n,
    collector: address(COLLECTOR),
    lamportsPerSignature: 5_000n,
    genesis: Object.entries(balances).map(([name, lamports]) => ({ address: address(name), lamports })),
    ...(execution === undefined ? {} : { execution }),
  };
}

export interface TestOptions extends Partial<Omit<BankOptions, 'directory'>> {
  /** Directory of a closed bank of the same rollup to start from: saves hashing the programs of its genesis again. */
  copyOf?: string;
  /** Default: a {@link FakeRuntime}. */
  runtime?: (accounts: AccountSource) => BlockRuntime;
}

/** A bank in its own directory, with a runtime that is easy to lead and a clock that stands still. */
export class TestBank {
  bank!: Bank;
  runtime!: FakeRuntime;
  readonly directory = mkdtempSync(join(tmpdir(), 'polyproof-bank-'));
  nowMs = 1_700_000_000_000;
  readonly #options: TestOptions & { config: RollupConfig };

  private constructor(options: TestOptions & { config: RollupConfig }) {
    this.#options = options;
  }

  static async open(balances: Record<string, bigint>, options: TestOptions = {}): Promise<TestBank> {
    const test = new TestBank({ config: rollupConfig(balances), ...options });
    if (options.copyOf !== undefined) cpSync(options.copyOf, test.directory, { recursive: true });
    await test.reopen();
    return test;
  }

  async reopen(): Promise<void> {
    await this.bank?.close();
    this.bank = await Bank.open(
      { directory: this.directory, hashThreads: 1, ...this.#options },
      {
        runtime: (accounts) => {
          if (this.#options.runtime !== undefined) return this.#options.runtime(accounts);
          this.runtime = new FakeRuntime(accounts);
          return this.runtime;
        },
        logger: silentLogger,
        now: () => this.nowMs,
      },
    );
  }

  /** A signed transfer with the latest blockhash. */
  transfer(parts: TransferParts): Transaction {
    return decodeTransaction(transfer({ blockhash: this.bank.latestBlockhash, ...parts }));
  }

  produce(...transactions: Transaction[]): Promise<ProducedBlock> {
    return this.bank.produceBlock(transactions.map((transaction) => this.bank.resolve(transaction)));
  }

  block(...transfers: TransferParts[]): Promise<ProducedBlock> {
    return this.produce(...transfers.map((parts) => this.transfer(parts)));
  }

  balance(name: string): bigint {
    return this.bank.getAccount(address(name))?.lamports ?? 0n;
  }

  async close(): Promise<void> {
    await this.bank.close();
    rmSync(this.directory, { recursive: true });
  }
}
