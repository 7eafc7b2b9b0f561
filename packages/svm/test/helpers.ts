import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import {
  Bank,
  decodeTransaction,
  ProcessExecutor,
  type RollupConfig,
  type Transaction,
  type TransactionRecord,
} from '../src/index.js';
import { address, type TransferParts, transfer } from './wire.js';

export const SOL = 1_000_000_000n;
export const COLLECTOR = 'collector';

export function rollupConfig(balances: Record<string, bigint>): RollupConfig {
  return {
    rollupId: 7n,
    collector: address(COLLECTOR),
    lamportsPerSignature: 5_000n,
    genesis: Object.entries(balances).map(([name, lamports]) => ({ address: address(name), lamports })),
  };
}

/** A bank in its own directory, with a clock that stands still. */
export class TestBank {
  bank!: Bank;
  readonly executor = new ProcessExecutor({}, { logger: silentLogger });
  readonly directory = mkdtempSync(join(tmpdir(), 'polyproof-bank-'));
  nowMs = 1_700_000_000_000;
  readonly #config: RollupConfig;

  private constructor(config: RollupConfig) {
    this.#config = config;
  }

  static async open(balances: Record<string, bigint>): Promise<TestBank> {
    const test = new TestBank(rollupConfig(balances));
    await test.reopen();
    return test;
  }

  async reopen(): Promise<void> {
    await this.bank?.close();
    this.bank = await Bank.open(
      { directory: this.directory, config: this.#config },
      { executor: this.executor, logger: silentLogger, now: () => this.nowMs },
    );
  }

  /** A signed transfer with the latest blockhash. */
  transfer(parts: TransferParts): Transaction {
    return decodeTransaction(transfer({ blockhash: this.bank.latestBlockhash, ...parts }));
  }

  /** One block of these transfers, and their records. */
  async block(...transfers: TransferParts[]): Promise<TransactionRecord[]> {
    const transactions = transfers.map((parts) => this.transfer(parts));
    await this.bank.produceBlock(transactions);
    return transactions.map(({ signatures }) => this.bank.getTransactionStatus(signatures[0]!)!);
  }

  balance(name: string): bigint {
    return this.bank.getAccount(address(name))?.lamports ?? 0n;
  }

  async close(): Promise<void> {
    await this.bank.close();
    await this.executor.close();
    rmSync(this.directory, { recursive: true });
  }
}
