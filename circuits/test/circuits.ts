import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { silentLogger } from '@polyproof/base';
import { type Artifacts, buildArtifacts, type ProgramName } from '@polyproof/proofs';
import { type Solve, solver } from './solver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The circuits of this tree, from the cache where they are there already. */
export function artifactsForTests(): Promise<Artifacts> {
  return buildArtifacts(
    { circuitsDirectory: `${root}circuits`, cacheDirectory: `${root}.cache`, chainId: 31337 },
    { logger: silentLogger },
  );
}

export function compiledCircuit({ directory }: Artifacts, program: ProgramName): CompiledCircuit {
  return JSON.parse(readFileSync(`${directory}/${program}.json`, 'utf8')) as CompiledCircuit;
}

/** Runs a circuit without proving: resolves when every constraint outside of recursion holds. */
export function executor(artifacts: Artifacts, program: ProgramName): Solve {
  return solver(compiledCircuit(artifacts, program));
}
