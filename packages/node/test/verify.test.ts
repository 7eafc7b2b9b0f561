import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { verify } from '../src/commands/verify.js';

const directory = mkdtempSync(join(tmpdir(), 'polyproof-verify-'));
afterAll(() => rmSync(directory, { recursive: true }));

const vectorsOf = (relative: string) => JSON.parse(readFileSync(new URL(relative, import.meta.url), 'utf8'));
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

/** Exit code and what is printed. */
async function run(...args: string[]): Promise<[number, string]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const code = await verify(args);
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  return [code, lines.join('\n')];
}

it('prints the verdict on JSON files and on files of hexadecimal text', async () => {
  const { key, inputs, proof } = vectorsOf('../../proofs/test/vectors/plonk-snarkjs.json');
  const args = ['--system', 'plonk-snarkjs', '--key', file('key', JSON.stringify(key))];
  args.push('--proof', file('proof', JSON.stringify(proof)), '--inputs');
  expect(await run(...args, file('inputs', JSON.stringify(inputs)))).toEqual([0, 'valid']);
  const [code, text] = await run(...args, file('others', JSON.stringify(inputs.with(0, '1'))), '--json');
  expect(code).toBe(1);
  expect(JSON.parse(text)).toMatchObject({ verdict: 'invalid' });

  const sp1 = vectorsOf('../../../contracts/test/vectors/sp1-v6.json');
  const hexadecimal = ['--system', 'sp1-groth16', '--key', file('sp1', JSON.stringify(sp1))];
  hexadecimal.push('--proof', file('sp1-proof', `${sp1.proof}\n`));
  hexadecimal.push('--inputs', file('sp1-values', sp1.publicValues));
  expect(await run(...hexadecimal)).toEqual([0, 'valid']);
});

it('lists systems, and refuses what it cannot read', async () => {
  expect((await run('--list'))[1]).toContain('fflonk-snarkjs');
  await expect(verify(['--system', 'toString'])).rejects.toThrow(/no proof system "toString"/);
  await expect(verify(['--system', 'risc-zero'])).rejects.toThrow('--key FILE');
  await expect(verify(['--system', 'risc-zero', '--key', join(directory, 'none')])).rejects.toThrow(
    /^--key: ENOENT/,
  );
});
