import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import {
  developmentKeypair,
  openProcessBank,
  processStatelessExecutor,
  REPOSITORY,
  signTransfer,
  WitnessBatchSource,
} from '@polyproof/node';
import {
  type Artifacts,
  aggregateInputs,
  buildArtifacts,
  type CircuitInputs,
  finalInputs,
  LOCAL_CHAIN_ID,
  type ProvingResult,
  UltraHonk,
} from '@polyproof/proofs';
import { CIRCUIT_LIMITS, decodeTransaction, encodeBase58, LAMPORTS_PER_SIGNATURE } from '@polyproof/svm';
import { figure, type Report } from './report.js';

const LAMPORTS = 1_000_000_000_000n;
const ACCOUNTS = 16;

/** Every circuit at its real size, on full batches: gates, seconds to solve and to prove, size of the proof. */
export async function benchCircuits(): Promise<Report> {
  const artifacts = await buildArtifacts(
    {
      circuitsDirectory: join(REPOSITORY, 'circuits'),
      cacheDirectory: join(REPOSITORY, '.cache'),
      chainId: LOCAL_CHAIN_ID,
    },
    { logger: silentLogger },
  );
  const [first, second] = await fullBatches(artifacts, 2);
  const system = await UltraHonk.open({ artifacts }, { logger: silentLogger });
  try {
    const left = await system.prove('svm_batch', first!);
    const right = await system.prove('svm_batch', second!);
    const aggregation = await system.prove('aggregate', aggregateInputs(artifacts, left, right));
    const final = await system.prove('final', finalInputs(artifacts, aggregation));
    return {
      bench: 'circuits',
      figures: [
        ...figures('svm_batch', right),
        figure('svm_batch: transfers', CIRCUIT_LIMITS.transactions, 'transactions'),
        figure('svm_batch: gates a transfer', right.gates / CIRCUIT_LIMITS.transactions, 'gates'),
        figure(
          'svm_batch: transfers a second',
          CIRCUIT_LIMITS.transactions / (right.witnessSeconds + right.proveSeconds),
          'transactions/s',
        ),
        ...figures('aggregate', aggregation),
        ...figures('final', final),
      ],
    };
  } finally {
    await system.close();
  }
}

function figures(name: string, result: ProvingResult): Report['figures'] {
  return [
    figure(`${name}: gates`, result.gates, 'gates'),
    figure(`${name}: witness`, result.witnessSeconds, 's'),
    figure(`${name}: proof`, result.proveSeconds, 's'),
    figure(`${name}: gates a second`, result.gates / result.proveSeconds, 'gates/s'),
    figure(`${name}: proof size`, result.proof.length, 'bytes'),
  ];
}

/** Inputs of full batches that follow each other, made as a rollup makes them. */
async function fullBatches(artifacts: Artifacts, count: number): Promise<CircuitInputs[]> {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const people = Array.from({ length: ACCOUNTS }, (_, i) => developmentKeypair(`bench ${i}`));
  const collector = developmentKeypair('bench collector');
  const stateless = processStatelessExecutor({ logger: silentLogger });
  const bank = await openProcessBank(
    {
      directory,
      executors: 1,
      config: {
        rollupId: 1n,
        collector: collector.address,
        lamportsPerSignature: LAMPORTS_PER_SIGNATURE,
        genesis: [...people, collector].map(({ address }) => ({ address, lamports: LAMPORTS })),
      },
    },
    { logger: silentLogger },
  );
  try {
    const source = new WitnessBatchSource({ artifacts }, { bank, stateless });
    const inputs: CircuitInputs[] = [];
    for (let batch = 0; batch < count; batch++) {
      const transfers = await Promise.all(
        Array.from({ length: CIRCUIT_LIMITS.transactions }, (_, i) =>
          signTransfer({
            from: people[i % ACCOUNTS]!,
            to: people[(i + 5) % ACCOUNTS]!,
            lamports: BigInt(1_000 + i),
            blockhash: encodeBase58(bank.latestBlockhash),
          }),
        ),
      );
      await bank.produceBlock(transfers.map((bytes) => bank.resolve(decodeTransaction(bytes))));
      const closed = await bank.closeBatch();
      inputs.push((await source.getBatchInputs(closed!.number)).inputs);
    }
    return inputs;
  } finally {
    await bank.close();
    await stateless.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
