import { z } from 'zod';
import { ProofError } from '../errors.js';

export type FileKind = 'key' | 'proof' | 'inputs';

/** 0x and whole bytes. */
export const hex = z.templateLiteral(['0x', z.string().regex(/^([0-9a-fA-F]{2})*$/)]);
export const word = hex.refine((text) => text.length === 66, 'is not of 32 bytes');

/** The code of an error about a file. */
export function codeOf(kind: FileKind): 'BAD_KEY' | 'BAD_PROOF_SHAPE' {
  return kind === 'key' ? 'BAD_KEY' : 'BAD_PROOF_SHAPE';
}

/** A file of JSON. @throws {ProofError} `BAD_KEY`, `BAD_PROOF_SHAPE` */
export function parseJson<S extends z.ZodType>(kind: FileKind, bytes: Uint8Array, schema: S): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProofError(codeOf(kind), `the ${kind} is not JSON.`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.length === 0 ? '' : ` at ${issue?.path.join('.')}`;
  throw new ProofError(codeOf(kind), `the ${kind} is not what it should be${where}: ${issue?.message}.`);
}

/** Splits public inputs that are words of 32 bytes. @throws {ProofError} `BAD_PROOF_SHAPE` */
export function splitWords(kind: FileKind, bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % 32 !== 0)
    throw new ProofError(codeOf(kind), `the ${kind} has ${bytes.length} bytes: expected words of 32 bytes.`);
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.slice(32 * i, 32 * i + 32));
}
