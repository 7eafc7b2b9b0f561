import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { expect, it } from 'vitest';
import { startWorkerProcess } from '../src/index.js';

it('says why a worker process could not start', { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-worker-'));
  try {
    const starting = startWorkerProcess(
      {
        aggregatorUrl: 'http://127.0.0.1:9',
        name: 'w',
        artifactsDirectory: directory,
        logFile: join(directory, 'log'),
      },
      { logger: silentLogger },
    );
    await expect(starting).rejects.toMatchObject({ code: 'ARTIFACTS_MISSING' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
