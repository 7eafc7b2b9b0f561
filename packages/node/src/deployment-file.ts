import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '@polyproof/chain';
import { NodeError } from './errors.js';

/** What a data directory belongs to; a later start must bring the same. */
export interface Belonging {
  /** circuits with their keys */
  keySetRoot: string;
  configHash: string;
  genesisStateRoot: string;
}

/** Which contracts a local network uses, kept beside the chain's state. */
export class DeploymentFile {
  readonly #path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'deployment.json');
  }

  /** @throws {NodeError} `DATA_MISMATCH` when the directory belongs to other circuits or another rollup */
  load(belonging: Belonging): Deployment | undefined {
    if (!existsSync(this.#path)) return undefined;
    const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as {
      deployment: Deployment;
      belonging: Belonging;
    };
    for (const field of ['keySetRoot', 'configHash', 'genesisStateRoot'] as const)
      if (kept.belonging[field] !== belonging[field])
        throw new NodeError(
          'DATA_MISMATCH',
          `${this.#directory} was made with another ${field} (${kept.belonging[field]}, now ${belonging[field]}): ` +
            'the circuits or the rollup changed. Delete the directory, or choose another with --data-directory.',
        );
    return kept.deployment;
  }

  save(deployment: Deployment, belonging: Belonging): void {
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(this.#path, JSON.stringify({ deployment, belonging }, null, 2));
  }
}
