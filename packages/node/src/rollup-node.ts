import { join } from 'node:path';
import { type Logger, type Service, ServiceStack } from '@polyproof/base';
import { RpcServer } from '@polyproof/rpc';
import { NoSettlement, Sequencer } from '@polyproof/sequencer';
import { type Bank, SignaturePool } from '@polyproof/svm';
import { DataDirectory } from './data-directory.js';
import type { Keypair } from './development-keys.js';
import { genesisOf } from './genesis.js';
import { readGenesisFile } from './genesis-file.js';
import { openProcessBank } from './process-bank.js';

import { defaultExecutors, type RollupNodeConfig } from './rollup-node-config.js';
import { rpcServerLimits } from './rpc-limits.js';

interface Parts {
  bank: Bank;
  sequencer: Sequencer;
  rpc: RpcServer;
  settlement: NoSettlement;
  accounts: readonly Keypair[];
}

/**
 * A rollup's node without a base chain: bank, engines, signature workers, sequencer, and Solana's JSON-RPC.
 *
 * Every closed batch counts as final; nothing verifies it: see {@link NoSettlement}.
 */
export class RollupNode implements Service {
  readonly bank: Bank;
  readonly sequencer: Sequencer;
  readonly rpc: RpcServer;
  readonly settlement: NoSettlement;
  /** funded at the start */
  readonly accounts: readonly Keypair[];
  readonly #services: ServiceStack;

  private constructor(parts: Parts, services: ServiceStack) {
    this.bank = parts.bank;
    this.sequencer = parts.sequencer;
    this.rpc = parts.rpc;
    this.settlement = parts.settlement;
    this.accounts = parts.accounts;
    this.#services = services;
  }

  /** Where clients find the node. */
  get url(): string {
    return this.rpc.url;
  }

  /**
   * Starts everything, or continues where the last run on the same data directory stopped. When a part cannot start,
   * those that run already are closed again.
   */
  static async start(config: RollupNodeConfig, modules: { logger: Logger }): Promise<RollupNode> {
    const services = new ServiceStack();
    try {
      return new RollupNode(await start(config, modules, services), services);
    } catch (error) {
      await services
        .close()
        .catch((closing) => modules.logger.error('the start was not undone', {}, closing));
      throw error;
    }
  }

  /** Finishes the block under way. What waits in the mempool is lost. */
  close(): Promise<void> {
    return this.#services.close();
  }
}

async function start(
  config: RollupNodeConfig,
  { logger }: { logger: Logger },
  services: ServiceStack,
): Promise<Parts> {
  const partLogger = (part: string) => logger.child({ part });
  const data = services.add(DataDirectory.open(config.dataDirectory));
  const genesis = genesisOf(config);
  const more = config.genesisFile === undefined ? [] : readGenesisFile(config.genesisFile);
  const rollup = {
    ...genesis.rollup,
    execution: config.execution,
    genesis: [...genesis.rollup.genesis, ...more],
  };
  const limits = { blockCost: config.blockCost, accountCost: config.accountCost };
  const bank = services.add(
    await openProcessBank(
      {
        directory: join(data.path, 'rollup'),
        config: rollup,
        executors: config.executors ?? defaultExecutors(),
        runtime: { limits },
        historySlots: config.historySlots,
        keepBatches: config.keepBatches,
        maxBatchBytes: config.maxBatchBytes,
        accountCacheBytes: config.accountCacheBytes,
      },
      { logger: partLogger('bank') },
    ),
  );
  const signatures = services.add(
    new SignaturePool({ workers: config.signatureWorkers }, { logger: partLogger('signatures') }),
  );
  // Where block 0 is gone already, and no batch was closed, no transaction has changed anything.
  const genesisStateRoot = bank.getBlock(0n)?.stateRoot ?? bank.stateRoot;
  const settlement = new NoSettlement({ genesisStateRoot }, { bank });
  bank.markFinal(bank.lastBatch);
  bank.on('batchClosed', ({ batch }) => bank.markFinal(batch.number));
  const sequencer = services.add(
    await Sequencer.open(
      {
        automatic: config.automatic,
        blockTimeMs: config.blockTimeMs,
        maxBlockTransactions: config.maxBlockTransactions,
        batchTimeoutMs: config.batchTimeoutMs,
        capacity: config.mempoolCapacity,
        maxPoolBytes: config.mempoolBytes,
        ...(config.mempoolPerFeePayer === undefined ? {} : { maxPerFeePayer: config.mempoolPerFeePayer }),
        maxSignatureChecks: config.maxSignatureChecks,
        blockLimits: limits,
      },
      { bank, signatures, logger: partLogger('sequencer') },
    ),
  );
  const rpc = services.add(
    await RpcServer.open(
      {
        ...rpcServerLimits(config),
        host: config.host,
        port: config.rpcPort,
        identity: genesis.rollup.collector,
        ...(config.faucet ? { faucet: { secretKey: genesis.faucet.secretKey } } : {}),
      },
      { bank, sequencer, settlement, logger: partLogger('rpc') },
    ),
  );
  return { bank, sequencer, rpc, settlement, accounts: genesis.accounts };
}
