import type { Hex, Logger } from '@polyproof/base';
import {
  BridgeClient,
  DEVELOPMENT_ACCOUNTS,
  type Deployment,
  deploySettlement,
  ForcedInboxClient,
  SettlementClient,
  type TransactionJournal,
} from '@polyproof/chain';
import { type Artifacts, finalKeySetRoot } from '@polyproof/proofs';
import {
  configHash,
  decodeBase58,
  genesisStateRoot,
  REFUSED_ADDRESSES,
  type RollupConfig,
} from '@polyproof/svm';
import type { DevnetConfig } from './config.js';
import type { DeploymentFile } from './deployment-file.js';

const DEPLOYER = DEVELOPMENT_ACCOUNTS[0]!;
const SEQUENCER = DEVELOPMENT_ACCOUNTS[1]!;
const OPERATOR = DEVELOPMENT_ACCOUNTS[2]!;

/** The contracts of a rollup, and the two accounts that use them. */
export interface Settlement {
  deployment: Deployment;
  /** submits sequences */
  sequencer: SettlementClient;
  /** staked; submits proofs, and writes its transactions down before it sends them */
  operator(journal: TransactionJournal): SettlementClient;
  operatorAddress: Hex;
  /** only reads */
  bridge: BridgeClient;
  /** only reads */
  forced: ForcedInboxClient;
}

export interface SettlementModules {
  rpcUrl: string;
  file: DeploymentFile;
  artifacts: Artifacts;
  rollup: RollupConfig;
  logger: Logger;
}

/** The contracts of an earlier run, or new ones, with the operator registered. */
export async function openSettlement(config: DevnetConfig, modules: SettlementModules): Promise<Settlement> {
  const { rpcUrl, file, logger } = modules;
  const deployment = file.deployment ?? (await deploy(config, modules));
  file.save(deployment);
  const client = (privateKey: `0x${string}`, journal?: TransactionJournal) =>
    new SettlementClient(
      {
        rpcUrl,
        deployment,
        privateKey,
        fees: { maxFeePerGasWei: config.maxFeePerGasWei, bumpAfterMs: config.bumpAfterMs },
      },
      { logger, ...(journal === undefined ? {} : { journal }) },
    );
  const operator = client(OPERATOR.privateKey);
  const { active, stakeWei } = await operator.getOperator(operator.address);
  if (stakeWei === 0n) await operator.registerOperator(config.stakeWei);
  else if (!active) await operator.addStake(config.stakeWei);
  const bridge = new BridgeClient({ rpcUrl, deployment }, { logger });
  const forced = new ForcedInboxClient({ rpcUrl, deployment }, { logger });
  return {
    deployment,
    sequencer: client(SEQUENCER.privateKey),
    operatorAddress: operator.address,
    operator: (journal) => client(OPERATOR.privateKey, journal),
    bridge,
    forced,
  };
}

async function deploy(config: DevnetConfig, modules: SettlementModules): Promise<Deployment> {
  const { rpcUrl, artifacts, rollup } = modules;
  const deployment = await deploySettlement(
    {
      rpcUrl,
      deployerKey: DEPLOYER.privateKey,
      verifierBytecode: artifacts.verifierBytecode,
      rollup: {
        rollupId: rollup.rollupId,
        genesisStateRoot: genesisStateRoot(rollup),
        configHash: configHash(rollup),
        keySetRoot: BigInt(finalKeySetRoot(artifacts)),
        sequencer: SEQUENCER.address,
        windows: {
          commitWindow: config.commitWindow,
          revealWindow: config.revealWindow,
          shareWindow: config.shareWindow,
        },
        proofWays: config.proofWays,
        rewards: { priceWei: config.rewardWei },
        penalties: {
          wrongProofWei: config.wrongProofWei,
          missedRevealWei: config.missedRevealWei,
          failedRoundWei: config.failedRoundWei,
        },
        lamportsPerSignature: rollup.lamportsPerSignature,
        forcedWithdrawals: {
          deadlineBlocks: config.forcedDeadlineBlocks,
          spacingBlocks: config.forcedSpacingBlocks,
        },
        refusedRecipients: REFUSED_ADDRESSES.map(decodeBase58),
      },
    },
    modules,
  );
  const client = new SettlementClient({ rpcUrl, deployment, privateKey: DEPLOYER.privateKey }, modules);
  await client.fundRewards(config.rewardFundsWei);
  return deployment;
}
