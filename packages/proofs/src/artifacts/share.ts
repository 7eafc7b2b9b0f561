import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, type Logger } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { resolveSrs, SRS_LOG2 } from '../srs/resolve.js';
import { PROGRAM_NAMES, type ProgramName, SIGNED_PROGRAM_NAMES } from '../types.js';
import {
  type Artifacts,
  circuitFile,
  keyFile,
  loadArtifacts,
  MANIFEST_FILE,
  type Manifest,
  programHash,
  readBytecode,
} from './manifest.js';

const filesOf = (programs: readonly string[]) => [
  MANIFEST_FILE,
  ...programs.flatMap((name) => [`${name}.json`, `${name}.vk`]),
];
const SHARED_NAMES = filesOf([...PROGRAM_NAMES, ...SIGNED_PROGRAM_NAMES]);

/** The files that another machine needs to prove with these artifacts, beside an SRS of the same kind. */
export function artifactFiles(artifacts: Artifacts): { name: string; file: string }[] {
  return filesOf(Object.keys(artifacts.programs)).map((name) => ({
    name,
    file: join(artifacts.directory, name),
  }));
}

/** Whether a file of that name belongs to artifacts: others' names are not to become paths here. */
export function isArtifactFile(name: string): boolean {
  return SHARED_NAMES.includes(name);
}

/**
 * Makes artifacts of files that came from elsewhere: compares each circuit and key with the hash that tasks name, and
 * finds the SRS on this machine.
 * @param options.directory - with the files of {@link artifactFiles}
 * @param options.cacheDirectory - where the SRS is kept
 * @throws {ProofError} `ARTIFACTS_BAD`, `SRS_NOT_ALLOWED`, `SRS_UNAVAILABLE`
 */
export async function installArtifacts(
  options: { directory: string; cacheDirectory: string; chainId: number },
  modules: { logger: Logger },
): Promise<Artifacts> {
  const { directory, cacheDirectory, chainId } = options;
  const path = join(directory, MANIFEST_FILE);
  const manifest = readManifest(path);
  const named = Object.keys(manifest.programs ?? {}).filter((name) => isArtifactFile(`${name}.json`));
  for (const name of new Set([...PROGRAM_NAMES, ...(named as ProgramName[])])) {
    const hash = programHash(readBytecode(directory, name), readFileSync(keyFile(directory, name)));
    if (manifest.programs?.[name]?.hash !== hash)
      throw new ProofError(
        'ARTIFACTS_BAD',
        `${circuitFile(directory, name)} and its key have the hash ${hash}, the manifest says ${manifest.programs?.[name]?.hash}.`,
      );
  }
  const srs = await resolveSrs(
    { directory: join(cacheDirectory, 'srs'), points: 2 ** SRS_LOG2 + 1, chainId, source: manifest.srs.kind },
    modules,
  );
  writeFileSync(path, JSON.stringify({ ...manifest, srs }, null, 2));
  return loadArtifacts(directory);
}

function readManifest(path: string): Manifest {
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    if (manifest.srs?.kind === 'ignition' || manifest.srs?.kind === 'development') return manifest;
  } catch (cause) {
    throw new ProofError('ARTIFACTS_BAD', `${path} is no manifest: ${errorMessage(cause)}`, {}, { cause });
  }
  throw new ProofError('ARTIFACTS_BAD', `${path} names no kind of SRS.`);
}
