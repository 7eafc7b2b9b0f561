import { accessSync, constants, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Aggregator } from '@polyproof/aggregator';
import {
  errorMessage,
  type Field,
  fieldToHex,
  type Logger,
  type Service,
  ServiceStack,
} from '@polyproof/base';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  type Deployment,
  deploySettlement,
  SettlementClient,
  startAnvil,
} from '@polyproof/chain';
import {
  type Artifacts,
  aggregateInputs,
  assertAllowed,
  buildArtifacts,
  finalInputs,
  type ProgramName,
  UltraHonk,
} from '@polyproof/proofs';
import { startWorkerProcess } from '@polyproof/prover';
import { RpcServer } from '@polyproof/rpc';
import { Sequencer, SettlementMonitor } from '@polyproof/sequencer';
import { initHashing } from '@polyproof/state';
import {
  Bank,
  configHash,
  genesisStateRoot,
  LAMPORTS_PER_SIGNATURE,
  ProcessExecutor,
  type RollupConfig,
} from '@polyproof/svm';
import { WitnessBatchSource } from './batch-source.js';
import type { DevnetConfig } from './config.js';
import { DeploymentFile } from './deployment-file.js';
import { developmentKeypair, type Keypair } from './development-keys.js';
import { NodeError } from './errors.js';
import { SettlementAdapter } from './settlement-adapter.js';

/** The chain id of the local base chain. */
const CHAIN_ID = 31337;
const FAUCET_LAMPORTS = 1_000_000_000_000_000n;
const COLLECTOR_LAMPORTS = 1_000_000_000n;
const DEPLOYER = DEVELOPMENT_ACCOUNTS[0]!;
const SEQUENCER = DEVELOPMENT_ACCOUNTS[1]!;
const OPERATOR = DEVELOPMENT_ACCOUNTS[2]!;

export interface DevnetModules {
  logger: Logger;
  /** told of every step of the start */
  onProgress?: (step: string) => void;
}

/** A whole Polyproof on one machine: base chain, contracts, rollup, aggregator, provers. */
export class Devnet implements Service {
  readonly anvil: Anvil;
  readonly deployment: Deployment;
  readonly artifacts: Artifacts;
  readonly settlement: SettlementClient;
  readonly bank: Bank;
  readonly sequencer: Sequencer;
  readonly rpc: RpcServer;
  readonly aggregator: Aggregator;
  readonly accounts: readonly Keypair[];
  readonly #services: ServiceStack;

  private constructor(parts: Omit<Devnet, 'close'>, services: ServiceStack) {
    this.anvil = parts.anvil;
    this.deployment = parts.deployment;
    this.artifacts = parts.artifacts;
    this.settlement = parts.settlement;
    this.bank = parts.bank;
    this.sequencer = parts.sequencer;
    this.rpc = parts.rpc;
    this.aggregator = parts.aggregator;
    this.accounts = parts.accounts;
    this.#services = services;
  }

  /**
   * Starts everything, or continues where the last run on the same data directory stopped. When a part cannot
   * start, those that run already are closed again.
   */
  static async start(config: DevnetConfig, modules: DevnetModules): Promise<Devnet> {
    const services = new ServiceStack();
    try {
      return await start(config, modules, services);
    } catch (error) {
      await services.close();
      throw error;
    }

    async function start(
      config: DevnetConfig,
      modules: DevnetModules,
      services: ServiceStack,
    ): Promise<Devnet> {
      const { logger } = modules;
      const step = modules.onProgress ?? (() => {});
      makeDirectory(config.dataDirectory);
      await initHashing();
      const { rollup, accounts, faucet } = rollupConfig(config);
      const artifacts = await buildArtifacts({ ...config, chainId: CHAIN_ID }, { logger, onProgress: step });
      assertAllowed(artifacts.srs.kind, CHAIN_ID);

      step('starting the base chain (anvil)');
      const anvil = services.add(
        await startAnvil({
          ...(config.baseChainPort === 0 ? {} : { port: config.baseChainPort }),
          chainId: CHAIN_ID,
          blockTimeSeconds: config.baseChainBlockSeconds,
          stateFile: join(config.dataDirectory, 'base-chain.json'),
          logger,
        }),
      );
      const deployment = await settle(config, { anvil, artifacts, rollup, logger, step });
      const client = (privateKey: `0x${string}`) =>
        new SettlementClient({ rpcUrl: anvil.url, deployment, privateKey }, { logger });
      const operator = client(OPERATOR.privateKey);
      if (!(await operator.getOperator(operator.address)).registered)
        await operator.registerOperator(config.stakeWei);

      step('starting the rollup');
      const bankExecutor = services.add(new ProcessExecutor({}, { logger }));
      const bank = services.add(
        await Bank.open(
          { directory: join(config.dataDirectory, 'rollup'), config: rollup },
          { executor: bankExecutor, logger: logger.child({ part: 'bank' }) },
        ),
      );
      const settlement = client(SEQUENCER.privateKey);
      const sequencer = services.add(
        await Sequencer.open(
          { ...config, lamportsPerSignature: LAMPORTS_PER_SIGNATURE },
          { bank, settlement, logger: logger.child({ part: 'sequencer' }) },
        ),
      );
      const monitor = services.add(await SettlementMonitor.open({ intervalMs: 500 }, { settlement, logger }));
      const rpc = services.add(
        await RpcServer.open(
          {
            host: config.host,
            port: config.rpcPort,
            lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
            faucet: { secretKey: faucet.secretKey },
          },
          { bank, sequencer, settlement: monitor, logger: logger.child({ part: 'rpc' }) },
        ),
      );

      step('starting the aggregator');
      const aggregator = await startAggregator(config, {
        services,
        artifacts,
        bank,
        rollup,
        deployment,
        operator,
        logger,
      });
      step(`starting ${config.provers} prover processes`);
      await startProvers(config, { services, artifacts, aggregator, logger });
      return new Devnet(
        { anvil, deployment, artifacts, settlement, bank, sequencer, rpc, aggregator, accounts },
        services,
      );
    }
  }

  close(): Promise<void> {
    return this.#services.close();
  }
}

function rollupConfig(config: DevnetConfig): { rollup: RollupConfig; accounts: Keypair[]; faucet: Keypair } {
  const faucet = developmentKeypair('faucet');
  const collector = developmentKeypair('collector');
  const accounts = Array.from({ length: config.accounts }, (_, i) => developmentKeypair(`account ${i + 1}`));
  const rollup: RollupConfig = {
    rollupId: BigInt(config.rollupId),
    collector: collector.address,
    lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
    genesis: [
      { address: faucet.address, lamports: FAUCET_LAMPORTS },
      { address: collector.address, lamports: COLLECTOR_LAMPORTS },
      ...accounts.map(({ address }) => ({ address, lamports: config.accountLamports })),
    ],
  };
  return { rollup, accounts, faucet };
}

/** The contracts of an earlier run, or new ones. */
async function settle(
  config: DevnetConfig,
  modules: {
    anvil: Anvil;
    artifacts: Artifacts;
    rollup: RollupConfig;
    logger: Logger;
    step: (text: string) => void;
  },
): Promise<Deployment> {
  const { artifacts, rollup } = modules;
  const root = genesisStateRoot(rollup);
  const hash = configHash(rollup);
  const belonging = {
    keySetRoot: artifacts.keySetRoot,
    configHash: fieldToHex(hash),
    genesisStateRoot: fieldToHex(root),
  };
  const file = new DeploymentFile(config.dataDirectory);
  const known = file.load(belonging);
  if (known !== undefined) return known;
  modules.step('deploying the contracts');
  const deployment = await deploySettlement(
    {
      rpcUrl: modules.anvil.url,
      deployerKey: DEPLOYER.privateKey,
      verifierBytecode: artifacts.verifierBytecode,
      rollup: {
        rollupId: rollup.rollupId,
        genesisStateRoot: root,
        configHash: hash,
        keySetRoot: BigInt(artifacts.keySetRoot),
        sequencer: SEQUENCER.address,
        commitWindow: config.commitWindow,
        revealWindow: config.revealWindow,
        rewardWei: config.rewardWei,
      },
    },
    modules,
  );
  file.save(deployment, belonging);
  return deployment;
}

async function startAggregator(
  config: DevnetConfig,
  parts: {
    services: ServiceStack;
    artifacts: Artifacts;
    bank: Bank;
    rollup: RollupConfig;
    deployment: Deployment;
    operator: SettlementClient;
    logger: Logger;
  },
): Promise<Aggregator> {
  const { services, artifacts, bank, deployment } = parts;
  const logger = parts.logger.child({ part: 'aggregator' });
  // Stateless execution replaces an executor's state: it has one of its own.
  const executor = services.add(new ProcessExecutor({}, { logger }));
  const verifier = services.add(await UltraHonk.open({ artifacts, threads: 1 }, { logger }));
  const names = Object.keys(artifacts.programs) as ProgramName[];
  return services.add(
    await Aggregator.open(
      {
        directory: join(config.dataDirectory, 'aggregator'),
        operator: OPERATOR.address,
        host: config.host,
        port: config.aggregatorPort,
        settlementId: `${CHAIN_ID}:${deployment.settlement}`,
        startBlock: BigInt(deployment.startBlock),
        configHash: configHash(parts.rollup),
        programs: {
          hashes: Object.fromEntries(names.map((name) => [name, artifacts.programs[name].hash])) as Record<
            ProgramName,
            string
          >,
          keySetRoot: BigInt(artifacts.keySetRoot) as Field,
        },
        intervalMs: 250,
      },
      {
        settlement: new SettlementAdapter(parts.operator, {
          genesisStateRoot: genesisStateRoot(parts.rollup),
        }),
        batchSource: new WitnessBatchSource({ artifacts }, { bank, executor }),
        composer: {
          aggregateInputs: (left, right) => aggregateInputs(artifacts, left, right),
          finalInputs: (child) => finalInputs(artifacts, child),
        },
        verifier,
        logger,
      },
    ),
  );
}

async function startProvers(
  config: DevnetConfig,
  parts: { services: ServiceStack; artifacts: Artifacts; aggregator: Aggregator; logger: Logger },
): Promise<void> {
  // bb's threads wait by spinning: more of them than cores make every proof several times slower.
  const threads = config.proverThreads ?? Math.max(1, Math.floor(availableParallelism() / config.provers));
  await Promise.all(
    Array.from({ length: config.provers }, async (_, i) => {
      const name = `prover-${i + 1}`;
      parts.services.add(
        await startWorkerProcess(
          {
            aggregatorUrl: parts.aggregator.url,
            name,
            artifactsDirectory: parts.artifacts.directory,
            logFile: join(config.dataDirectory, 'logs', `${name}.log`),
            graceMs: 1_000,
            threads,
          },
          { logger: parts.logger },
        ),
      );
    }),
  );
}

/** @throws {NodeError} `DATA_DIRECTORY` when the directory cannot be made or written */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(join(directory, 'logs'), { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw new NodeError(
      'DATA_DIRECTORY',
      `the data directory ${directory} cannot be used (${errorMessage(error)}): choose another with --data-directory.`,
    );
  }
}
