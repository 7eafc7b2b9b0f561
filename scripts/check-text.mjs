// No file of the repository may name a machine's path or a package registry's host.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './setup.mjs';

const FORBIDDEN = [
  /\/(?:home|root|work)\/[a-z]/,
  /\/tmp\/[a-z]+\//,
  /registry\.[a-z]+js\.org/,
  /"resolved": "http/,
];
const files = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .stdout.split('\n')
  .filter(Boolean);
const problems = [];
for (const file of files) {
  if (file === 'scripts/check-text.mjs') continue;
  let text;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch {
    continue;
  }
  for (const pattern of FORBIDDEN) if (pattern.test(text)) problems.push(`${file} matches ${pattern}`);
}
if (problems.length > 0) fail(`text that belongs to one machine:\n${problems.join('\n')}`);
