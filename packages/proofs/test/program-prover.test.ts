import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { silentLogger } from '@polyproof/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../src/artifacts/compile.js';
import { NOIR_VERSION, readNoirProgram } from '../src/programs/noir-program.js';
import { ProgramProver } from '../src/programs/program-prover.js';
import { resolveSrs, SRS_LOG2 } from '../src/srs/resolve.js';

let directory: string;
let prover: ProgramProver;
const files: Record<string, Uint8Array> = {};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-programs-'));
  for (const name of ['multiply', 'endless']) {
    const output = join(directory, `${name}.json`);
    const source = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
    await compile({ kind: 'circuit', directory: source, output });
    files[name] = readFileSync(output);
  }
  const cache = fileURLToPath(new URL('../../../.cache/srs', import.meta.url));
  const srs = await resolveSrs(
    { directory: cache, points: 2 ** SRS_LOG2 + 1, chainId: 31337, source: 'development' },
    { logger: silentLogger },
  );
  prover = new ProgramProver({ srs, threads: 1 });
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const changed = (change: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(files.multiply!).toString()), ...change }));

describe('readNoirProgram', () => {
  it('names a program by what it does, not by what the compiler wrote beside it', () => {
    const { id, content } = readNoirProgram(files.multiply!);
    expect(
      readNoirProgram(changed({ file_map: { 1: { path: '/tmp/somebody' } }, debug_symbols: 'x' })).id,
    ).toBe(id);
    expect(readNoirProgram(content).id).toBe(id);
    expect(readNoirProgram(files.endless!).id).not.toBe(id);
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['no JSON', () => Buffer.from('{'), /it is no JSON/],
    ['no object', () => Buffer.from('7'), /no JSON object/],
    [
      'another compiler',
      () => changed({ noir_version: '0.36.0' }),
      new RegExp(`by Noir 0.36.0, and ${NOIR_VERSION}`),
    ],
    ['no ABI', () => changed({ abi: undefined }), /no readable ABI/],
    ['an ABI of nonsense', () => changed({ abi: { parameters: [null] } }), /no readable ABI/],
    ['no bytecode', () => changed({ bytecode: 3 }), /no bytecode/],
    ['bytecode that is not packed', () => changed({ bytecode: 'AAAA' }), /cannot be unpacked/],
    [
      'bytecode that unpacks to more than there is room for',
      () => changed({ bytecode: gzipSync(Buffer.alloc(129 * 1024 * 1024)).toString('base64') }),
      /cannot be unpacked/,
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => readNoirProgram(file())).toThrow(message);
  });
});

describe('ProgramProver', () => {
  const inputs = { factors: ['6', '7'], product: '42' };
  const field = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;

  it.each(['recursive', 'evm'] as const)('proves, and refuses every changed proof (%s)', async (flavour) => {
    const program = readNoirProgram(files.multiply!);
    const key = await prover.makeKey(program, flavour);
    const { proof, publicInputs } = await prover.prove(program, key, inputs);
    expect(publicInputs).toEqual([field(42n), field(13n)]);
    expect(await prover.verify(key, { proof, publicInputs })).toBe(true);
    const lie = proof.slice();
    lie[40]! ^= 1;
    expect(await prover.verify(key, { proof: lie, publicInputs })).toBe(false);
    expect(await prover.verify(key, { proof, publicInputs: [publicInputs[0]!, publicInputs[0]!] })).toBe(
      false,
    );
    expect(await prover.verify(key, { proof: proof.slice(1), publicInputs })).toBe(false);
    expect(await prover.verify(key, { proof: new Uint8Array(32), publicInputs })).toBe(false);
    if (flavour === 'evm') expect(await prover.solidityVerifier(key)).toContain('contract HonkVerifier');
  });

  it('says which constraint does not hold, and which input is missing', async () => {
    const program = readNoirProgram(files.multiply!);
    const key = await prover.makeKey(program, 'recursive');
    await expect(prover.prove(program, key, { ...inputs, product: '43' })).rejects.toMatchObject({
      code: 'INPUTS_REFUSED',
      message: expect.stringContaining('the product is another'),
    });
    await expect(prover.prove(program, key, { factors: ['6', '7'] })).rejects.toMatchObject({
      code: 'INPUTS_REFUSED',
      message: expect.stringContaining('product'),
    });
  });

  it('refuses a program that is too large, and bytecode that bb cannot read', async () => {
    const program = readNoirProgram(files.multiply!);
    await expect(prover.makeKey(program, 'recursive', { mostGates: 10 })).rejects.toMatchObject({
      code: 'PROGRAM_REFUSED',
      message: expect.stringContaining('may have 10'),
    });
    const nonsense = readNoirProgram(
      changed({ bytecode: gzipSync(Buffer.alloc(100, 7)).toString('base64') }),
    );
    await expect(prover.makeKey(nonsense, 'recursive')).rejects.toMatchObject({
      code: expect.stringMatching(/PROGRAM_REFUSED|BB_DIED/),
    });
  });

  it('ends a program that does not end by itself', async () => {
    const program = readNoirProgram(files.endless!);
    const key = await prover.makeKey(program, 'recursive');
    const proving = prover.prove(program, key, { to: `${2n ** 62n}` }, { signal: AbortSignal.timeout(500) });
    await expect(proving).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await prover.prove(program, key, { to: '4' })).publicInputs).toHaveLength(1);
  });
});
