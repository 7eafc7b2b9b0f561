import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledCircuit } from '@noir-lang/noir_js';
import { compile, createFileManager } from '@noir-lang/noir_wasm';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One place of a source to be changed: a file, from the circuits' directory on, with what it says and what it is to say. */
export interface Edit {
  file: string;
  from: string | RegExp;
  to: string;
}

/**
 * A test circuit, compiled from changed sources.
 * @param rewrite - changes what is left of them after the edits, below a directory
 */
export async function circuitVariant(
  name: string,
  edits: readonly Edit[],
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
    const messages: string[] = [];
    const log = (message: unknown) => void messages.push(String(message));
    const files = createFileManager(join(root, 'test'));
    const { program } = await compile(files, join(root, 'test', name), log, log).catch((cause: unknown) => {
      throw new TypeError(messages.join('\n'), { cause });
    });
    return program as CompiledCircuit;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Other sizes of a test circuit. */
export function sizeEdits(name: string, sizes: Readonly<Record<string, number>>): Edit[] {
  return Object.entries(sizes).map(([size, value]) => ({
    file: `test/${name}/src/main.nr`,
    from: new RegExp(`global ${size}: u32 = \\d+;`),
    to: `global ${size}: u32 = ${value};`,
  }));
}
