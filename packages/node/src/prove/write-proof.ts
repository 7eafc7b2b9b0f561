import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, fromHex } from '@polyproof/base';
import type { ProgramKey, ProgramProof } from '@polyproof/proofs';

/** What `polyproof prove` leaves behind: the files that `bb verify` takes, and with `--evm` the verifier's source. */
export function writeProof(
  directory: string,
  { proof, publicInputs }: ProgramProof,
  { key }: Pick<ProgramKey, 'key'>,
  verifier: string | undefined,
): string[] {
  mkdirSync(directory, { recursive: true });
  const files: [string, Uint8Array | string][] = [
    ['proof', proof],
    ['public_inputs', concatBytes(...publicInputs.map((input) => fromHex(input)))],
    ['vk', key],
    ...(verifier === undefined ? [] : [['HonkVerifier.sol', verifier] as [string, string]]),
  ];
  return files.map(([name, content]) => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  });
}
