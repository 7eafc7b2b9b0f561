import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { copyFile, open, rename, stat } from 'node:fs/promises';
import { errorMessage, type Logger, loop, type Service } from '@polyproof/base';
import { ChainError } from './errors.js';

/** How often the copy follows the file. Anvil writes the file every second. */
const COPY_INTERVAL_MS = 1_000;

/**
 * Makes sure that anvil finds a whole state file: anvil overwrites its file in place, so a process that is killed
 * while it writes leaves a torn one. The copy of {@link followStateFile} takes its place then.
 * @throws {ChainError} `STATE_FILE_DAMAGED` when neither is whole
 */
export function repairStateFile(stateFile: string, logger: Logger): void {
  const copy = copyOf(stateFile);
  if (isWhole(stateFile) || (!existsSync(stateFile) && !existsSync(copy))) return;
  if (!isWhole(copy))
    throw new ChainError(
      'STATE_FILE_DAMAGED',
      `the anvil state ${stateFile} cannot be read, nor can its copy ${copy}: delete both to start a new chain.`,
      { stateFile, copy },
    );
  logger.warn('the anvil state was torn, continuing from its copy', { stateFile, copy });
  copyFileSync(copy, stateFile);
}

/** Keeps a whole copy beside the state file until it is closed. */
export function followStateFile(stateFile: string, logger: Logger): Service {
  const abort = new AbortController();
  let copied: string | undefined;
  const running = loop({
    intervalMs: COPY_INTERVAL_MS,
    signal: abort.signal,
    onError: (error) =>
      logger.warn('the anvil state was not copied', { stateFile, reason: errorMessage(error) }),
    async step() {
      const before = await versionOf(stateFile);
      if (before === undefined || before === copied) return;
      const temporary = `${copyOf(stateFile)}.new`;
      await copyFile(stateFile, temporary);
      // Unchanged while it was copied, and with the end of an object at its end: not in the middle of a write.
      if ((await versionOf(stateFile)) !== before || !(await endsAsObject(temporary))) return;
      await rename(temporary, copyOf(stateFile));
      copied = before;
    },
  });
  return {
    async close() {
      abort.abort();
      await running;
    },
  };
}

function copyOf(stateFile: string): string {
  return `${stateFile}.copy`;
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Changes with every write; `undefined` when there is no file. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeNs, size } = await stat(file, { bigint: true });
    return `${mtimeNs}:${size}`;
  } catch {
    return undefined;
  }
}

async function endsAsObject(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return buffer.toString() === '}';
  } finally {
    await handle.close();
  }
}
