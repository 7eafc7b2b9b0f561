import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** The version of a package as it is installed, whether or not it lets its package.json be imported. */
export function installedVersion(dependency: string): string {
  for (const path of require.resolve.paths(dependency) ?? []) {
    const file = join(path, dependency, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}
