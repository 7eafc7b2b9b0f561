import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const children = new Set<ChildProcess>();
let hooked = false;

/**
 * Path of another entry point of the calling package, for a process or a thread.
 *
 * It is the compiled file also when the caller itself runs from source (tests), because Node runs only JavaScript. Folders
 * above the package may be called `src` too.
 * @param importMetaUrl - `import.meta.url` of the caller
 * @param relative - path from the caller to the entry, as in an import: `./executor-process.js`
 */
export function compiledEntry(importMetaUrl: string, relative: string): string {
  const path = fileURLToPath(new URL(relative, importMetaUrl));
  return importMetaUrl.endsWith('.ts') ? path.replace(/^(.*[\\/])src([\\/])/, '$1dist$2') : path;
}

/**
 * Starts another entry point of the calling package, a {@link compiledEntry}, as a Node process. The child is killed when this
 * process exits.
 * @param importMetaUrl - `import.meta.url` of the caller
 * @param relative - path from the caller to the entry, as in an import: `./executor-process.js`
 */
export function forkEntry(
  importMetaUrl: string,
  relative: string,
  args: string[] = [],
  options: ForkOptions = {},
): ChildProcess {
  const path = compiledEntry(importMetaUrl, relative);
  return trackChild(fork(path, args, { serialization: 'advanced', ...options }));
}

/** Makes sure that `child` does not outlive this process. */
export function trackChild<T extends ChildProcess>(child: T): T {
  if (!hooked) {
    hooked = true;
    process.on('exit', () => {
      for (const c of children) c.kill('SIGKILL');
    });
  }
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Asks a child to end with SIGTERM and kills it when it has not ended after `graceMs`. */
export async function stopChild(child: ChildProcess, graceMs = 5_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}
