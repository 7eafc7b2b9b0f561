import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { LockError, sleep, takeLock } from '@polyproof/base';

const POLL_MS = 25;

/**
 * Waits for this process's turn to use all cores of the machine, and returns the function that ends it.
 *
 * bb's threads wait by spinning, so that two of them with all cores each take several times longer than one after
 * the other. A process that dies in its turn loses it.
 */
export async function takeTurn(file = turnsFile()): Promise<() => void> {
  for (;;) {
    try {
      return takeLock(file);
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
    }
    await sleep(POLL_MS);
  }
}

/** One file for all of a user's processes on the machine. */
function turnsFile(): string {
  return join(tmpdir(), `polyproof-proving-${userInfo().uid}.lock`);
}
