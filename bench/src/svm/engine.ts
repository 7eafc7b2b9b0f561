import { silentLogger } from '@polyproof/base';
import { encodeAccount } from '@polyproof/state';
import {
  decodeTransaction,
  genesisPrograms,
  ParallelRuntime,
  ProcessRuntimeExecutor,
  type RuntimeContext,
  type RuntimeTransaction,
  resolveTransaction,
} from '@polyproof/svm';
import { encodedAccounts, latin1, type User } from './workload.js';

const BLOCK = 2_400;

/** The context of a first block. */
export function contextAfter(blockhash: Uint8Array): RuntimeContext {
  return { slot: 1n, unixTimestamp: 1_700_000_000n, blockhashes: [blockhash], slotHashes: [] };
}

export function resolved(
  transactions: readonly Uint8Array[],
  accounts: ReadonlyMap<string, Uint8Array>,
): RuntimeTransaction[] {
  const options = {
    accounts: { get: (address: Uint8Array) => accounts.get(latin1(address)) ?? null },
    slot: 1n,
    slotHashes: [],
    isBlockhashRecent: () => true,
  };
  return transactions.map((bytes) => resolveTransaction(decodeTransaction(bytes), options));
}

/**
 * Transactions a second that executors get through, in blocks as a node makes them, with the metadata that a node keeps. Blocks have
 * no limit here: what the machine can do is asked for.
 */
export async function runtimeRate(
  everybody: readonly User[],
  transactions: readonly Uint8Array[],
  options: {
    executors: number;
    blockhash: Uint8Array;
    verify?: (transactions: RuntimeTransaction[]) => Promise<void>;
  },
): Promise<number> {
  const accounts = encodedAccounts(everybody);
  for (const [address, account] of genesisPrograms()) accounts.set(latin1(address), encodeAccount(account));
  const executor = () => new ProcessRuntimeExecutor({}, { logger: silentLogger });
  const runtime = new ParallelRuntime(
    { limits: { blockCost: Number.MAX_SAFE_INTEGER, accountCost: Number.MAX_SAFE_INTEGER } },
    {
      executors: Array.from({ length: options.executors }, executor),
      simulator: executor(),
      accounts: { get: (address) => accounts.get(latin1(address)) ?? null },
      logger: silentLogger,
    },
  );
  const context = contextAfter(options.blockhash);
  const execute = async (block: readonly RuntimeTransaction[]) => {
    const { executed, accounts: changed } = await runtime.execute(context, block);
    const failed = executed.filter(({ outcome }) => outcome.status !== 'ok');
    if (failed.length > 0 || executed.length !== block.length)
      throw new Error(
        `${failed.length} of ${block.length} failed: ${JSON.stringify(failed[0]?.outcome.error)}`,
      );
    for (const [address, account] of changed)
      if (account === null) accounts.delete(latin1(address));
      else accounts.set(latin1(address), account);
  };
  try {
    const all = resolved(transactions, accounts);
    await execute(all.slice(0, BLOCK)); // engines start, programs are compiled
    const measured = all.slice(BLOCK);
    const start = performance.now();
    let verified = options.verify?.(measured.slice(0, BLOCK));
    for (let at = 0; at < measured.length; at += BLOCK) {
      // The next block's signatures are checked while this one is executed, as in a node.
      await verified;
      verified = options.verify?.(measured.slice(at + BLOCK, at + 2 * BLOCK));
      await execute(measured.slice(at, at + BLOCK));
    }
    return measured.length / ((performance.now() - start) / 1e3);
  } finally {
    await runtime.close();
  }
}
