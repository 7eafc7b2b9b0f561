import type { Hex } from '@polyproof/base';
import type { JournaledTransaction, TransactionJournal, TransactionVersion } from '@polyproof/chain';
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/database.js';
import { type StoredVersion, transactions } from '../database/schema.js';

/** The operator's transactions in the database: what is on its way, and what everything has cost. */
export class TransactionTable implements TransactionJournal {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(modules: { database: Database; now?: () => number }) {
    this.#database = modules.database;
    this.#now = modules.now ?? Date.now;
  }

  async unfinished(account: Hex, chainId: number): Promise<JournaledTransaction[]> {
    const rows = await this.#database.connection
      .select()
      .from(transactions)
      .where(
        and(
          eq(transactions.account, account),
          eq(transactions.chainId, chainId),
          inArray(transactions.state, ['pending', 'included']),
        ),
      )
      .orderBy(asc(transactions.nonce));
    return rows.map(fromRow);
  }

  async save(transaction: JournaledTransaction): Promise<void> {
    const { id, ...values } = { ...toRow(transaction), updatedAt: new Date(this.#now()) };
    await this.#database.connection
      .insert(transactions)
      .values({ id, ...values })
      .onConflictDoUpdate({ target: transactions.id, set: values });
  }
}

type Row = typeof transactions.$inferSelect;

function toRow({ inclusion, ...transaction }: JournaledTransaction): Omit<Row, 'updatedAt'> {
  const over = transaction.state !== 'pending' && transaction.state !== 'included';
  return {
    ...transaction,
    data: over ? '0x' : transaction.data,
    versions: transaction.versions.map((version) =>
      storedVersion(over ? { ...version, raw: '0x' } : version),
    ),
    hash: inclusion?.hash ?? null,
    blockNumber: inclusion?.blockNumber ?? null,
    blockHash: inclusion?.blockHash ?? null,
    gasUsed: inclusion?.gasUsed ?? null,
    feeWei: inclusion?.feeWei ?? null,
    reverted: inclusion?.reverted ?? null,
  };
}

function fromRow(row: Row): JournaledTransaction {
  const { hash, blockNumber, blockHash, gasUsed, feeWei, reverted, updatedAt: _, ...transaction } = row;
  const inclusion =
    hash === null
      ? null
      : {
          hash,
          blockNumber: blockNumber!,
          blockHash: blockHash!,
          gasUsed: gasUsed!,
          feeWei: feeWei!,
          reverted: reverted!,
        };
  return { ...transaction, versions: row.versions.map(version), inclusion };
}

const storedVersion = ({
  maxFeePerGas,
  maxPriorityFeePerGas,
  ...rest
}: TransactionVersion): StoredVersion => ({
  ...rest,
  maxFeePerGas: `${maxFeePerGas}`,
  maxPriorityFeePerGas: `${maxPriorityFeePerGas}`,
});

const version = ({ maxFeePerGas, maxPriorityFeePerGas, ...rest }: StoredVersion): TransactionVersion => ({
  ...rest,
  maxFeePerGas: BigInt(maxFeePerGas),
  maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas),
});
