import { readFileSync } from 'node:fs';
import type { Hex } from '@polyproof/base';
import { ProverError } from './errors.js';
import type { AggregatorAddress } from './options.js';

/**
 * What the files of an address hold.
 * @throws {ProverError} `BAD_KEY_FILE`
 */
export function credentialsOf({ keyFile, caFile }: AggregatorAddress): { privateKey?: Hex; ca?: string } {
  return {
    ...(keyFile === undefined ? {} : { privateKey: readKey(keyFile) }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
  };
}

function readKey(file: string): Hex {
  const text = readFileSync(file, 'utf8').trim();
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new ProverError(
      'BAD_KEY_FILE',
      `${file} holds no private key: write 0x and 64 hex digits into it.`,
    );
  return text as Hex;
}
