// The import directions of ARCHITECTURE.md: base <- state <- svm <- rpc, sequencer; state <- proofs; base <- protocol,
// chain; proofs, protocol, chain <- prover, aggregator; only node knows them all. A package may import only what its package.json names,
// and its package.json may name only what stands here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './setup.mjs';

const ALLOWED = {
  base: [],
  state: ['base'],
  svm: ['base', 'state'],
  rpc: ['base', 'state', 'svm'],
  sequencer: ['base', 'state', 'svm', 'chain'],
  proofs: ['base', 'state'],
  protocol: ['base'],
  chain: ['base'],
  prover: ['base', 'proofs', 'protocol'],
  aggregator: ['base', 'proofs', 'protocol', 'chain'],
  verifier: ['base'],
  node: ['base', 'state', 'svm', 'rpc', 'sequencer', 'proofs', 'protocol', 'chain', 'prover', 'aggregator'],
};

const problems = [];
const architecture = existsSync(join(root, 'ARCHITECTURE.md'))
  ? readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  : '';
for (const name of readdirSync(join(root, 'packages'))) {
  const allowed = ALLOWED[name];
  if (allowed === undefined) {
    problems.push(`packages/${name} has no place in scripts/check-layers.mjs.`);
    continue;
  }
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
  );
  const declared = Object.keys(dependencies)
    .filter((d) => d.startsWith('@polyproof/'))
    .map((d) => d.slice('@polyproof/'.length));
  for (const dependency of declared)
    if (!allowed.includes(dependency))
      problems.push(`packages/${name}/package.json depends on ${dependency}: not allowed.`);
  for (const file of sources(join(root, 'packages', name, 'src')))
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^'.][^']*)'/g)) {
      if (target.startsWith('node:')) continue;
      const dependency = target.startsWith('@')
        ? target.split('/').slice(0, 2).join('/')
        : target.split('/')[0];
      if (!(dependency in dependencies))
        problems.push(
          `${file.slice(root.length + 1)} imports ${target}, which its package.json does not name.`,
        );
      if (target.startsWith('@polyproof/') && target !== dependency)
        problems.push(
          `${file.slice(root.length + 1)} imports ${target}: only a package's index is its public face.`,
        );
    }
  const row = new RegExp(
    `^\\| \`${name}\` \\|.*\\| ${declared.length === 0 ? '-' : declared.sort().join(', ')} \\|$`,
    'm',
  );
  if (!row.test(architecture))
    problems.push(
      `ARCHITECTURE.md: the row of ${name} must end with "| ${declared.sort().join(', ') || '-'} |".`,
    );
}
for (const [, path] of architecture.matchAll(
  /`((?:packages|circuits|contracts|scripts|bench|docs)\/[^`\s*<]+)`/g,
))
  if (!existsSync(join(root, path))) problems.push(`ARCHITECTURE.md names ${path}, which does not exist.`);
if (problems.length > 0) fail(`import directions:\n${problems.join('\n')}`);

function sources(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
    .map((file) => join(directory, file));
}
