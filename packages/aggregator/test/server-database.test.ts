import { silentLogger as logger } from '@polyproof/base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database } from '../src/database/database.js';
import { hasPostgres, LocalPostgres } from '../src/database/local-postgres.js';
import { checkpoints } from '../src/database/schema.js';

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 20 });

describe.skipIf(!hasPostgres)('a database on a PostgreSQL server', () => {
  let server: LocalPostgres;
  let url: string;
  const opened: Database[] = [];
  beforeAll(async () => {
    server = await LocalPostgres.open();
  });
  beforeEach(async () => {
    url = await server.createDatabase();
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  afterAll(() => server?.close());

  const open = async () => {
    const database = await Database.open({ url, connections: 4 }, { logger });
    opened.push(database);
    return database;
  };

  it('is made by whoever is first when replicas start together, and shared', async () => {
    const [a, b] = await Promise.all([open(), open(), open()]);
    await a.connection.insert(checkpoints).values({ name: 'a', block: 2n ** 62n });
    expect(await b.connection.select().from(checkpoints)).toMatchObject([{ name: 'a', block: 2n ** 62n }]);
  });

  it('undoes a transaction that fails', async () => {
    const database = await open();
    const failing = database.transaction(async (tx) => {
      await tx.insert(checkpoints).values({ name: 'a', block: 1n });
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.connection.select().from(checkpoints)).toEqual([]);
  });

  it('says where it is, but not the password, when it cannot be opened', async () => {
    const refused = Database.open({ url: 'postgresql://me:secret@127.0.0.1:1/mine' });
    await expect(refused).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    await expect(refused).rejects.toThrow('the database "mine" at 127.0.0.1:1 cannot be opened');
    await expect(refused).rejects.not.toThrow('secret');
  });

  it('gives a lock to one replica, and to the next when that one lets go', async () => {
    const [a, b] = await Promise.all([open(), open()]);
    const held = (await a.tryHold('sending'))!;
    expect(await b.tryHold('sending')).toBeUndefined();
    expect(await b.tryHold('something else')).toBeDefined();
    await held.release();
    expect(held.lost.aborted).toBe(true);
    await eventually(async () => expect(await b.tryHold('sending')).toBeDefined());
  });

  it('tells the holder of a lock that the database is gone, and gives it out again when it is back', async () => {
    const database = await open();
    const held = (await database.tryHold('sending'))!;
    await server.kill();
    await eventually(() => expect(held.lost.aborted).toBe(true));
    await expect(database.connection.select().from(checkpoints)).rejects.toThrow();
    await server.start();
    expect(await database.connection.select().from(checkpoints)).toEqual([]);
    expect(await database.tryHold('sending')).toBeDefined();
  });

  it('carries messages between replicas, and wakes who may have missed one', async () => {
    const [a, b] = await Promise.all([open(), open()]);
    const heard: string[] = [];
    const listening = await b.listen('polyproof', (payload) => heard.push(payload));
    await a.notify('polyproof', 'tasks');
    await eventually(() => expect(heard).toEqual(['tasks']));
    await server.kill();
    await server.start();
    await eventually(() => expect(heard).toEqual(['tasks', '']));
    await a.notify('polyproof', 'again');
    await eventually(() => expect(heard).toEqual(['tasks', '', 'again']));
    await listening.close();
  });
});
