import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, type Service, takeLock } from '@polyproof/base';
import { NodeError } from './errors.js';

/** Where a network keeps what it knows: one process at a time. */
export class DataDirectory implements Service {
  readonly path: string;
  readonly #unlock: () => void;

  private constructor(path: string, unlock: () => void) {
    this.path = path;
    this.#unlock = unlock;
  }

  /**
   * Makes the directory where there is none.
   * @throws {NodeError} `DATA_DIRECTORY`; {@link LockError} when a network runs on it
   */
  static open(path: string): DataDirectory {
    makeDataDirectory(path);
    return new DataDirectory(path, takeLock(join(path, 'lock')));
  }

  /** Where a process of the network writes its log. */
  logFile(process: string): string {
    return join(this.path, 'logs', `${process}.log`);
  }

  async close(): Promise<void> {
    this.#unlock();
  }
}

/** @throws {NodeError} `DATA_DIRECTORY` when it cannot be made or written */
export function makeDataDirectory(path: string): void {
  try {
    mkdirSync(join(path, 'logs'), { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new NodeError(
      'DATA_DIRECTORY',
      `the data directory ${path} cannot be used (${errorMessage(error)}): choose another with --data-directory.`,
    );
  }
}
