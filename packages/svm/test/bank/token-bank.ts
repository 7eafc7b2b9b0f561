/** A provable rollup of wallets and token accounts, with the real engine. */
import { u64le } from '@polyproof/base';
import type { GenesisAccount, RollupConfig } from '../../src/index.js';
import { TOKEN } from '../calls.js';
import { COLLECTOR, SOL } from '../helpers.js';
import { address } from '../wire.js';
import { realRuntime } from './real-runtime.js';
import { TestBank, type TestOptions } from './test-bank.js';

export const TOKENS = 1_000_000n;
export const WALLETS = ['a', 'b', 'c', 'd'];
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

/** Wallets `a` to `d`, each with an account `token a` ... of the mint `mint`, whose authority is `a`. */
export function tokenRollup(...more: GenesisAccount[]): RollupConfig {
  return {
    rollupId: 7n,
    collector: address(COLLECTOR),
    lamportsPerSignature: 5_000n,
    genesis: [
      ...[...WALLETS, COLLECTOR].map((name) => ({ address: address(name), lamports: SOL })),
      mint('mint', 'a', TOKENS * BigInt(WALLETS.length)),
      ...WALLETS.map((name) => tokenAccount(`token ${name}`, 'mint', name, TOKENS)),
      ...more,
    ],
  };
}

export function openTokenBank(options: TestOptions = {}): Promise<TestBank> {
  return TestBank.open({}, { runtime: realRuntime, config: tokenRollup(), ...options });
}

/** Tokens in an account. */
export function tokensOf({ bank }: TestBank, name: string): bigint {
  return Buffer.from(bank.getAccount(address(name))!.data).readBigUInt64LE(64);
}
