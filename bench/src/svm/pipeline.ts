import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { openProcessBank } from '@polyproof/node';
import { decodeTransaction, LAMPORTS_PER_SIGNATURE } from '@polyproof/svm';
import { accountsOf, type User } from './workload.js';

const BLOCK = 2_400;
const BLOCKS = 8;
const UNLIMITED = { blockCost: Number.MAX_SAFE_INTEGER, accountCost: Number.MAX_SAFE_INTEGER };

/** Where every user has lamports and tokens at the start. */
export function rollupOf(everybody: readonly User[]) {
  return {
    rollupId: 1n,
    collector: new Uint8Array(32).fill(0xc0),
    lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
    execution: 'any' as const,
    genesis: accountsOf(everybody).map(([address, { lamports, data, owner }]) => ({
      address,
      lamports,
      data,
      owner,
    })),
  };
}

/**
 * Transactions a second that a bank takes from decoded transactions to blocks on disk: execution, history, indexes, accounts, and the
 * tree of accounts.
 */
export async function pipelineRate(
  everybody: readonly User[],
  make: (count: number, blockhash: Uint8Array) => Uint8Array[],
  options: { executors: number },
): Promise<{ transactions: number; accounts: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const bank = await openProcessBank(
    {
      directory,
      config: rollupOf(everybody),
      executors: options.executors,
      runtime: { limits: UNLIMITED },
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
    },
    { logger: silentLogger },
  );
  let accounts = 0;
  bank.on('blockCommitted', (block) => {
    accounts += block.accounts.length;
  });
  try {
    const transactions = make(BLOCK * (BLOCKS + 1), bank.latestBlockhash).map((bytes) =>
      bank.resolve(decodeTransaction(bytes)),
    );
    const produce = async (from: number) => {
      const { block } = await bank.produceBlock(transactions.slice(from, from + BLOCK));
      if (block.transactions !== BLOCK) throw new Error(`a block holds ${block.transactions} transactions`);
    };
    await produce(0); // engines start, programs are compiled
    accounts = 0;
    const start = performance.now();
    for (let block = 1; block <= BLOCKS; block++) await produce(block * BLOCK);
    const seconds = (performance.now() - start) / 1e3;
    return { transactions: (BLOCK * BLOCKS) / seconds, accounts: accounts / seconds };
  } finally {
    await bank.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
