import { readFileSync } from 'node:fs';
import { errorMessage } from '@polyproof/base';
import { parseJson } from '@polyproof/rpc';
import { decodeBase58, type GenesisAccount } from '@polyproof/svm';
import { z } from 'zod';
import { NodeError } from './errors.js';

const ADDRESS_BYTES = 32;

const address = z
  .string()
  .max(44)
  .transform((text, context) => {
    try {
      const bytes = decodeBase58(text);
      if (bytes.length === ADDRESS_BYTES) return bytes;
    } catch {}
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no address of ${ADDRESS_BYTES} bytes in base 58`,
    });
    return z.NEVER;
  });

/** What `solana account ADDRESS --output json` prints; everything else that it prints is left out. */
const ACCOUNT = z.object({
  pubkey: address,
  account: z.object({
    lamports: z.union([z.number().int().min(1), z.bigint()]).transform(BigInt),
    data: z.tuple([z.base64(), z.literal('base64')]),
    owner: address,
    executable: z.boolean(),
  }),
});

/**
 * Accounts that a rollup begins with, from a JSON file: one of them, or a list, each in the form of the Solana command line.
 * @throws {NodeError} `GENESIS_FILE` naming what is wrong
 */
export function readGenesisFile(file: string): GenesisAccount[] {
  const wrong = (what: string) =>
    new NodeError('GENESIS_FILE', `the genesis file ${file} cannot be used: ${what}.`);
  let content: unknown;
  try {
    content = parseJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(errorMessage(error));
  }
  const parsed = z.array(ACCOUNT).safeParse(Array.isArray(content) ? content : [content]);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw wrong(`${path.join('.')}: ${message}`);
  }
  return parsed.data.map(({ pubkey, account: { lamports, data, owner, executable } }) => ({
    address: pubkey,
    lamports,
    owner,
    executable,
    data: Uint8Array.from(Buffer.from(data[0], 'base64')),
  }));
}
