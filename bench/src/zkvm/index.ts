import type { Artifacts } from '@polyproof/proofs';
import type { BatchCircuit } from '@polyproof/svm';
import { benchArtifacts } from '../artifacts.js';
import { figure, type Report } from '../report.js';
import { TransferBatches } from '../transfer-batches.js';
import { instructionCosts } from './instruction-costs.js';
import { proveApart } from './prove-apart.js';
import { settledSequence } from './settled-sequence.js';
import { verifierGas } from './verifier-gas.js';

const WALLETS = 8;

/** What p-token transfers cost: in full batches of both circuits, by instruction, and up to the base chain. */
export async function benchZkvm(): Promise<Report> {
  const artifacts = await benchArtifacts();
  const batches = await TransferBatches.open({ artifacts, wallets: WALLETS });
  const figures: Report['figures'] = [];
  try {
    for (const circuit of ['svm_batch', 'svm_batch_small'] as const)
      figures.push(...(await fullBatch(artifacts, batches, circuit)));
    figures.push(...(await verifierGas(artifacts, (await batches.filling('svm_batch_small')).inputs)));
  } finally {
    await batches.close();
  }
  for (const { name, steps, accesses, gates } of await instructionCosts())
    figures.push(
      figure(`${name}: steps`, steps, 'steps'),
      figure(`${name}: accesses`, accesses, 'accesses'),
      figure(`${name}: gates, estimated`, gates, 'gates'),
    );
  figures.push(...(await settledSequence()));
  return { bench: 'zkvm', figures };
}

async function fullBatch(
  artifacts: Artifacts,
  batches: TransferBatches,
  circuit: BatchCircuit,
): Promise<Report['figures']> {
  const { transfers, inputs } = await batches.filling(circuit);
  const proved = await proveApart(artifacts, circuit, inputs);
  const { gates, witnessSeconds, proveSeconds, peakMemoryBytes, proof } = proved;
  return [
    figure(`${circuit}: gates`, gates, 'gates'),
    figure(`${circuit}: transfers that fit, of ${WALLETS} wallets`, transfers, 'transfers'),
    figure(`${circuit}: gates a transfer`, gates / transfers, 'gates'),
    figure(`${circuit}: witness`, witnessSeconds, 's'),
    figure(`${circuit}: proof`, proveSeconds, 's'),
    figure(`${circuit}: transfers a second`, transfers / (witnessSeconds + proveSeconds), 'transfers/s'),
    figure(`${circuit}: peak memory`, peakMemoryBytes / 2 ** 20, 'MiB'),
    figure(`${circuit}: proof size`, proof.length, 'bytes'),
  ];
}
