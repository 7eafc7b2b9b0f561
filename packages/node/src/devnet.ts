import { join } from 'node:path';
import { type Aggregator, Database } from '@polyproof/aggregator';
import { fieldToHex, type Logger, type Service, ServiceStack, traced } from '@polyproof/base';
import { type Anvil, type Deployment, type SettlementClient, startAnvil } from '@polyproof/chain';
import {
  type Artifacts,
  buildArtifacts,
  finalKeySetRoot,
  LOCAL_CHAIN_ID,
  UltraHonk,
} from '@polyproof/proofs';
import { RpcServer } from '@polyproof/rpc';
import { Sequencer, SettlementMonitor } from '@polyproof/sequencer';
import { initHashing } from '@polyproof/state';
import { type Bank, configHash, genesisStateRoot, SignaturePool } from '@polyproof/svm';
import type { DevnetConfig } from './config.js';
import { DataDirectory } from './data-directory.js';
import { DeploymentFile } from './deployment-file.js';
import type { Keypair } from './development-keys.js';
import { genesisOf } from './genesis.js';
import { openProcessBank, processStatelessExecutor } from './process-bank.js';
import { ownAddress, proverAccess } from './prover-access.js';
import { ProverProcesses } from './prover-processes.js';
import { rpcServerLimits } from './rpc-limits.js';
import { openSettlement } from './settlement.js';
import { marginOf, startAggregator } from './start-aggregator.js';
import { startTogether } from './start-together.js';

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
  /** as the sequencer uses it */
  readonly settlement: SettlementClient;
  readonly bank: Bank;
  readonly sequencer: Sequencer;
  readonly rpc: RpcServer;
  readonly aggregator: Aggregator;
  /** still starting when the network runs already */
  readonly provers: ProverProcesses;
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
    this.provers = parts.provers;
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
      return new Devnet(await start(config, modules, services), services);
    } catch (error) {
      await services
        .close()
        .catch((closing) => modules.logger.error('the start was not undone', {}, closing));
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#services.close();
  }
}

async function start(
  config: DevnetConfig,
  modules: DevnetModules,
  services: ServiceStack,
): Promise<Omit<Devnet, 'close'>> {
  const { logger } = modules;
  const step = modules.onProgress ?? (() => {});
  const partLogger = (part: string) => logger.child({ part });
  const data = services.add(DataDirectory.open(config.dataDirectory));
  await initHashing();
  const { rollup, accounts, faucet } = genesisOf(config);
  const artifacts = await buildArtifacts(
    { ...config, chainId: LOCAL_CHAIN_ID },
    { logger, onProgress: step },
  );
  const file = new DeploymentFile(data.path, {
    keySetRoot: finalKeySetRoot(artifacts),
    configHash: fieldToHex(configHash(rollup)),
    genesisStateRoot: fieldToHex(genesisStateRoot(rollup)),
  });

  step('starting the base chain (anvil)');
  const anvil = services.add(
    await startAnvil({
      ...(config.baseChainPort === 0 ? {} : { port: config.baseChainPort }),
      chainId: LOCAL_CHAIN_ID,
      blockTimeSeconds: config.baseChainBlockSeconds,
      stateFile: join(data.path, 'base-chain.json'),
      logger,
    }),
  );

  step(
    `${file.deployment === undefined ? 'deploying the contracts' : 'opening the contracts'}, databases, verifier`,
  );
  const adding = async <T extends Service>(starting: Promise<T>) => services.add(await starting);
  const [settlement, bank, database, verifier] = await startTogether(
    openSettlement(config, { rpcUrl: anvil.url, file, artifacts, rollup, logger }),
    adding(
      openProcessBank(
        { directory: join(data.path, 'rollup'), config: rollup, executors: 1 },
        { logger: partLogger('bank') },
      ),
    ),
    adding(
      Database.open(
        config.databaseUrl === undefined
          ? {
              directory: join(data.path, 'aggregator'),
              templates: join(config.cacheDirectory, 'templates'),
            }
          : { url: config.databaseUrl },
        { logger: partLogger('database') },
      ),
    ),
    adding(UltraHonk.open({ artifacts, threads: 1 }, { logger: partLogger('aggregator') })),
  );

  step('starting rollup and aggregator');
  const { chainId, settlement: contract } = settlement.deployment;
  const traceLogger = traced(logger, `${chainId}:${contract}`);
  const signatures = services.add(new SignaturePool({}, { logger: partLogger('signatures') }));
  const sequencer = services.add(
    await Sequencer.open(config, {
      bank,
      signatures,
      settlement: settlement.sequencer,
      inbox: settlement.bridge,
      forced: settlement.forced,
      logger: traceLogger.child({ part: 'sequencer' }),
    }),
  );
  const monitor = services.add(
    await SettlementMonitor.open({ intervalMs: 500 }, { settlement: settlement.sequencer, logger }),
  );
  bank.markFinal(monitor.verifiedBatch());
  monitor.onVerified((batch) => bank.markFinal(batch));
  const rpc = services.add(
    await RpcServer.open(
      {
        ...rpcServerLimits(config),
        host: config.host,
        port: config.rpcPort,
        identity: rollup.collector,
        faucet: { secretKey: faucet.secretKey },
      },
      { bank, sequencer, settlement: monitor, logger: partLogger('rpc') },
    ),
  );
  const access = proverAccess(config, {
    operator: settlement.operatorAddress,
    directory: join(data.path, 'provers'),
  });
  const aggregator = services.add(
    await startAggregator(access, {
      settlement,
      ...marginOf(config),
      artifacts,
      rollup,
      bank,
      stateless: services.add(processStatelessExecutor({ logger: partLogger('aggregator') })),
      database,
      verifier,
      logger: partLogger('aggregator'),
    }),
  );
  const provers = services.add(
    ProverProcesses.start(
      {
        count: config.provers,
        ...(config.proverThreads === undefined ? {} : { threads: config.proverThreads }),
        address: ownAddress(config, { access, url: aggregator.url, directory: join(data.path, 'provers') }),
        artifacts,
        logFile: (name) => data.logFile(name),
      },
      { logger },
    ),
  );
  return {
    anvil,
    deployment: settlement.deployment,
    artifacts,
    settlement: settlement.sequencer,
    bank,
    sequencer,
    rpc,
    aggregator,
    provers,
    accounts,
  };
}
