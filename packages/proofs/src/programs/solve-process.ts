// Entry point of a process: takes one SolveJob by message, answers with a SolveResult and ends.
import { Noir } from '@noir-lang/noir_js';
import { type SerializedError, serializeError } from '@polyproof/base';
import type { CircuitInputs } from '../types.js';
import { solve } from '../ultra-honk.js';
import type { NoirProgram } from './noir-program.js';

export interface SolveJob {
  id: string;
  circuit: NoirProgram['circuit'];
  inputs: CircuitInputs;
}

export type SolveResult = { witness: Uint8Array } | { error: SerializedError };

process.once('message', ({ id, circuit, inputs }: SolveJob) => {
  solve(new Noir({ ...circuit, debug_symbols: '', file_map: {} }), `program ${id.slice(0, 12)}`, inputs)
    .then(
      (witness): SolveResult => ({ witness }),
      (error: unknown): SolveResult => ({ error: serializeError(error) }),
    )
    .then((result) => process.send!(result, () => process.exit(0)));
});
process.once('disconnect', () => process.exit(1));
