import { Aggregator, type Database, type MarginRule, TransactionTable } from '@polyproof/aggregator';
import type { Logger } from '@polyproof/base';
import {
  type Artifacts,
  aggregateInputs,
  artifactFiles,
  finalInputs,
  finalSignedInputs,
  type ProgramArtifact,
  type ProofSystem,
} from '@polyproof/proofs';
import {
  type Bank,
  configHash,
  genesisStateRoot,
  type RollupConfig,
  type StatelessExecutor,
} from '@polyproof/svm';
import { WitnessBatchSource } from './batch-source.js';
import type { DevnetConfig } from './config.js';
import type { Access } from './prover-access.js';
import type { Settlement } from './settlement.js';
import { SettlementAdapter } from './settlement-adapter.js';

export interface StartAggregatorModules {
  settlement: Settlement;
  margin?: MarginRule;
  artifacts: Artifacts;
  rollup: RollupConfig;
  bank: Bank;
  /** for stateless execution: one that nobody else uses */
  stateless: StatelessExecutor;
  database: Database;
  verifier: ProofSystem;
  logger: Logger;
}

/** The operator's aggregator, fed from the node's own bank. */
export async function startAggregator(access: Access, modules: StartAggregatorModules): Promise<Aggregator> {
  const { artifacts, rollup, bank, stateless, database, verifier, logger } = modules;
  const { deployment, operator } = modules.settlement;
  const settlement = operator(new TransactionTable({ database }));
  const { signed } = artifacts;
  const ofPrograms = <T>(of: (program: ProgramArtifact) => T) =>
    Object.fromEntries(Object.entries(artifacts.programs).map(([name, program]) => [name, of(program)]));
  return Aggregator.open(
    {
      operator: settlement.address,
      ...access,
      chainId: BigInt(deployment.chainId),
      artifactFiles: artifactFiles(artifacts),
      settlementId: `${deployment.chainId}:${deployment.settlement}`,
      startBlock: BigInt(deployment.startBlock),
      configHash: configHash(rollup),
      programs: {
        hashes: ofPrograms(({ hash }) => hash),
        gates: ofPrograms(({ gates }) => gates),
        keySetRoot: BigInt(artifacts.keySetRoot),
        ...(signed && {
          signed: {
            keySetRoot: BigInt(signed.keySetRoot),
            finalKeySetRoot: BigInt(signed.finalKeySetRoot),
          },
        }),
      },
      ...(modules.margin === undefined ? {} : { margin: modules.margin }),
      // Where both ways are taken, the shorter one.
      bindsProofs: (await settlement.getProofWays()) !== 'twoSteps',
      intervalMs: 250,
    },
    {
      settlement: new SettlementAdapter(settlement, { genesisStateRoot: genesisStateRoot(rollup) }),
      batchSource: new WitnessBatchSource({ artifacts }, { bank, stateless }),
      composer: {
        aggregateInputs: (left, right) => aggregateInputs(artifacts, left, right),
        finalInputs: (batches, prover, signatures) =>
          signatures === undefined
            ? finalInputs(artifacts, batches, prover)
            : finalSignedInputs(artifacts, batches, signatures, prover),
      },
      database,
      verifier,
      logger,
    },
  );
}

/** The rule of an operator that does not compete for every sequence. */
export function marginOf(config: DevnetConfig): { margin?: MarginRule } {
  const { leastMarginWei: leastWei, provingSecondWei, expectedShare } = config;
  return leastWei === undefined ? {} : { margin: { leastWei, provingSecondWei, expectedShare } };
}
