import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { compile, createFileManager } from '@noir-lang/noir_wasm';
import { takeTurn } from '../../packages/proofs/src/turns.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One place of a source to be changed: a file, from the circuits' directory on, with what it says and what it is to say. */
export interface Edit {
  file: string;
  from: string | RegExp;
  to: string;
}

/**
 * A test circuit, compiled from changed sources, or from the cache where the same ones were compiled before.
 * @param rewrite - changes what is left of them after the edits, below a directory
 */
export async function circuitVariant(
  name: string,
  edits: readonly Edit[] = [],
  rewrite: (root: string) => void = () => {},
): Promise<CompiledCircuit> {
  const root = mkdtempSync(join(tmpdir(), 'circuit-'));
  try {
    cpSync(here('../lib'), join(root, 'lib'), { recursive: true });
    cpSync(here(`./${name}`), join(root, 'test', name), { recursive: true });
    for (const { file, from, to } of edits) {
      const source = readFileSync(join(root, file), 'utf8');
      const says = typeof from === 'string' ? source.includes(from) : from.test(source);
      if (!says) throw new TypeError(`${file} does not say ${from}`);
      writeFileSync(join(root, file), source.replace(from, to));
    }
    rewrite(root);
    return await compiled(root, name);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function compiled(root: string, name: string): Promise<CompiledCircuit> {
  const hash = createHash('sha256');
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort())
    if (/\.(nr|toml)$/.test(file)) hash.update(file).update(readFileSync(join(root, file)));
  const cache = here('../../.cache/test-circuits');
  const file = join(cache, `${basename(name)}-${hash.digest('hex').slice(0, 32)}.json`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    // What two test files need at the same time is compiled once.
    const end = await takeTurn(`${file}.lock`);
    try {
      if (!existsSync(file)) await compileTo(file, root, name);
    } finally {
      end();
    }
  }
  return JSON.parse(readFileSync(file, 'utf8')) as CompiledCircuit;
}

async function compileTo(file: string, root: string, name: string): Promise<void> {
  const messages: string[] = [];
  const log = (message: unknown) => void messages.push(String(message));
  const directory = join(root, 'test', name);
  const { program } = await compile(createFileManager(join(root, 'test')), directory, log, log).catch(
    (cause: unknown) => {
      throw new TypeError(messages.join('\n'), { cause });
    },
  );
  const { noir_version, abi, bytecode, hash } = program;
  const written = `${file}.written`;
  writeFileSync(written, JSON.stringify({ noir_version, hash, abi, bytecode }));
  renameSync(written, file);
}

/** Other sizes of a test circuit. */
export function sizeEdits(name: string, sizes: Readonly<Record<string, number>>): Edit[] {
  return Object.entries(sizes).map(([size, value]) => ({
    file: `test/${name}/src/main.nr`,
    from: new RegExp(`global ${size}: u32 = \\d+;`),
    to: `global ${size}: u32 = ${value};`,
  }));
}
