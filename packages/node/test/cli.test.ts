import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase58 } from '@polyproof/svm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseFlags } from '../src/commands/flags.js';
import { describeError } from '../src/describe-error.js';
import { Command, killCommands } from './support/command.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-cli-'));
});
afterEach(killCommands);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The one line that a command ends with. */
async function refusal(args: string[], env: Record<string, string> = {}): Promise<string> {
  const command = new Command(args, env);
  expect(await command.exit).toBe(1);
  await command.isGone();
  expect(command.stdout).toBe('');
  expect(command.stderr).toMatch(/^polyproof: .*\n$/);
  return command.stderr;
}

const file = (name: string, content: string) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};

describe('polyproof', () => {
  it.each([[[]], [['help']], [['--help']]])('%j prints commands and flags', async (args: string[]) => {
    const command = new Command(args);
    expect(await command.exit).toBe(0);
    expect(command.stderr).toBe('');
    expect(command.stdout).toMatch(/polyproof devnet \[flags\].*--data-directory .*--account-lamports /s);
  });

  it.each<[string, string[], string]>([
    ['an unknown command', ['devnett'], 'there is no command "devnett"'],
    ['an unknown flag', ['devnet', '--provrs', '2'], "Unknown option '--provrs': see `polyproof help`"],
    ['a bad value', ['devnet', '--rpc-port', 'abc'], 'rpcPort: '],
    ['a number of threads that is none', ['prover', '--join', 'http://x', '--threads', 'abc'], '--threads'],
    ['a bridge without something to do', ['bridge', 'withdraw'], 'say what to do: polyproof bridge deposit'],
    ['an account that is none', ['bridge', 'withdraw-address', '0x12'], 'give 0x and 40 hex digits'],
    [
      'a claim without a network',
      ['bridge', 'claim', `0x${'1'.repeat(40)}`, '--data-directory', '/nowhere'],
      'there is no /nowhere/deployment.json',
    ],
    [
      'an operator without something to do',
      ['operator', 'sleep'],
      'say what to do: polyproof operator report',
    ],
    [
      'a report without a database',
      ['operator', 'report', '--data-directory', '/nowhere'],
      "there is no aggregator's database in /nowhere",
    ],
    ['a prover without aggregator', ['prover'], 'say where the aggregator is'],
  ])('refuses %s', async (_what, args, message) => {
    expect(await refusal(args)).toContain(message);
  });

  it('names the account of the rollup that stands for one of the base chain', async () => {
    const command = new Command(['bridge', 'withdraw-address', '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266']);
    expect(await command.exit).toBe(0);
    const address = Buffer.from(decodeBase58(command.stdout.trim()));
    expect(address.subarray(0, 12).toString()).toBe('polyproof:l1');
    expect(address.subarray(12).toString('hex')).toBe('f39fd6e51aad88f6f4ce6ab8827279cfffb92266');
  });

  it('refuses a bad value from the environment', async () => {
    expect(await refusal(['devnet'], { POLYPROOF_PROVERS: 'many' })).toContain('provers: ');
  });

  it('refuses a configuration that it cannot read, or that has a field it does not know', async () => {
    const missing = join(directory, 'missing.json');
    expect(await refusal(['devnet', '--config', missing])).toContain(missing);
    const torn = file('torn.json', '{"provers": ');
    expect(await refusal(['devnet', '--config', torn])).toContain(torn);
    const misspelt = file('misspelt.json', '{"provrs": 1}');
    expect(await refusal(['devnet', '--config', misspelt])).toContain('provrs');
  });

  it('refuses a data directory that is a file', async () => {
    const path = file('data', '');
    expect(await refusal(['devnet', '--data-directory', path])).toContain(
      `the data directory ${path} cannot`,
    );
  });
});

describe('a disk that cannot be used', () => {
  it('is named, with what to do', async () => {
    const inside = join(file('cache', ''), 'inside');
    const line = await refusal(['build', '--cache-directory', inside]);
    expect(line).toContain(inside);
    expect(line).toContain('--cache-directory');
  });

  it('when it is full', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(describeError(full)).toMatch(/^the disk is full: make room and run again/);
  });

  it('keeps the stack of an error that nobody expected', () => {
    expect(describeError(new TypeError('x is not a function'))).toMatch(/^TypeError: x is not a function\n/);
  });
});

describe('parseFlags', () => {
  const parse = (...args: string[]) => parseFlags(args, {}, { devnet: true }).config;

  it('takes text as text and numbers as numbers', () => {
    const config = parse('--data-directory', '7', '--provers', '0', '--automatic', 'false');
    expect(config).toMatchObject({ dataDirectory: '7', provers: 0, automatic: false });
  });

  it('keeps amounts that are too large for a number', () => {
    expect(parse('--reward-wei', '9007199254740993').rewardWei).toBe(9007199254740993n);
  });

  it.each<[string, string[], string]>([
    ['a flag without its value', ['--provers'], "Option '--provers <value>' argument missing"],
    ['a stray argument', ['now'], "Unexpected argument 'now'"],
    ['a port out of range', ['--rpc-port', '65536'], 'rpcPort: '],
    ['a fraction of a prover', ['--provers', '1.5'], 'provers: '],
    ['an amount that is no number', ['--reward-wei', 'all'], 'rewardWei: '],
    ['a negative amount', ['--reward-wei=-1'], 'rewardWei: '],
    ['an SRS that does not exist', ['--srs', 'mine'], 'srs: '],
  ])('refuses %s', (_what, args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});
