// Every test: circuits and TypeScript by vitest, Solidity by forge. Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installPostgres } from './install-postgres.mjs';
import { root, run, setUp } from './setup.mjs';

setUp({ all: true });
installPostgres();
run('building the circuits', process.execPath, [join(root, 'packages/node/dist/cli.js'), 'build'], {
  quiet: false,
});

const report = join(root, '.cache/vitest.json');
rmSync(report, { force: true });
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
const { numPassedTests, numFailedTests, numFailedTestSuites } = readReport(report);

const forge = spawnSync(process.execPath, [join(root, 'contracts/run-forge.mjs'), 'test'], {
  cwd: root,
  encoding: 'utf8',
});
process.stdout.write(forge.stdout);
process.stderr.write(forge.stderr);
const solidity = /(\d+) tests? passed, (\d+) failed/.exec(
  forge.stdout.split('\n').findLast((line) => /tests? passed/.test(line)) ?? '',
);

const passed = numPassedTests + Number(solidity?.[1] ?? 0);
// A file that does not even load, or a runner that breaks, counts as a failure of its own.
const broken =
  (vitest.status === 0 || numFailedTests + numFailedTestSuites > 0 ? 0 : 1) + (solidity === null ? 1 : 0);
const failed =
  Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0) + Number(solidity?.[2] ?? 0) + broken;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0 };
  }
}
