import { LAMPORTS_PER_SIGNATURE, type RollupConfig, type SignatureMode } from '@polyproof/svm';
import type { DevnetConfig } from './config.js';
import { developmentKeypair, type Keypair } from './development-keys.js';

const FAUCET_LAMPORTS = 1_000_000_000_000_000n;
const COLLECTOR_LAMPORTS = 1_000_000_000n;

/** The rollup of a local network, and the accounts that it begins with. */
export interface Genesis {
  rollup: RollupConfig;
  accounts: Keypair[];
  faucet: Keypair;
}

export function genesisOf(
  config: Pick<DevnetConfig, 'rollupId' | 'accounts' | 'accountLamports'> & { signatures?: SignatureMode },
): Genesis {
  const faucet = developmentKeypair('faucet');
  const collector = developmentKeypair('collector');
  const accounts = Array.from({ length: config.accounts }, (_, i) => developmentKeypair(`account ${i + 1}`));
  const rollup: RollupConfig = {
    rollupId: BigInt(config.rollupId),
    collector: collector.address,
    lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
    ...(config.signatures === undefined ? {} : { signatures: config.signatures }),
    genesis: [
      { address: faucet.address, lamports: FAUCET_LAMPORTS },
      { address: collector.address, lamports: COLLECTOR_LAMPORTS },
      ...accounts.map(({ address }) => ({ address, lamports: config.accountLamports })),
    ],
  };
  return { rollup, accounts, faucet };
}
