import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { packagedBb } from '../../packages/proofs/src/bb.js';

/** Gates of a circuit whose proofs are verified in another one. */
export function gatesOf(circuit: CompiledCircuit): number {
  const directory = mkdtempSync(join(tmpdir(), 'gates-'));
  try {
    const file = join(directory, 'circuit.json');
    writeFileSync(file, JSON.stringify(circuit));
    const printed = execFileSync(packagedBb(), ['gates', '-t', 'noir-recursive-no-zk', '-b', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(printed) as { functions: { circuit_size: number }[] }).functions[0]!.circuit_size;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
