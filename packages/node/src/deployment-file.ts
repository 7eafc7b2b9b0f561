import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '@polyproof/base';
import type { Deployment } from '@polyproof/chain';
import { NodeError } from './errors.js';

/** What a data directory belongs to; a later start must bring the same. */
export interface Belonging {
  /** circuits with their keys */
  keySetRoot: string;
  configHash: string;
  genesisStateRoot: string;
}

interface Content {
  deployment: Deployment;
  belonging: Belonging;
}

/** Which contracts a local network uses, kept beside the chain's state. */
export class DeploymentFile {
  /** of an earlier run; `undefined` before the first {@link save} */
  readonly deployment: Deployment | undefined;
  readonly #path: string;
  readonly #belonging: Belonging;

  /** @throws {NodeError} `DATA_MISMATCH` when the directory belongs to other circuits or another rollup */
  constructor(directory: string, belonging: Belonging) {
    this.#path = join(directory, 'deployment.json');
    this.#belonging = belonging;
    const kept = read(this.#path);
    for (const field of ['keySetRoot', 'configHash', 'genesisStateRoot'] as const)
      if (kept !== undefined && kept.belonging[field] !== belonging[field])
        throw new NodeError(
          'DATA_MISMATCH',
          `${directory} was made with another ${field} (${kept.belonging[field]}, now ${belonging[field]}): ` +
            'the circuits or the rollup changed. Delete the directory, or choose another with --data-directory.',
        );
    this.deployment = kept?.deployment;
  }

  save(deployment: Deployment): void {
    const content: Content = { deployment, belonging: this.#belonging };
    writeFileSync(`${this.#path}.new`, JSON.stringify(content, null, 2));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/**
 * The contracts of the local network in a data directory.
 * @throws {NodeError} `DATA_MISMATCH` when there is none, or it cannot be read
 */
export function readDeployment(directory: string): Deployment {
  const path = join(directory, 'deployment.json');
  const content = read(path);
  if (content === undefined)
    throw new NodeError('DATA_MISMATCH', `there is no ${path}: start a local network there first.`);
  return content.deployment;
}

function read(path: string): Content | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Partial<Content>;
    if (content.deployment !== undefined && content.belonging !== undefined) return content as Content;
    throw new SyntaxError('it names no deployment');
  } catch (error) {
    throw new NodeError(
      'DATA_MISMATCH',
      `${path} cannot be read (${errorMessage(error)}): delete its directory, or choose another with --data-directory.`,
    );
  }
}
