import { forkEntry, type Hex, PolyproofError } from '@polyproof/base';
import { ProofError } from '../errors.js';

export type CompileJob =
  /** `parameters`: sizes that take the place of the library's */
  | { kind: 'circuit'; directory: string; parameters?: string; output: string }
  | { kind: 'solidity'; source: string; contract: string };

export type CompileResult = { ok: true; bytecode?: Hex } | { ok: false; message: string };

/**
 * Compiles a circuit to `output`, or a Solidity source to its creation code, in a process of its own: both
 * compilers are WebAssembly and block their thread for seconds.
 */
export async function compile(job: CompileJob): Promise<{ bytecode?: Hex }> {
  const child = forkEntry(import.meta.url, './compile-process.js', [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const result = await new Promise<CompileResult>((resolve, reject) => {
    child.once('message', (message) => resolve(message as CompileResult));
    child.once('exit', (code) =>
      reject(new PolyproofError('COMPILER_EXIT', `the compiler process ended with ${code}.`)),
    );
    child.send(job);
  });
  if (!result.ok) throw new ProofError('CIRCUIT_COMPILE', result.message);
  return result.bytecode === undefined ? {} : { bytecode: result.bytecode };
}
