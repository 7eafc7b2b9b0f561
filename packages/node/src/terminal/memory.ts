import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/**
 * Samples the resident memory of this process and all its descendants (bb and anvil included) and keeps the peak.
 * Reads /proc: on systems without it, counts this process alone.
 */
export class MemoryMeter {
  #peakBytes = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(intervalMs = 500) {
    this.#timer = setInterval(() => this.#sample(), intervalMs);
    this.#timer.unref();
    this.#sample();
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    this.#peakBytes = Math.max(this.#peakBytes, treeBytes(process.pid) ?? process.memoryUsage.rss());
  }
}

function treeBytes(root: number): number | undefined {
  let processes: { pid: number; parent: number; bytes: number }[];
  try {
    processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readProcess);
  } catch {
    return undefined;
  }
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of processes)
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
  }
  return processes.filter(({ pid }) => family.has(pid)).reduce((sum, { bytes }) => sum + bytes, 0);
}

function readProcess(name: string): { pid: number; parent: number; bytes: number }[] {
  try {
    // The command in field two may hold spaces: fields are counted from the parenthesis that ends it.
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(name), parent: Number(fields[1]), bytes: Number(fields[21]) * PAGE_BYTES }];
  } catch {
    return []; // ended meanwhile
  }
}
