import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@polyproof/base';
import { operatorOf } from '@polyproof/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DEVNET_CONFIG } from '../src/config.js';
import { Command, killCommands } from './support/command.js';
import { Network } from './support/network.js';
import { until } from './support/until.js';

// Real proofs: a minute on two cores that have nothing else to do.
vi.setConfig({ testTimeout: 580_000, hookTimeout: 600_000 });

const KEY: Hex = `0x${'33'.repeat(32)}`;
const PATIENCE_MS = 400_000;
let root: string;
let network: Network;
/** of another machine: nothing but the SRS, which is made rather than downloaded */
let cache: string;
let keyFile: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'polyproof-join-'));
  cache = join(root, 'cache');
  mkdirSync(cache);
  keyFile = join(root, 'operator.key');
  writeFileSync(keyFile, KEY, { mode: 0o600 });
  network = await new Network(join(root, 'network'), {
    listen: '0.0.0.0',
    'allow-operators': operatorOf(KEY),
    'batch-timeout-ms': '200',
    'sequence-timeout-ms': '200',
  }).started();
  symlinkSync(join(DEVNET_CONFIG.parse({}).cacheDirectory, 'srs'), join(cache, 'srs'));
});
afterAll(() => {
  killCommands();
  rmSync(root, { recursive: true, force: true });
});

const address = () => network.value('Aggregator for provers').replace('0.0.0.0', '127.0.0.1');
const joining = (...flags: string[]) =>
  new Command(['prover', '--join', address(), '--cache-directory', cache, ...flags]);

it('a prover without a key is told that it needs one', async () => {
  const prover = joining();
  expect(await prover.exit).toBe(1);
  expect(prover.stderr).toMatch(/polyproof: .*no valid token/);
});

it('a prover of somebody who is not on the list is refused', async () => {
  const strange = join(root, 'strange.key');
  writeFileSync(strange, `0x${'44'.repeat(32)}`);
  const prover = joining('--key-file', strange);
  expect(await prover.exit).toBe(1);
  expect(prover.stderr).toMatch(/not on the list of this aggregator/);
});

it('URL and key are all that another machine needs; too little memory is said, and costs one attempt', async () => {
  await network.transfer(1n);
  const said = (prover: Command, pattern: RegExp) =>
    until(`${pattern} of a prover`, () => (pattern.test(prover.stderr) ? true : undefined), PATIENCE_MS);
  const poor = joining('--key-file', keyFile, '--name', 'poor', '--threads', '2', '--memory', '150M');
  await said(poor, /OUT_OF_MEMORY/);
  poor.signal('SIGTERM');
  expect(await poor.exit).toBe(0);
  await poor.isGone();
  const [artifacts] = readdirSync(join(cache, 'joined'));
  expect(existsSync(join(cache, 'joined', artifacts!, 'final.vk'))).toBe(true);

  const rich = joining('--key-file', keyFile, '--name', 'rich', '--threads', '2');
  await network.statusWith({ verifiedSequence: 1 }, PATIENCE_MS);
  expect(rich.stderr).not.toContain('downloading'); // the other one did
  rich.signal('SIGTERM');
  expect(await rich.exit).toBe(0);
  await rich.isGone();
});
