import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Database } from '../src/database/database.js';
import { checkpoints } from '../src/database/schema.js';

const dist = (file: string) => fileURLToPath(new URL(`../dist/database/${file}`, import.meta.url));

/** Writes rows one by one and tells each time that one is committed. */
const WRITER = `
  const { Database } = await import(${JSON.stringify(dist('database.js'))});
  const { checkpoints } = await import(${JSON.stringify(dist('schema.js'))});
  const database = await Database.open({ directory: process.argv[2] });
  for (let i = 0n; ; i++) {
    await database.connection.insert(checkpoints).values({ name: 'row ' + i, block: i });
    process.send(Number(i));
  }
`;

it('keeps every committed row when the process is killed, and is not locked', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-kill-'));
  try {
    const script = join(directory, 'writer.mjs');
    writeFileSync(script, WRITER);
    const child = fork(script, [join(directory, 'data')]);
    let last = -1;
    const enough = new Promise<void>((resolve) => {
      child.on('message', (i: number) => {
        last = i;
        if (i >= 25) resolve();
      });
    });
    await enough;
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await Database.open({ directory: join(directory, 'data') });
    const rows = await database.connection.select().from(checkpoints);
    expect(rows.length).toBeGreaterThan(last);
    await database.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 60_000);
