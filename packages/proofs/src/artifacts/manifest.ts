import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Hex } from '@polyproof/base';
import type { Flavour } from '../bb.js';
import { ProofError } from '../errors.js';
import type { Srs } from '../srs/resolve.js';
import { PROGRAM_NAMES, type ProgramName } from '../types.js';
import type { KeySet } from './key-set.js';

/** One compiled circuit with its key. */
export interface ProgramArtifact {
  name: ProgramName;
  /** SHA-256 of the circuit and its verification key: what a task names */
  hash: string;
  flavour: Flavour;
  gates: number;
  /** hash of the verification key as recursion uses it, a field */
  keyHash: Hex;
}

/** Everything that is made from the circuits' sources, in one directory named by the content's hash. */
export interface Artifacts extends KeySet {
  directory: string;
  hash: string;
  srs: Srs;
  programs: Programs;
  /** where signatures are proved: the key set of their circuits, and what final proofs have in the place of a key set's root */
  signed?: KeySet & { finalKeySetRoot: Hex };
  /** creation code of the contract that verifies final proofs */
  verifierBytecode: Hex;
}

/** Those of signatures are there where they are proved. */
export type Programs = Record<(typeof PROGRAM_NAMES)[number], ProgramArtifact> &
  Partial<Record<ProgramName, ProgramArtifact>>;

export type Manifest = Omit<Artifacts, 'directory'>;

export const MANIFEST_FILE = 'manifest.json';

/** @throws {ProofError} `ARTIFACTS_MISSING` when the directory holds no complete artifacts */
export function loadArtifacts(directory: string): Artifacts {
  const file = join(directory, MANIFEST_FILE);
  if (!existsSync(file))
    throw new ProofError(
      'ARTIFACTS_MISSING',
      `${directory} holds no circuit artifacts: build them with \`polyproof build\`.`,
    );
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  for (const name of PROGRAM_NAMES)
    if (manifest.programs[name] === undefined)
      throw new ProofError(
        'ARTIFACTS_MISSING',
        `${file} has no circuit "${name}": build the artifacts again.`,
      );
  return { ...manifest, directory };
}

/**
 * One of the circuits.
 * @throws {ProofError} `ARTIFACTS_MISSING` where the artifacts were made without it
 */
export function programOf({ directory, programs }: Artifacts, name: ProgramName): ProgramArtifact {
  const program = programs[name];
  if (program === undefined)
    throw new ProofError(
      'ARTIFACTS_MISSING',
      `${directory} has no circuit "${name}": signatures are not proved there.`,
    );
  return program;
}

/** What final proofs have as the root of their key set: the base chain pins it. */
export function finalKeySetRoot({ keySetRoot, signed }: Artifacts): Hex {
  return signed?.finalKeySetRoot ?? keySetRoot;
}

export function circuitFile(directory: string, name: ProgramName): string {
  return join(directory, `${name}.json`);
}

export function keyFile(directory: string, name: ProgramName): string {
  return join(directory, `${name}.vk`);
}

/** The circuit in the form that bb reads. */
export function readBytecode(directory: string, name: ProgramName): Uint8Array {
  const { bytecode } = JSON.parse(readFileSync(circuitFile(directory, name), 'utf8')) as { bytecode: string };
  return gunzipSync(Buffer.from(bytecode, 'base64'));
}

/** What tasks name a program by: its circuit and its key, as SHA-256 in hex digits. */
export function programHash(bytecode: Uint8Array, key: Uint8Array): string {
  return createHash('sha256').update(bytecode).update(key).digest('hex');
}
