import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import { compile, createFileManager } from '@noir-lang/noir_wasm';
import type { Capacity } from '../../packages/svm/src/zkvm/inputs.js';
import { CHIPS } from '../../packages/svm/src/zkvm/rows.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What a test circuit has room for, as its source says. */
export function capacityOf(name: string, given?: Pick<Capacity, 'segments' | 'invocations'>): Capacity {
  const size = (what: string) => sizeOf(name, what);
  return {
    programs: size('PROGRAMS'),
    invocations: given?.invocations ?? size('INVOCATIONS'),
    steps: size('STEPS'),
    pages: size('PAGES'),
    nodes: size('NODES'),
    segments: given?.segments ?? size('SEGMENTS'),
    cells: size('CELLS'),
    registers: size('REGISTERS'),
    derivations: size('DERIVATIONS'),
    tries: size('TRIES'),
    chips: Object.fromEntries(
      CHIPS.map((chip) => [chip, size(chip === 'words' ? 'ACCESSES' : chip.toUpperCase())]),
    ) as Capacity['chips'],
  };
}

export function sizeOf(name: string, what: string): number {
  const main = readFileSync(here(`./${name}/src/main.nr`), 'utf8');
  const found = new RegExp(`global ${what}: u32 = (\\d+);`).exec(main);
  if (found === null) throw new TypeError(`the circuit has no size ${what}`);
  return Number(found[1]);
}

export const CAPACITY = capacityOf('sbpf_run');

/** A test circuit, compiled, from the cache where it is there already. */
export async function testCircuit(name: string): Promise<CompiledCircuit> {
  const hash = createHash('sha256');
  for (const directory of [here('../lib'), here(`./${name}`)])
    for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort())
      if (/\.(nr|toml)$/.test(file)) hash.update(file).update(readFileSync(join(directory, file)));
  const cache = here('../../.cache/test-circuits');
  const file = join(cache, `${name}-${hash.digest('hex').slice(0, 32)}.json`);
  if (!existsSync(file)) {
    const messages: string[] = [];
    const log = (message: unknown) => void messages.push(String(message));
    const { program } = await compile(createFileManager(here('.')), here(`./${name}`), log, log);
    mkdirSync(cache, { recursive: true });
    const { noir_version, abi, bytecode, hash: programHash } = program;
    writeFileSync(file, JSON.stringify({ noir_version, hash: programHash, abi, bytecode }));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as CompiledCircuit;
}

/** Runs a circuit without proving: resolves, with the witness, when every constraint holds. */
export async function testExecutor(name: string): Promise<(inputs: unknown) => Promise<Uint8Array>> {
  const noir = new Noir(await testCircuit(name));
  return async (inputs) => (await noir.execute(inputs as InputMap)).witness;
}
