// What every command needs before it can run: a fit Node, room on the disk, dependencies, compiled packages.
// Uses nothing but Node, because nothing else may be there yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache');
const MINIMUM_NODE = [20, 18];
const NEEDED_BYTES = 2 * 1024 ** 3;

/** Prints one line that says what is wrong and what to do, and ends. */
export function fail(message) {
  process.stderr.write(`polyproof: ${message}\n`);
  process.exit(1);
}

/** @param all - also what only tests and checks use */
export function setUp({ all = false } = {}) {
  checkNode();
  checkDisk();
  mkdirSync(cache, { recursive: true });
  install(all);
  run('compiling', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { quiet: false });
}

/** Runs a command to its end with this process's input and output, passes signals on, and ends with its code. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', cwd: process.cwd(), ...options });
  // The terminal sends Ctrl-C to the whole group: only a signal sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 130));
}

/** Runs a command, its output on standard error; `quiet` keeps the output back unless it fails. */
export function run(what, command, args, { quiet = true, cwd = root, env = process.env } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env,
    stdio: quiet ? 'pipe' : ['ignore', 2, 2],
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  fail(`${what} failed (${result.error?.message ?? `exit code ${result.status}`}): see the lines above.`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1]))
    fail(`Node ${process.versions.node} is too old: install Node ${MINIMUM_NODE.join('.')} or newer.`);
}

function checkDisk() {
  const { bavail, bsize } = statfsSync(root);
  if (!existsSync(join(root, 'node_modules')) && bavail * bsize < NEEDED_BYTES)
    fail(
      `${root} has ${Math.floor((bavail * bsize) / 1024 ** 2)} MiB free, set-up needs ${NEEDED_BYTES / 1024 ** 2} MiB: make room and run again.`,
    );
}

/** Installs what a command needs: all dependencies, or without those that only tests and checks use. */
function install(all) {
  const stamp = join(cache, 'installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed =
    existsSync(join(root, 'node_modules')) && existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === `${lock} all` || (!all && installed === `${lock} production`)) return;
  const args = ['ci', ...(all ? [] : ['--omit=dev'])];
  process.stderr.write(`polyproof: installing dependencies (npm ${args.join(' ')})\n`);
  run('installing dependencies', 'npm', [...args, '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, `${lock} ${all ? 'all' : 'production'}`);
}
