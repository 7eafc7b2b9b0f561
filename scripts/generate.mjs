// Writes every generated file from its one source, or with --check says which is not current.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coverageText } from './coverage.mjs';
import { fail, root } from './setup.mjs';

const check = process.argv.includes('--check');

const DESCRIPTIONS = {
  transactions: 'transactions in a batch',
  instructions: 'instructions of all transactions',
  named: 'accounts that instructions name',
  words: 'words of instruction data, of each instruction one more for its length',
  values: 'addresses and blockhashes in the dictionary of the data',
  references: 'account keys and blockhashes of all transactions',
  dataBytes: 'bytes of batch data',
  rows: 'fees, instructions and ends of blocks',
  uses: 'accounts that rows use',
  rights: 'rights of rows to addresses',
  transfers: 'transfers of the System program',
  changes: 'changes of accounts: createAccount, assign, allocate, and closing by programs',
  balances: 'accounts whose lamports programs store',
  savedWords: 'words that transactions store before they fail',
  freshCells: 'words of records that changes make',
  windows: 'parts of stacks',
  stackWords: 'words of all parts of stacks',
  dataPages: "pages of programs' read-only data",
  programs: 'programs that a rollup may let transactions call',
  pages: "pages of programs' code",
  deposits: 'deposits from the base chain',
  exits: 'accounts at exit addresses',
  nodes: 'nodes above pages',
  accounts: 'distinct accounts that a batch may touch, the fee collector included',
  hashRows: 'permutations that hash data of accounts, before or after the batch',
  levels:
    'levels of the state tree that a batch may walk: those of each path but the lowest, and at least one',
  depth: 'depth of the deepest leaf, in digits of its key',
  machineSteps: 'steps of the machine',
  registers: 'registers of the machine',
  accesses: 'accesses of memory',
  partLoads: 'loads of less than a word',
  partStores: 'stores of less than a word',
  crossingLoads: 'loads from two words',
  crossingStores: 'stores to two words',
  moves: 'moves',
  jumps: 'jumps by register',
  narrows: 'extensions of half words',
  sums: 'sums',
  products: 'products',
  quotients: 'quotients',
  equalities: 'comparisons for equality',
  orders: 'comparisons for order',
  bitwise: 'bitwise operations',
  shifts: 'shifts',
  swaps: 'changes of byte order',
  chunks: 'words and bytes of seeds that addresses are derived from',
  derivations: 'derivations of addresses',
  tries: 'hashes of derivations',
  calls: 'instructions that programs call',
  passed: 'accounts of called instructions',
  infos: 'accounts that callers describe, before a call and behind it',
  resumed: 'uses of rows in which callers go on',
  shared: 'segments that later parts of an execution share with the first',
  epochs: 'rent epochs that programs load',
  own: 'executions whose programs load their own address',
  callWords: "words of called instructions' data, of each one more for its length",
  signatures: 'signatures of all transactions',
  keys: 'keys that sign',
  hashBlocks: 'blocks of SHA-512 for all signatures',
};

const { capacities, signatures, ...shared } = JSON.parse(
  readFileSync(join(root, 'circuits/parameters.json'), 'utf8'),
);
const constant = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const header = (source) => `// Generated from ${source} by \`npm run generate\`. Do not edit.\n`;

// The library has the sizes of the largest circuit; the others are compiled with theirs in its place.
for (const [circuit, sizes] of Object.entries(capacities))
  emit(
    circuit === 'svm_batch' ? 'circuits/lib/src/parameters.nr' : `circuits/capacities/${circuit}.nr`,
    globals({ ...shared, ...sizes }),
  );
emit('circuits/lib/src/signed/parameters.nr', globals(signatures));
emit('packages/svm/src/generated/circuit-limits.ts', circuitLimits());
emit('circuits/lib/src/reserved.nr', await reservedKeys());
const poseidon2 = await poseidon2Sources();
emit('contracts/src/libraries/Poseidon2Constants.sol', poseidon2.constants);
emit('contracts/test/Poseidon2Vectors.sol', poseidon2.vectors);
emit('docs/coverage.md', await coverageText(root));
emit('docs/settlement.md', settlementText());

for (const script of [
  'contracts/generate-bindings.mjs',
  'contracts/storage-layout.mjs',
  'packages/protocol/generate.mjs',
]) {
  const result = spawnSync(process.execPath, [join(root, script), ...(check ? ['--check'] : [])], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) process.exit(1);
}

/** Sizes as constants of the circuits. */
function globals(sizes) {
  return `${header('circuits/parameters.json')}\n${Object.entries(sizes)
    .map(([name, value]) => `/// ${DESCRIPTIONS[name]}\npub global ${constant(name)}: u32 = ${value};\n`)
    .join('')}`;
}

function emit(path, text) {
  const file = join(root, path);
  if (check) {
    if (readFileSync(file, 'utf8') !== text) fail(`${path} is not current: run \`npm run generate\`.`);
  } else writeFileSync(file, text);
}

/** The page, with the gas of the contracts' snapshot in its table. */
function settlementText() {
  const gas = JSON.parse(readFileSync(join(root, 'contracts/snapshots/Settlement.json'), 'utf8'));
  const rows = Object.entries(gas).map(
    ([name, used]) => `| ${name} | ${Number(used).toLocaleString('en')} |\n`,
  );
  const table = `| transaction | gas |\n| --- | ---: |\n${rows.join('')}`;
  return readFileSync(join(root, 'docs/settlement.md'), 'utf8').replace(
    /\| transaction \| gas \|\n(?:\|.*\n)*/,
    table,
  );
}

/** What each batch circuit has room for. */
function circuitLimits() {
  const names = Object.keys({ ...shared, ...capacities.svm_batch });
  const rows = (sizes) =>
    Object.entries({ ...shared, ...sizes })
      .map(([name, value]) => `    ${name}: ${value},\n`)
      .join('');
  const largest = Object.fromEntries(
    names.map((name) => [
      name,
      Math.max(...Object.values(capacities).map((sizes) => ({ ...shared, ...sizes })[name])),
    ]),
  );
  return `${header('circuits/parameters.json')}/** How much a batch circuit has room for. */
export interface CircuitLimits {
${names.map((name) => `  /** ${DESCRIPTIONS[name]} */\n  readonly ${name}: number;\n`).join('')}}

/** The batch circuits: the first one that a batch fits in proves it. */
export const BATCH_CIRCUITS = {
${Object.entries(capacities)
  .map(([circuit, sizes]) => `  ${circuit}: {\n${rows(sizes)}  },\n`)
  .join('')}} as const satisfies Record<string, CircuitLimits>;

/** How much the circuit of signatures has room for. */
export const SIGNATURE_LIMITS = {
${Object.entries(signatures)
  .map(([name, value]) => `  /** ${DESCRIPTIONS[name]} */\n  ${name}: ${value},\n`)
  .join('')}} as const;

/** The most of each that any batch circuit has room for. */
export const CIRCUIT_LIMITS: CircuitLimits = {
${rows(largest).replaceAll('    ', '  ')}};
`;
}

/** The hash of the state tree for the contracts: its constants, and what it gives for many inputs. */
async function poseidon2Sources() {
  const { DIAGONAL, roundConstants } = await import(
    join(root, 'packages/state/dist/poseidon2/parameters.js')
  );
  const { hashFields, initHashing } = await import(join(root, 'packages/state/dist/index.js'));
  await initHashing();
  const modulus = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
  const hex = (value) => value.toString(16).padStart(64, '0');
  const head = (source) =>
    `// SPDX-License-Identifier: Apache-2.0\n${header(source)}pragma solidity 0.8.30;\n\n`;
  const source = 'packages/state/src/poseidon2/parameters.ts';
  const constants = `${head(source)}/// @title Constants of Poseidon2 over BN254 with a state of four
library Poseidon2Constants {
    /// The diagonal of the matrix of partial rounds, minus one
${DIAGONAL.map((value, i) => `    uint256 internal constant DIAGONAL_${i} = 0x${hex(value)};\n`).join('')}
    /// Round constants in the order of their use
    bytes internal constant ROUNDS = ${roundConstants()
      .map((value) => `hex"${hex(value)}"`)
      .join('\n        ')};
}
`;
  // Edges, then a chain in which every hash depends on the ones before it.
  const edges = [0n, 1n, modulus - 1n, 1n << 253n];
  const inputs = edges.flatMap((a) => edges.flatMap((b) => edges.map((c) => [a, b, c])));
  while (inputs.length < 256) {
    const [a, b, c] = inputs.at(-1);
    inputs.push([hashFields([a, b, c]), a, b]);
  }
  const digests = inputs.map((input) => hex(hashFields(input)));
  const vectors = `${head(source)}/// @title Hashes of the state tree: edges of the field, then a chain in which each depends on the ones before it
library Poseidon2Vectors {
    uint256 internal constant EDGE_0 = ${edges[0]};
    uint256 internal constant EDGE_1 = ${edges[1]};
    uint256 internal constant EDGE_2 =
        ${edges[2]};
    uint256 internal constant EDGE_3 = 0x${hex(edges[3])};

    bytes internal constant HASHES = ${digests.map((value) => `hex"${value}"`).join('\n        ')};
}
`;
  return { constants, vectors };
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
