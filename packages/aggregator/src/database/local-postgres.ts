import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Service, sleep, stopChild, trackChild } from '@polyproof/base';
import pg from 'pg';
import { AggregatorError } from '../errors.js';

const VERSIONS = '/usr/lib/postgresql';
/** Folder of the newest PostgreSQL's programs, as Debian's packages put them; `undefined` where there is none. */
const PROGRAMS = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(VERSIONS, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

/** Whether this machine has PostgreSQL's programs. */
export const hasPostgres = PROGRAMS !== undefined;

/**
 * A PostgreSQL server of this machine in a temporary directory, on a free port, for tests and benches. It refuses to run as
 * root: then as `postgres`.
 */
export class LocalPostgres implements Service {
  readonly #directory: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
  }

  /** @throws {AggregatorError} `DATABASE_UNREACHABLE` where it does not start; only where there {@link hasPostgres is one} */
  static async open(): Promise<LocalPostgres> {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-postgres-'));
    const user = otherUser();
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
    const files = join(directory, 'data');
    const args = [
      '-D',
      files,
      '-U',
      'polyproof',
      '--auth=trust',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
    ];
    await promisify(execFile)(join(PROGRAMS!, 'initdb'), args, { cwd: directory, ...user });
    const server = new LocalPostgres(directory, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return this.#url('postgres');
  }

  /** A new, empty database; its URL. */
  async createDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.query(`create database ${name}`);
    return this.#url(name);
  }

  /** Starts it, again after {@link kill}, and waits until it answers. */
  async start(): Promise<void> {
    const settings = {
      port: this.#port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
    };
    const args = Object.entries({ ...settings, max_connections: 60 }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = spawn(join(PROGRAMS!, 'postgres'), ['-D', join(this.#directory, 'data'), ...args], {
      cwd: this.#directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...otherUser(),
    });
    this.#process = trackChild(child);
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.query('select 1').then(Boolean, () => false)) return;
      await sleep(50);
    }
    throw new AggregatorError('DATABASE_UNREACHABLE', `PostgreSQL did not start: ${log}`);
  }

  async query(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  /** Ends it without a word to anybody; connections break. SIGQUIT: its own children go with it. */
  async kill(): Promise<void> {
    const child = this.#process!;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGQUIT');
    await exited;
  }

  async close(): Promise<void> {
    if (this.#process !== undefined && this.#process.exitCode === null) {
      this.#process.kill('SIGINT');
      await stopChild(this.#process);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgresql://polyproof@127.0.0.1:${this.#port}/${database}`;
  }
}

function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line!.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });
}
