import { join } from 'node:path';
import { createLogger } from '@polyproof/base';
import { LOCAL_CHAIN_ID, ProgramProver, resolveSrs, SRS_LOG2 } from '@polyproof/proofs';
import { readProveJob } from '../prove/prove-options.js';
import { writeProof } from '../prove/write-proof.js';
import { Progress } from '../terminal/progress.js';
import { parseFlags } from './flags.js';

/**
 * `polyproof prove`: proves any compiled Noir program, and says so only when the proof was verified with a key that was made
 * here, of the program as it lies here.
 * @throws {NodeError} `USAGE`, `BAD_FILE`; {ProofError} `PROGRAM_REFUSED`, `INPUTS_REFUSED` and what else proving ends with
 */
export async function prove(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const { flags, config } = parseFlags(args, { program: text, input: text, out: text, evm: yes });
  const { program: file, input, out = 'proof' } = flags as Record<string, string | undefined>;
  const job = readProveJob({ program: file, input, evm: flags.evm === true });
  const progress = new Progress(process.stderr);
  try {
    const srs = await resolveSrs(
      {
        directory: join(config.cacheDirectory, 'srs'),
        points: 2 ** SRS_LOG2 + 1,
        chainId: LOCAL_CHAIN_ID,
        source: config.srs,
      },
      { logger: createLogger({ level: 'silent' }) },
    );
    const prover = new ProgramProver({ srs });
    const { program, flavour, inputs } = job;
    progress.begin('key', 'making the verification key');
    const key = await prover.makeKey(program, flavour);
    progress.finish('key', `program ${program.id}: ${key.gates.toLocaleString('en')} gates`);
    progress.begin('proof', 'proving on this machine');
    const proof = await prover.prove(program, key, inputs);
    progress.finish(
      'proof',
      `proved in ${(proof.witnessSeconds + proof.proveSeconds).toFixed(1)} s, verified`,
    );
    const verifier = flavour === 'evm' ? await prover.solidityVerifier(key) : undefined;
    for (const written of writeProof(out, proof, key, verifier)) console.log(written);
    if (srs.kind === 'development')
      progress.line(
        'made with the development SRS: whoever made that can forge such proofs, use it for tests only',
      );
  } finally {
    progress.close();
  }
}
