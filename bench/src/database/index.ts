import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, hasPostgres, LocalPostgres } from '@polyproof/aggregator';
import type { Service } from '@polyproof/base';
import { figure, type Report, seconds } from '../report.js';
import { EmptyTasks } from './empty-tasks.js';

const WORKERS = [1, 4, 16];
/** of one batch: two tasks each */
const SEQUENCES = 200;

/**
 * Tasks a second through the database: workers lease, report and deliver tasks that take no time, on the embedded database
 * and, where this machine has one, on a PostgreSQL server.
 */
export async function benchDatabase(): Promise<Report> {
  const figures: Report['figures'] = [];
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  try {
    const server = hasPostgres ? await LocalPostgres.open() : undefined;
    const engines: [string, () => Promise<{ database: Database; end: Service }>][] = [
      ['embedded', () => embedded(directory)],
    ];
    if (server !== undefined) engines.push(['PostgreSQL', () => onServer(server)]);
    for (const [name, open] of engines)
      for (const workers of WORKERS) {
        const { database, end } = await open();
        const tasksASecond = await drain(database, workers);
        await end.close();
        figures.push(
          figure(`${name}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`, tasksASecond, 'tasks/s'),
        );
      }
    await server?.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { bench: 'database', figures };
}

async function embedded(directory: string): Promise<{ database: Database; end: Service }> {
  const database = await Database.open({ directory: mkdtempSync(join(directory, 'embedded-')) });
  return { database, end: database };
}

async function onServer(server: LocalPostgres): Promise<{ database: Database; end: Service }> {
  const database = await Database.open({ url: await server.createDatabase(), connections: 16 });
  return { database, end: database };
}

async function drain(database: Database, workers: number): Promise<number> {
  const queue = await EmptyTasks.open(database, SEQUENCES);
  const taken = await seconds(() =>
    Promise.all(Array.from({ length: workers }, (_, i) => queue.work(`worker ${i}`))),
  );
  await queue.close();
  return queue.done / taken;
}
