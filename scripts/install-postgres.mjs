// The tests run on a real PostgreSQL too, where there is one: from Debian's packages where this may install them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const VERSIONS = '/usr/lib/postgresql';

/** Installs PostgreSQL in CI, where it can be had; elsewhere nothing is installed unasked, and the tests that need it are left out. */
export function installPostgres() {
  if (existsSync(VERSIONS) && readdirSync(VERSIONS).length > 0) return;
  if (process.env.CI === undefined)
    return say('there is no PostgreSQL: its tests are left out (`apt-get install postgresql` brings it)');
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0)
    return say('there is no PostgreSQL, and this user cannot install one: its tests are left out');
  say('installing PostgreSQL for its tests');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql']]) {
    const { status, stderr } = spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
    });
    if (status !== 0)
      return say(
        `PostgreSQL cannot be installed, its tests are left out: ${stderr.trim().split('\n').at(-1)}`,
      );
  }
}

function say(text) {
  process.stderr.write(`polyproof: ${text}\n`);
}
