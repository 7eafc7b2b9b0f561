/** A rollup of wallets and token accounts, with the real engine, whose batches a circuit proves. */
import { u64le } from '@polyproof/base';
import { type Account, type BatchWitness, type GenesisAccount, StatelessExecutor } from '@polyproof/svm';
import { realRuntime } from '../../packages/svm/test/bank/real-runtime.js';
import { TestBank } from '../../packages/svm/test/bank/test-bank.js';
import { COLLECTOR, SOL } from '../../packages/svm/test/helpers.js';
import { address } from '../../packages/svm/test/wire.js';
import { TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';

export const TOKENS = 1_000_000n;
const MINT_LAMPORTS = 1_461_600n;
const TOKEN_LAMPORTS = 2_039_280n;

/** A mint whose authority is a wallet. */
export function mint(name: string, authority: string, supply: bigint): GenesisAccount {
  const data = new Uint8Array(82);
  data.set([1, 0, 0, 0, ...address(authority), ...u64le(supply), 6, 1]);
  return { address: address(name), lamports: MINT_LAMPORTS, data, owner: TOKEN };
}

/** A wallet's account of a token. */
export function tokenAccount(name: string, of: string, owner: string, amount: bigint): GenesisAccount {
  const data = new Uint8Array(165);
  data.set([...address(of), ...address(owner), ...u64le(amount)]);
  data[108] = 1;
  return { address: address(name), lamports: TOKEN_LAMPORTS, data, owner: TOKEN };
}

export const WALLETS = ['a', 'b', 'c', 'd'];

/** Wallets `a` to `d`, each with an account `token a` ... of the mint `mint`, whose authority is `a`. */
export function openBatchBank(): Promise<TestBank> {
  const wallet = (name: string) => ({ address: address(name), lamports: SOL });
  return TestBank.open(
    {},
    {
      runtime: realRuntime,
      config: {
        rollupId: 7n,
        collector: address(COLLECTOR),
        lamportsPerSignature: 5_000n,
        genesis: [
          ...[...WALLETS, COLLECTOR].map(wallet),
          mint('mint', 'a', TOKENS * BigInt(WALLETS.length)),
          ...WALLETS.map((name) => tokenAccount(`token ${name}`, 'mint', name, TOKENS)),
        ],
      },
    },
  );
}

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
