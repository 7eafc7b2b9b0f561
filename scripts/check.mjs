// Everything that is not a test: lint, format, types, import directions, and that generated files are current.
// Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp({ all: true });
const node = process.execPath;
const checks = [
  ['lint and format', join(root, 'node_modules/.bin/biome'), ['ci', '--error-on-warnings', '.']],
  ['types of tests', node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']],
  ['import directions', node, ['scripts/check-layers.mjs']],
  ['text of the repository', node, ['scripts/check-text.mjs']],
  ['generated files', node, ['scripts/generate.mjs', '--check']],
  ['Solidity format', node, ['contracts/run-forge.mjs', 'fmt', '--check']],
  ['Solidity lint', node, ['contracts/run-forge.mjs', 'lint']],
  // --disc: it does not look for a newer version of itself.
  [
    'solhint',
    node,
    [
      'node_modules/solhint/solhint.js',
      '--disc',
      '--max-warnings',
      '0',
      '-c',
      'contracts/.solhint.json',
      'contracts/src/**/*.sol',
    ],
  ],
];
let failed = 0;
for (const [name, command, args] of checks) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const ok = result.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
  if (ok) continue;
  failed += 1;
  process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
