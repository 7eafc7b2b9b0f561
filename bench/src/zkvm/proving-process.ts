import { silentLogger } from '@polyproof/base';
import { loadArtifacts, UltraHonk } from '@polyproof/proofs';
import { peakMemoryBytes } from '@polyproof/prover';
import type { ProvedApart, ProvingTask } from './prove-apart.js';

process.once('message', async (task) => {
  const { artifactsDirectory, program, inputs } = task as ProvingTask;
  const artifacts = loadArtifacts(artifactsDirectory);
  const system = await UltraHonk.open({ artifacts }, { logger: silentLogger });
  const result = await system.prove(program, inputs);
  process.send!({ ...result, peakMemoryBytes: peakMemoryBytes() } satisfies ProvedApart);
  await system.close();
});
