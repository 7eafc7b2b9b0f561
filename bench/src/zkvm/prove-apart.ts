import { forkEntry, InvariantError, stopChild } from '@polyproof/base';
import type { Artifacts, CircuitInputs, ProgramName, ProvingResult } from '@polyproof/proofs';

/** What a process of its own is told to prove. */
export interface ProvingTask {
  artifactsDirectory: string;
  program: ProgramName;
  inputs: CircuitInputs;
}

export interface ProvedApart extends ProvingResult {
  /** of the process that solves and of the native prover together */
  peakMemoryBytes: number;
}

/** Proves in a new process, so that its memory is that of this one proof. */
export async function proveApart(
  artifacts: Artifacts,
  program: ProgramName,
  inputs: CircuitInputs,
): Promise<ProvedApart> {
  const child = forkEntry(import.meta.url, './proving-process.js');
  try {
    return await new Promise<ProvedApart>((resolve, reject) => {
      child.once('message', (result) => resolve(result as ProvedApart));
      child.once('exit', (code) => reject(new InvariantError(`the process that proves ended with ${code}`)));
      child.send({ artifactsDirectory: artifacts.directory, program, inputs } satisfies ProvingTask);
    });
  } finally {
    await stopChild(child);
  }
}
