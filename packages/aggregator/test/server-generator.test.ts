import { afterAll, beforeAll, describe } from 'vitest';
import { hasPostgres, LocalPostgres } from '../src/database/local-postgres.js';
import { useServer } from './support/harness.js';

describe.skipIf(!hasPostgres)('with a database on a PostgreSQL server', () => {
  let server: LocalPostgres;
  beforeAll(async () => {
    server = await LocalPostgres.open();
    await useServer(await server.createDatabase());
  });
  afterAll(async () => {
    await useServer(undefined);
    await server?.close();
  });

  describe('tasks', async () => {
    await import('./proof-generator.test.js');
  });
  describe('copies', async () => {
    await import('./copies.test.js');
  });
});
