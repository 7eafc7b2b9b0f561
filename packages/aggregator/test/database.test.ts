import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../src/database/database.js';
import { checkpoints } from '../src/database/schema.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-database-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('Database', () => {
  it('keeps a second opener out, and what was written in', async () => {
    const database = await Database.open({ directory });
    await expect(Database.open({ directory })).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    await database.connection.insert(checkpoints).values({ name: 'a', block: 2n ** 62n });
    await database.close();
    await database.close();
    const again = await Database.open({ directory });
    expect(await again.connection.select().from(checkpoints)).toMatchObject([
      { name: 'a', block: 2n ** 62n },
    ]);
    await again.close();
  });

  it('makes anew what was not made to the end', async () => {
    mkdirSync(join(directory, 'postgres'));
    writeFileSync(join(directory, 'postgres', 'PG_VERSION'), '17');
    await (await Database.open({ directory })).close();
  });

  it('makes new ones from a template', async () => {
    const templates = join(directory, 'templates');
    for (const name of ['first', 'second']) {
      const database = await Database.open({ directory: join(directory, name), templates });
      await database.connection.insert(checkpoints).values({ name, block: 1n });
      expect(await database.connection.select().from(checkpoints)).toMatchObject([{ name, block: 1n }]);
      await database.close();
    }
    expect(readdirSync(templates)).toHaveLength(1);
  });

  it('undoes a transaction that fails', async () => {
    const database = await Database.open();
    const failing = database.transaction(async (tx) => {
      await tx.insert(checkpoints).values({ name: 'a', block: 1n });
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.connection.select().from(checkpoints)).toEqual([]);
    await database.close();
  });
});
