import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../src/lock-file.js';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-lock-'));
  file = join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A process that is alive and does nothing. */
async function otherProcess(): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1e6)']);
  await once(child.stdout, 'data');
  const end = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid!, end };
}

const startOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
};

describe('takeLock', () => {
  it('is exclusive, and free again after it was given back', () => {
    const unlock = takeLock(file);
    expect(() => takeLock(file)).toThrow(expect.objectContaining({ code: 'DIRECTORY_IN_USE' }));
    unlock();
    takeLock(file)();
    expect(existsSync(file)).toBe(false);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'respects a living process, and takes over from a dead one',
    async () => {
      const other = await otherProcess();
      writeFileSync(file, JSON.stringify({ pid: other.pid, started: startOf(other.pid) }));
      expect(() => takeLock(file)).toThrow(`in use by process ${other.pid}`);
      await other.end();
      takeLock(file)();
    },
  );

  it('takes over from a dead process whose pid was given to another', async () => {
    const other = await otherProcess();
    writeFileSync(file, JSON.stringify({ pid: other.pid, started: 'before' }));
    takeLock(file)();
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'before' }));
    takeLock(file)();
    await other.end();
  });

  it('takes over a lock file that was not written to the end', () => {
    writeFileSync(file, '{"pi');
    takeLock(file)();
  });
});
