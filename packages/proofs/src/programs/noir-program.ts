import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { errorMessage } from '@polyproof/base';
import { installedVersion } from '../artifacts/installed-version.js';
import { ProofError } from '../errors.js';

/** A compiled program of somebody else, checked. */
export interface NoirProgram {
  /** SHA-256 of {@link NoirProgram.content}, hex */
  id: string;
  /** what is left of the compiler's file, as JSON in UTF-8: version, ABI and bytecode, without paths and debug symbols */
  content: Uint8Array;
  circuit: Pick<CompiledCircuit, 'abi' | 'bytecode'> & { noir_version: string };
  /** unpacked, as bb reads it */
  bytecode: Uint8Array;
}

/** Of a compiler's file, debug symbols included. */
export const MOST_PROGRAM_BYTES = 64 * 1024 * 1024;
/** Of the bytecode unpacked: a bomb is stopped here. */
const MOST_BYTECODE_BYTES = 128 * 1024 * 1024;

/** The compiler whose programs can be proved: its version without what stands behind a plus. */
export const NOIR_VERSION = installedVersion('@noir-lang/noir_js');

/**
 * Reads what `nargo compile` writes to target/NAME.json.
 * @throws {ProofError} `PROGRAM_REFUSED` with what is wrong with it
 */
export function readNoirProgram(file: Uint8Array): NoirProgram {
  if (file.length > MOST_PROGRAM_BYTES)
    throw refused(`it has ${file.length} bytes, and may have ${MOST_PROGRAM_BYTES}`);
  const { noir_version, abi, bytecode } = parse(file);
  if (typeof noir_version !== 'string' || noir_version.split('+')[0] !== NOIR_VERSION)
    throw refused(
      `it was compiled by Noir ${String(noir_version ?? 'of an unknown version')}, and ${NOIR_VERSION} is proved: compile it with that`,
    );
  if (!isAbi(abi)) throw refused('it has no readable ABI: a contract or a library cannot be proved');
  if (typeof bytecode !== 'string') throw refused('it has no bytecode');
  const circuit = { noir_version, abi, bytecode } as NoirProgram['circuit'];
  const content = new TextEncoder().encode(JSON.stringify(circuit));
  const id = createHash('sha256').update(content).digest('hex');
  return { id, content, circuit, bytecode: unpack(bytecode) };
}

function parse(file: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    throw refused(`it is no JSON (${errorMessage(error)})`);
  }
  throw refused('it is no JSON object');
}

function isAbi(abi: unknown): boolean {
  const { parameters } = (abi ?? {}) as { parameters?: unknown };
  return (
    Array.isArray(parameters) &&
    parameters.every(
      (one: { name?: unknown; type?: { kind?: unknown }; visibility?: unknown } | null) =>
        typeof one?.name === 'string' &&
        typeof one.type?.kind === 'string' &&
        typeof one.visibility === 'string',
    )
  );
}

function unpack(bytecode: string): Uint8Array {
  try {
    return gunzipSync(Buffer.from(bytecode, 'base64'), { maxOutputLength: MOST_BYTECODE_BYTES });
  } catch (error) {
    throw refused(`its bytecode cannot be unpacked (${errorMessage(error)})`);
  }
}

function refused(what: string): ProofError {
  return new ProofError('PROGRAM_REFUSED', `this is no program that can be proved: ${what}.`);
}
