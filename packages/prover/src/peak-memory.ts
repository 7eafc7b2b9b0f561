import { readdirSync, readFileSync } from 'node:fs';

/**
 * Largest resident memory so far of this process and its direct children (the native prover is one), in bytes.
 * On systems without /proc: of this process alone.
 */
export function peakMemoryBytes(): number {
  const own = process.resourceUsage().maxRSS * 1024;
  try {
    const children = readdirSync('/proc/self/task').flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return children.reduce((sum, pid) => sum + peakOf(pid), own);
  } catch {
    return own;
  }
}

function peakOf(pid: string): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0; // it ended meanwhile
  }
}
