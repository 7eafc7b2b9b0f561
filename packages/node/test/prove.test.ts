import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '@polyproof/proofs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Command, killCommands } from './support/command.js';

const repository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
let directory: string;
let program: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-prove-'));
  program = join(directory, 'multiply.json');
  const source = repository('packages/proofs/test/programs/multiply');
  await compile({ kind: 'circuit', directory: source, output: program });
}, 120_000);
afterEach(killCommands);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return join(directory, name);
}

async function prove(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const flags = ['--cache-directory', repository('.cache'), '--srs', 'development'];
  const command = new Command(['prove', ...args, ...flags]);
  const code = await command.exit;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

describe('polyproof prove', () => {
  it('leaves proof, public inputs and key where it is told to', async () => {
    const out = join(directory, 'out');
    const input = file('input.json', { factors: ['6', '7'], product: '42' });
    const { code, stdout } = await prove('--program', program, '--input', input, '--out', out);
    expect(code).toBe(0);
    expect(stdout).toBe(['proof', 'public_inputs', 'vk'].map((name) => `${join(out, name)}\n`).join(''));
    const publicInputs = readFileSync(join(out, 'public_inputs'));
    expect([publicInputs.length, publicInputs[31], publicInputs[63]]).toEqual([64, 42, 13]);
    expect(statSync(join(out, 'proof')).size % 32).toBe(0);
  }, 120_000);

  it.each<[string, number, () => string[], RegExp]>([
    [
      'a constraint that does not hold',
      2,
      () => ['--program', program, '--input', file('wrong.json', { factors: ['6', '7'], product: '43' })],
      /the product is another/,
    ],
    [
      'no program',
      2,
      () => ['--program', file('no.json', {}), '--input', file('i.json', {})],
      /compile it with/,
    ],
    [
      'no file',
      1,
      () => ['--program', join(directory, 'none'), '--input', program],
      /--program: .*cannot be read/,
    ],
    [
      'no inputs',
      1,
      () => ['--program', program, '--input', file('list.json', [])],
      /has to be a JSON object/,
    ],
    ['nothing', 1, () => [], /say what to prove/],
  ])(
    'says what is wrong: %s',
    async (_, expected, args, message) => {
      const { code, stdout, stderr } = await prove(...args());
      expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
      expect(stderr).toMatch(message);
    },
    60_000,
  );
});
