#!/usr/bin/env node
// Writes where a settlement keeps what in storage. With --check, fails when that is not what the committed file says.
// A settlement is upgraded in place: what is in the file keeps its place for ever. So this refuses to write a file in
// which anything moved; new variables come behind the old ones. (--reset, before the first release only.)
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runForge } from './run-forge.mjs';

const local = (path) => fileURLToPath(new URL(path, import.meta.url));
const FILE = local('storage-layout.txt');

/** A line for each variable and each member of a struct: slot, offset, type, name. */
async function currentLayout() {
  const code = await runForge(['build', '--quiet'], { stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new Error(`the contracts do not compile (forge build ended with ${code}).`);
  const artifact = JSON.parse(readFileSync(local('out/Settlement.sol/Settlement.json'), 'utf8'));
  const { storage, types } = artifact.storageLayout;
  const lines = storage.map(
    ({ slot, offset, type, label }) => `${slot} ${offset} ${types[type].label} ${label}`,
  );
  for (const { label, members = [] } of Object.values(types).sort((a, b) => (a.label < b.label ? -1 : 1)))
    for (const member of members)
      lines.push(`${label}: ${member.slot} ${member.offset} ${types[member.type].label} ${member.label}`);
  return lines;
}

async function main(args) {
  const current = await currentLayout();
  const committed = read().split('\n').filter(Boolean);
  const moved = committed.filter((line) => !current.includes(line));
  if (moved.length > 0 && !args.includes('--reset'))
    return `the storage of deployed settlements would be misread; these are not in their place any more:\n${moved.join('\n')}`;
  if (!args.includes('--check')) writeFileSync(FILE, `${current.join('\n')}\n`);
  else if (current.length !== committed.length)
    return 'storage-layout.txt is not current: run node contracts/storage-layout.mjs.';
  return undefined;
}

function read() {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return '';
  }
}

const problem = await main(process.argv.slice(2)).catch((error) => error.message);
if (problem !== undefined) {
  process.stderr.write(`storage-layout: ${problem}\n`);
  process.exitCode = 1;
}
