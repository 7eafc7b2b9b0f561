// Writes every generated file from its one source, or with --check says which is not current.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './setup.mjs';

const check = process.argv.includes('--check');

const DESCRIPTIONS = {
  transactions: 'transactions in a batch',
  accounts: 'distinct accounts that a batch may touch, the fee collector included',
  levels:
    'levels of the state tree that a batch may walk: those of each path but the lowest, and at least one',
  dataBytes: 'bytes of batch data',
  messageBytes: 'bytes of one transaction message',
  accountKeys: 'account keys of one transaction',
  depth: 'depth of the deepest leaf, in digits of its key',
};

const parameters = JSON.parse(readFileSync(join(root, 'circuits/parameters.json'), 'utf8'));
const constant = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const header = (source) => `// Generated from ${source} by \`npm run generate\`. Do not edit.\n`;

emit(
  'circuits/lib/src/parameters.nr',
  `${header('circuits/parameters.json')}\n${Object.entries(parameters)
    .map(([name, value]) => `/// ${DESCRIPTIONS[name]}\npub global ${constant(name)}: u32 = ${value};\n`)
    .join('')}`,
);
emit(
  'packages/svm/src/generated/circuit-limits.ts',
  `${header('circuits/parameters.json')}export const CIRCUIT_LIMITS = {\n${Object.entries(parameters)
    .map(([name, value]) => `  /** ${DESCRIPTIONS[name]} */\n  ${name}: ${value},\n`)
    .join('')}} as const;\n`,
);
emit('circuits/lib/src/reserved.nr', await reservedKeys());

for (const script of ['contracts/generate-bindings.mjs', 'packages/protocol/generate.mjs']) {
  const result = spawnSync(process.execPath, [join(root, script), ...(check ? ['--check'] : [])], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) process.exit(1);
}

function emit(path, text) {
  const file = join(root, path);
  if (check) {
    if (readFileSync(file, 'utf8') !== text) fail(`${path} is not current: run \`npm run generate\`.`);
  } else writeFileSync(file, text);
}

/** The refused accounts' keys in the state tree, so that a circuit compares one field for each. */
async function reservedKeys() {
  const { decodeBase58, REFUSED_ADDRESSES } = await import(join(root, 'packages/svm/dist/index.js'));
  const { accountKey, initHashing } = await import(join(root, 'packages/state/dist/index.js'));
  await initHashing();
  const rows = REFUSED_ADDRESSES.map(
    (address) => `    0x${accountKey(decodeBase58(address)).toString(16).padStart(64, '0')}, // ${address}\n`,
  ).join('');
  return `${header('packages/svm/src/reserved.ts')}
//! Accounts that belong to the runtime: native programs, sysvars, and the engine's own programs. They are not in
//! the state tree, so no transaction may use them.

global RESERVED_KEYS: [Field; ${REFUSED_ADDRESSES.length}] = [
${rows}];

/// Whether \`key\` is the state tree's key of a reserved account.
pub fn is_reserved(key: Field) -> bool {
    let mut product = 1;
    for reserved in RESERVED_KEYS {
        product *= key - reserved;
    }
    product == 0
}
`;
}
