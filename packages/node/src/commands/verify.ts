import { readFileSync } from 'node:fs';
import { errorMessage, fromHex } from '@polyproof/base';
import { isVerifierSystem, VERIFIER_SYSTEMS, VerifierSandbox } from '@polyproof/proofs';
import { NodeError } from '../errors.js';
import { formatTable } from '../terminal/table.js';
import { parseOwnFlags } from './flags.js';

/** Exit codes of `polyproof verify`; 2 is also what a wrong call ends with. */
export const EXIT_CODES = { valid: 0, invalid: 1, undecided: 2 } as const;

/**
 * `polyproof verify`: prints the verdict on a proof of any system.
 * @returns one of {@link EXIT_CODES}
 * @throws {NodeError} `USAGE`
 */
export async function verify(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const own = { system: text, key: text, inputs: text, proof: text, list: yes, json: yes };
  const { list, json, ...named } = parseOwnFlags(args, own);
  const flags = named as Record<string, string | undefined>;
  if (list === true) {
    const rows = Object.entries(VERIFIER_SYSTEMS).map(([name, { title, limits }]) => [
      name,
      title,
      ...[limits.keyBytes, limits.inputsBytes, limits.proofBytes, limits.timeMs].map(String),
    ]);
    console.log(formatTable(['system', 'what', 'key B', 'inputs B', 'proof B', 'time ms'], rows));
    return 0;
  }
  const { system } = flags;
  if (system === undefined || !isVerifierSystem(system))
    throw new NodeError(
      'USAGE',
      `there is no proof system "${system ?? ''}": choose --system from \`polyproof verify --list\`.`,
    );
  const files = {
    key: read('key', flags.key),
    inputs: read('inputs', flags.inputs),
    proof: read('proof', flags.proof),
  };
  const sandbox = new VerifierSandbox();
  try {
    const verdict = await sandbox.verify(system, files);
    if (json === true) console.log(JSON.stringify(verdict));
    else console.log('reason' in verdict ? `${verdict.verdict}: ${verdict.reason}` : verdict.verdict);
    return EXIT_CODES[verdict.verdict];
  } finally {
    await sandbox.close();
  }
}

/** A file's bytes; one that is a single hexadecimal number stands for the bytes of that. */
function read(name: string, file: string | undefined): Uint8Array {
  if (file === undefined) throw new NodeError('USAGE', `name the file with --${name} FILE.`);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new NodeError('USAGE', `--${name}: ${errorMessage(error)}`);
  }
  if (bytes[0] !== 0x30 || bytes[1] !== 0x78) return bytes;
  const text = new TextDecoder().decode(bytes).trim();
  return /^0x([0-9a-fA-F]{2})*$/.test(text) ? fromHex(text) : bytes;
}
