/** Batches of a rollup of wallets and token accounts, with the real engine, and the inputs of their proofs. */
import { batchCircuitInputs, StatelessExecutor, type Transaction } from '@polyproof/svm';
import { realRuntime } from '../../packages/svm/test/bank/real-runtime.js';
import type { TestBank } from '../../packages/svm/test/bank/test-bank.js';

export {
  mint,
  openTokenBank as openBatchBank,
  TOKENS,
  tokenAccount,
  WALLETS,
} from '../../packages/svm/test/bank/token-bank.js';

/** Closes the open batch, executes it from its witness alone, and gives the inputs of its proof. */
export async function closedBatchInputs(
  { bank }: TestBank,
  stateless: StatelessExecutor,
): Promise<Record<string, unknown>> {
  const batch = await bank.closeBatch();
  const witness = bank.getWitness(batch!.number)!;
  const { accounts } = await stateless.execute(witness);
  return batchCircuitInputs(witness, accounts);
}

export const newStateless = (): StatelessExecutor => new StatelessExecutor({ runtime: realRuntime });
export type { Transaction };
