import { readFileSync } from 'node:fs';
import { errorMessage } from '@polyproof/base';
import { type CircuitInputs, type Flavour, type NoirProgram, readNoirProgram } from '@polyproof/proofs';
import { NodeError } from '../errors.js';

/** What is to be proved, read and checked. */
export interface ProveJob {
  program: NoirProgram;
  inputs: CircuitInputs;
  flavour: Flavour;
}

/**
 * Reads what `polyproof prove` was given.
 * @throws {NodeError} `USAGE` for a missing flag, `BAD_FILE` for a file that is not there or is not JSON; {@link ProofError}
 * `PROGRAM_REFUSED`
 */
export function readProveJob(flags: {
  program: string | undefined;
  input: string | undefined;
  evm: boolean;
}): ProveJob {
  const { program, input, evm } = flags;
  if (program === undefined || input === undefined)
    throw new NodeError(
      'USAGE',
      'say what to prove: polyproof prove --program target/NAME.json --input input.json',
    );
  return {
    program: readNoirProgram(read('--program', program)),
    inputs: readInputs(input),
    flavour: evm ? 'evm' : 'recursive',
  };
}

function readInputs(file: string): CircuitInputs {
  let inputs: unknown;
  try {
    inputs = JSON.parse(read('--input', file).toString('utf8'));
  } catch (error) {
    if (error instanceof NodeError) throw error;
    throw new NodeError('BAD_FILE', `--input: ${file} is no JSON (${errorMessage(error)}).`);
  }
  if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) return inputs as CircuitInputs;
  throw new NodeError(
    'BAD_FILE',
    `--input: ${file} has to be a JSON object, with a value for each parameter of the program's main.`,
  );
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new NodeError('BAD_FILE', `${flag}: ${file} cannot be read (${errorMessage(error)}).`);
  }
}
