import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { sleep } from '@polyproof/base';
import { ChainError } from './errors.js';

/** An anvil whose parent was killed writes its state once more before it ends; that takes this long at most. */
const WAIT_MS = 5_000;

/**
 * Waits until no anvil uses a state file: the file of one that is about to end is not the last yet, and two at
 * once would overwrite each other's chain.
 * @throws {ChainError} `STATE_FILE_IN_USE` when one still does after `waitMs`
 */
export async function waitForStateFile(stateFile: string, waitMs = WAIT_MS): Promise<void> {
  for (const end = Date.now() + waitMs; ; await sleep(20)) {
    const owner = ownerOf(stateFile);
    if (owner === undefined || !isAnvil(owner)) return;
    if (Date.now() >= end)
      throw new ChainError(
        'STATE_FILE_IN_USE',
        `the anvil state ${stateFile} is in use by process ${owner}: stop it, or choose another state file.`,
        { stateFile, pid: owner },
      );
  }
}

/** Records which process uses the state file. */
export function ownStateFile(stateFile: string, pid: number): void {
  writeFileSync(ownerFile(stateFile), String(pid));
}

/** Call it when that process has ended. */
export function disownStateFile(stateFile: string, pid: number): void {
  if (ownerOf(stateFile) === pid) rmSync(ownerFile(stateFile), { force: true });
}

const ownerFile = (stateFile: string) => `${stateFile}.pid`;

function ownerOf(stateFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(ownerFile(stateFile), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process lives and, where that can be seen, is an anvil: numbers of processes are used again. */
function isAnvil(pid: number): boolean {
  try {
    // Empty for a process that has ended and that nobody has waited for.
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 1)[0]!.includes('anvil');
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
