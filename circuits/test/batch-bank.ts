/** Batches of a rollup of wallets and token accounts, with the real engine, and what their proofs need. */
import { type Account, type BatchWitness, StatelessExecutor } from '@polyproof/svm';
import { realRuntime } from '../../packages/svm/test/bank/real-runtime.js';
import type { TestBank } from '../../packages/svm/test/bank/test-bank.js';

export {
  mint,
  openTokenBank as openBatchBank,
  TOKENS,
  tokenAccount,
  WALLETS,
} from '../../packages/svm/test/bank/token-bank.js';

/** Closes the open batch and executes it from its witness alone. */
export async function closedBatch(
  { bank }: TestBank,
  stateless: StatelessExecutor,
): Promise<{ witness: BatchWitness; after: [Uint8Array, Account | null][] }> {
  const batch = await bank.closeBatch();
  const witness = bank.getWitness(batch!.number)!;
  const { accounts } = await stateless.execute(witness);
  return { witness, after: accounts };
}

export const newStateless = (): StatelessExecutor => new StatelessExecutor({ runtime: realRuntime });
