import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { compiledEntry, stopChild, trackChild } from '../src/index.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A Node process that has run `code` and then lives on. */
async function start(code = ''): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['-e', `${code}; setInterval(() => {}, 1e6); process.stdout.write('up');`],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  children.push(trackChild(child));
  await once(child.stdout!, 'data');
  return child;
}

describe('compiledEntry', () => {
  it('is what was compiled of a source, wherever that lies', () => {
    expect(compiledEntry('file:///usr/src/project/packages/base/src/parts/one.ts', './two.js')).toBe(
      '/usr/src/project/packages/base/dist/parts/two.js',
    );
  });

  it('lies beside a caller that is compiled', () => {
    expect(compiledEntry('file:///usr/src/project/packages/base/dist/one.js', './two.js')).toBe(
      '/usr/src/project/packages/base/dist/two.js',
    );
  });
});

describe('stopChild', () => {
  it('asks with SIGTERM', async () => {
    const child = await start();
    await stopChild(child, 60_000);
    expect(child.signalCode).toBe('SIGTERM');
  });

  it('waits for what the child still has to do', async () => {
    const child = await start("process.on('SIGTERM', () => setTimeout(() => process.exit(3), 20))");
    await stopChild(child, 60_000);
    expect(child.exitCode).toBe(3);
  });

  it('kills a child that does not end in time', async () => {
    const child = await start("process.on('SIGTERM', () => {})");
    await stopChild(child, 20);
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('takes several callers, and a child that has ended', async () => {
    const child = await start();
    await Promise.all([stopChild(child), stopChild(child)]);
    await stopChild(child);
    expect(child.signalCode).toBe('SIGTERM');
    expect(child.listenerCount('exit')).toBe(0);
  });
});
