import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, takeLock } from '@polyproof/base';
import { type Artifacts, installArtifacts, isArtifactFile, loadArtifacts } from '@polyproof/proofs';
import { blobHash, createProverClient, hashOf } from '@polyproof/protocol';
import { credentialsOf } from './credentials.js';
import { ProverError } from './errors.js';
import type { AggregatorAddress } from './options.js';

export interface FetchArtifactsModules {
  logger: Logger;
  /** told of every step that takes more than a moment */
  onProgress?: (step: string) => void;
}

/**
 * The artifacts that an aggregator proves with: those of an earlier time, or downloaded, each file compared with its
 * SHA-256 and each circuit with the hash that tasks name. What an interrupted call downloaded is not downloaded again.
 * @param options.cacheDirectory - where artifacts and the SRS are kept from run to run
 * @throws {ProverError} `BAD_ARTIFACTS`; {@link BlobError}; `ProofError` `ARTIFACTS_BAD`, `SRS_NOT_ALLOWED`; trouble of the
 * connection
 */
export async function fetchArtifacts(
  options: AggregatorAddress & { cacheDirectory: string },
  modules: FetchArtifactsModules,
): Promise<Artifacts> {
  const step = modules.onProgress ?? (() => {});
  const client = createProverClient(options.aggregatorUrl, credentialsOf(options));
  try {
    const { files, chainId } = await client.artifacts({});
    const wanted = files.map(({ name, blob }) => {
      if (!isArtifactFile(name) || blob === undefined)
        throw new ProverError(
          'BAD_ARTIFACTS',
          `the aggregator offers ${JSON.stringify(name)}, which is no artifact.`,
        );
      return { name, hash: hashOf(blob), bytes: Number(blob.bytes) };
    });
    const listed = wanted.map(({ name, hash }) => `${hash} ${name}\n`).sort();
    const id = blobHash(new TextEncoder().encode(listed.join('')));
    const directory = join(options.cacheDirectory, 'joined', id);
    if (existsSync(directory)) return loadArtifacts(directory);
    const staging = `${directory}.part`;
    mkdirSync(staging, { recursive: true });
    // Two provers of one machine that join at the same time: one downloads.
    const unlock = takeLock(join(staging, 'lock'));
    try {
      for (const { name, hash, bytes } of wanted) {
        const file = join(staging, name);
        if (existsSync(file)) continue;
        step(`downloading ${name} (${Math.ceil(bytes / 1024).toLocaleString('en')} KiB)`);
        await client.blobs.download(hash, file);
      }
      step('checking the circuits, preparing the SRS');
      await installArtifacts(
        { directory: staging, cacheDirectory: options.cacheDirectory, chainId: Number(chainId) },
        modules,
      );
    } catch (error) {
      // Files that came whole and are wrong all the same are not to stay.
      if ((error as { code?: string }).code === 'ARTIFACTS_BAD')
        rmSync(staging, { recursive: true, force: true });
      throw error;
    } finally {
      unlock();
    }
    renameSync(staging, directory);
    return loadArtifacts(directory);
  } finally {
    await client.close();
  }
}
