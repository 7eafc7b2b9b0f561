import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/**
 * Copies the files of an empty PostgreSQL, which are kept in `templates` from run to run: making them takes
 * seconds, copying them a moment.
 */
export async function copyTemplate(templates: string, files: string): Promise<void> {
  const template = join(templates, `postgres-${pgliteVersion()}`);
  if (!existsSync(template)) await makeTemplate(template);
  await cp(template, files, { recursive: true });
}

async function makeTemplate(template: string): Promise<void> {
  const staging = `${template}-${process.pid}`;
  mkdirSync(staging, { recursive: true });
  try {
    await (await PGlite.create(staging)).close();
    // Another process may have been faster: then its template serves.
    if (!existsSync(template)) renameSync(staging, template);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The layout of a database's files belongs to the version that made them. */
function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
