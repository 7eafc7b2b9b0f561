import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../src/index.js';

const SCHEMA = z.strictObject({
  port: z.number().int().min(0).default(8899),
  name: z.string().min(1).default('devnet'),
  rpc: z.object({ url: z.string() }).optional(),
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(content: string): string {
  const file = join(directory, 'config.json');
  writeFileSync(file, content);
  return file;
}

const refused = (load: () => unknown, ...parts: string[]) => {
  for (const part of parts)
    expect(load).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        code: 'CONFIG',
        message: expect.stringContaining(part),
      }),
    );
};

describe('loadConfig', () => {
  it('takes defaults, then the file, then overrides', () => {
    const file = write('{"port": 1, "name": "file"}');
    expect(loadConfig(SCHEMA)).toEqual({ port: 8899, name: 'devnet' });
    expect(loadConfig(SCHEMA, { file })).toEqual({ port: 1, name: 'file' });
    expect(loadConfig(SCHEMA, { file, overrides: { port: 2 } })).toEqual({ port: 2, name: 'file' });
  });

  it('names every field that is wrong', () => {
    const overrides = { port: -1, name: '', rpc: { url: 5 }, prot: 1 };
    refused(() => loadConfig(SCHEMA, { overrides }), 'port: ', 'name: ', 'rpc.url: ', '(root): ', '"prot"');
  });

  it('names a file that cannot be read', () => {
    const missing = join(directory, 'missing.json');
    refused(
      () => loadConfig(SCHEMA, { file: missing }),
      `cannot read the configuration ${missing}`,
      'ENOENT',
    );
    const torn = write('{"port": 1');
    refused(() => loadConfig(SCHEMA, { file: torn }), `cannot read the configuration ${torn}`, 'JSON');
  });

  it('refuses a file that holds something else than an object', () => {
    for (const content of ['[]', 'null', '"text"', '7'])
      refused(() => loadConfig(SCHEMA, { file: write(content) }), 'is not a JSON object');
  });
});
