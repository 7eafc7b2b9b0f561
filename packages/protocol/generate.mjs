// Makes src/generated from proto/. `--check` writes nothing and fails when the committed files are not current.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const committed = join(here, 'src', 'generated');
const require = createRequire(import.meta.url);
const binary = (name, file) => join(dirname(require.resolve(`${name}/package.json`)), 'bin', file);

function generate(out) {
  const template = {
    version: 'v2',
    clean: true,
    plugins: [
      {
        local: [process.execPath, binary('@bufbuild/protoc-gen-es', 'protoc-gen-es')],
        out,
        opt: ['target=ts', 'import_extension=js'],
      },
    ],
  };
  execFileSync(
    process.execPath,
    [binary('@bufbuild/buf', 'buf'), 'generate', join(here, 'proto'), '--template', JSON.stringify(template)],
    { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] },
  );
}

const files = (directory) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [relative(directory, file), readFileSync(file, 'utf8')]),
  );

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'polyproof-protocol-'));
  try {
    generate(fresh);
    if (JSON.stringify(files(fresh)) !== JSON.stringify(files(committed))) {
      process.stderr.write(
        'packages/protocol/src/generated is not current: run `node packages/protocol/generate.mjs`.\n',
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
} else {
  generate(committed);
}
