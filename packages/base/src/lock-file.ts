import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PolyproofError } from './errors.js';

export class LockError extends PolyproofError<'DIRECTORY_IN_USE'> {}

interface Holder {
  pid: number;
  /** start of the process, so that a later process with the same pid is not taken for it; '' if unknown */
  started: string;
}

const held = new Set<string>();

/**
 * Keeps a second process away from data that take no lock themselves: two writers would lose data silently.
 * A lock whose process is gone (`kill -9`, power loss) is taken over.
 * @param file - the lock, in the directory that it is for
 * @returns the function that gives the lock back
 * @throws {LockError} `DIRECTORY_IN_USE`
 */
export function takeLock(file: string): () => void {
  const own = `${file}.${process.pid}`;
  const content = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder);
  writeFileSync(own, content);
  try {
    while (!link(own, file)) {
      const found = read(file);
      if (found !== undefined) evict(file, found);
    }
  } finally {
    rmSync(own, { force: true });
  }
  held.add(file);
  return () => {
    if (held.delete(file)) rmSync(file, { force: true });
  };
}

/** Removes a lock that was found, if its process is gone. */
function evict(file: string, found: string): void {
  const holder = parse(found);
  if (holder !== undefined && isAlive(holder, file))
    throw new LockError(
      'DIRECTORY_IN_USE',
      `${dirname(file)} is in use by process ${holder.pid}: stop it, or choose another directory.`,
      { pid: holder.pid, file },
    );
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Another process may have taken the stale lock between reading and renaming: then it gets its own back.
  if (read(aside) !== found) link(aside, file);
  rmSync(aside, { force: true });
}

function isAlive(holder: Holder, file: string): boolean {
  if (holder.pid === process.pid) return held.has(file);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.started === startOf(holder.pid);
}

/** Start of a process in ticks since boot, with the boot's id; '' where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name, in parentheses, may contain blanks; the start is the 22nd field.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(content: string): Holder | undefined {
  try {
    const holder = JSON.parse(content) as Partial<Holder>;
    return typeof holder.pid === 'number' ? { pid: holder.pid, started: holder.started ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
