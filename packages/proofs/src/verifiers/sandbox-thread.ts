import { parentPort } from 'node:worker_threads';
import { errorMessage } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { INVALID_CODES, type Verdict, type VerificationFiles } from './system.js';
import { VERIFIER_SYSTEMS, type VerifierSystemName } from './systems.js';

/** What the thread is asked. It answers 'ready' when it has started, then a {@link Verdict} for each job. */
export interface SandboxJob extends VerificationFiles {
  system: VerifierSystemName;
}

async function verify({ system, ...files }: SandboxJob): Promise<Verdict> {
  try {
    return (await VERIFIER_SYSTEMS[system].verify(files))
      ? { verdict: 'valid' }
      : { verdict: 'invalid', reason: 'the proof does not show these inputs under this key' };
  } catch (error) {
    const reason = errorMessage(error);
    return error instanceof ProofError && INVALID_CODES.includes(error.code)
      ? { verdict: 'invalid', reason }
      : { verdict: 'undecided', reason: `the verifier failed: ${reason}` };
  }
}

parentPort?.on('message', async (job: SandboxJob) => parentPort?.postMessage(await verify(job)));
parentPort?.postMessage('ready');
