import { silentLogger } from '@polyproof/base';
import { aggregateInputs, finalInputs, type ProvingResult, UltraHonk } from '@polyproof/proofs';
import { benchArtifacts } from './artifacts.js';
import { figure, type Report } from './report.js';
import { TransferBatches } from './transfer-batches.js';

const WALLETS = 4;
/** Which batch circuit the proofs come from makes no difference to the circuits that verify them. */
const BATCH_CIRCUIT = 'svm_batch_small';

/** The circuits that verify proofs: gates, seconds to solve and to prove, size of the proof. */
export async function benchCircuits(): Promise<Report> {
  const artifacts = await benchArtifacts();
  const batches = await TransferBatches.open({ artifacts, wallets: WALLETS });
  const system = await UltraHonk.open({ artifacts }, { logger: silentLogger });
  try {
    const proveBatch = async () => system.prove(BATCH_CIRCUIT, (await batches.filling(BATCH_CIRCUIT)).inputs);
    const left = await proveBatch();
    const right = await proveBatch();
    const aggregation = await system.prove('aggregate', aggregateInputs(artifacts, left, right));
    const final = await system.prove('final', finalInputs(artifacts, aggregation, 0n));
    return { bench: 'circuits', figures: [...figures('aggregate', aggregation), ...figures('final', final)] };
  } finally {
    await system.close();
    await batches.close();
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
