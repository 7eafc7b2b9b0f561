import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { forcedInboxVectors } from './forced-inbox-vectors.js';

const FILE = fileURLToPath(new URL('../../../contracts/test/vectors/forced-inbox.json', import.meta.url));

it('the contracts are tested with what this code makes of messages, batches and accounts', async () => {
  await expect(`${JSON.stringify(await forcedInboxVectors(), null, 2)}\n`).toMatchFileSnapshot(FILE);
});
