// Every test: circuits and TypeScript by vitest, Solidity by forge. Ends with "N passed, N failed". With --heavy, those too that
// take too long for every change: larger circuits and their proofs, more kills, longer lists.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installPostgres } from './install-postgres.mjs';
import { root, run, setUp } from './setup.mjs';

const options = process.argv.slice(2);
if (options.includes('--heavy')) process.env.POLYPROOF_HEAVY = '1';

setUp({ all: true });
installPostgres();
// Beside the circuits, whose compiler uses one core.
const forge = forgeTest();
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
    ...options.filter((option) => option !== '--heavy'),
  ],
  { cwd: root, stdio: 'inherit' },
);
const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = readReport(report);

const printed = await forge;
process.stdout.write(printed);
const solidity = /(\d+) tests? passed, (\d+) failed/.exec(
  printed.split('\n').findLast((line) => /tests? passed/.test(line)) ?? '',
);

const passed = numPassedTests + Number(solidity?.[1] ?? 0);
// A file that does not even load, or a runner that breaks, counts as a failure of its own.
const broken =
  (vitest.status === 0 || numFailedTests + numFailedTestSuites > 0 ? 0 : 1) + (solidity === null ? 1 : 0);
const failed =
  Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0) + Number(solidity?.[2] ?? 0) + broken;
// Once more at the end, where whoever looks at the count finds them.
for (const line of failures(testResults, printed)) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/** Starts forge; resolves to what it printed, to be shown behind the other tests. Into a file: a pipe would fill meanwhile. */
async function forgeTest() {
  const file = join(root, '.cache/forge.log');
  mkdirSync(join(root, '.cache'), { recursive: true });
  const log = openSync(file, 'w');
  const child = spawn(process.execPath, [join(root, 'contracts/run-forge.mjs'), 'test'], {
    cwd: root,
    stdio: ['ignore', log, log],
  });
  await once(child, 'exit');
  closeSync(log);
  return readFileSync(file, 'utf8');
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0, testResults: [] };
  }
}

/** A paragraph for each test, or file that did not load, that failed. */
function failures(files, solidityOutput) {
  const lines = files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`FAIL ${file}\n${message}`] : [];
    return failed.map((test) => `FAIL ${file} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
  });
  return [...lines, ...new Set(solidityOutput.match(/^\[FAIL.*$/gm))];
}
