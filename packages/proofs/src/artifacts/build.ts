import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Barretenberg } from '@aztec/bb.js';
import { fieldFromBytes, fieldToHex, type Hex, type Logger } from '@polyproof/base';
import { type Flavour, settings, startBb, stopBb } from '../bb.js';
import { ProofError } from '../errors.js';
import { solidityVerifierFor } from '../srs/patch.js';
import { assertAllowed, resolveSrs, SRS_LOG2, type Srs, type SrsKind } from '../srs/resolve.js';
import { PROGRAM_NAMES, type ProgramName, SIGNED_PROGRAM_NAMES } from '../types.js';
import { compile } from './compile.js';
import { installedVersion } from './installed-version.js';
import { AGGREGABLE, buildKeySet, SIGNED_AGGREGABLE, signedKeySetRoot } from './key-set.js';
import {
  type Artifacts,
  circuitFile,
  keyFile,
  loadArtifacts,
  MANIFEST_FILE,
  type Manifest,
  type ProgramArtifact,
  type Programs,
  programHash,
  readBytecode,
} from './manifest.js';

export interface BuildOptions {
  /** the repository's circuits/ */
  circuitsDirectory: string;
  /** where artifacts and the SRS are kept from run to run */
  cacheDirectory: string;
  /** the base chain that the proofs are for: decides which SRS is allowed */
  chainId: number;
  srs?: 'auto' | SrsKind;
  /** who vouches for signatures; default the sequencer, and no circuits are made for them */
  signatures?: 'sequencer' | 'proved';
}

export interface BuildModules {
  logger: Logger;
  /** told of every step that takes more than a moment */
  onProgress?: (step: string) => void;
}

const FLAVOURS: Record<ProgramName, Flavour> = {
  svm_batch_small: 'recursive',
  svm_batch: 'recursive',
  aggregate: 'recursive',
  final: 'evm',
  svm_signatures: 'recursive',
  final_signed: 'evm',
};

function programsOf({ signatures }: BuildOptions): readonly ProgramName[] {
  return signatures === 'proved' ? [...PROGRAM_NAMES, ...SIGNED_PROGRAM_NAMES] : PROGRAM_NAMES;
}

/**
 * Compiles the circuits and makes their verification keys, the key set and the Solidity verifier. The result is
 * cached under the hash of all that goes in; a second call with the same sources only loads it.
 */
export async function buildArtifacts(options: BuildOptions, modules: BuildModules): Promise<Artifacts> {
  const step = modules.onProgress ?? (() => {});
  const known = cached(options);
  if (known !== undefined) {
    assertAllowed(known.srs.kind, options.chainId);
    return known;
  }
  const staging = join(options.cacheDirectory, `staging-${process.pid}`);
  mkdirSync(staging, { recursive: true });
  try {
    step('compiling the circuits, preparing the SRS');
    const [srs] = await Promise.all([resolve(SRS_LOG2, options, modules), compileAll(options, staging)]);
    const bb = await startBb(srs);
    let manifest: Manifest;
    try {
      manifest = await makeKeys({ bb, staging, srs, options, modules, step });
    } finally {
      await stopBb(bb);
    }
    writeFileSync(join(staging, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
    const directory = join(options.cacheDirectory, 'artifacts', manifest.hash);
    mkdirSync(join(options.cacheDirectory, 'artifacts'), { recursive: true });
    rmSync(directory, { recursive: true, force: true });
    renameSync(staging, directory);
    return loadArtifacts(directory);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** What the artifacts are made from: circuits, compilers, and which SRS. */
function sourceHash(options: BuildOptions, srs: SrsKind): string {
  const { circuitsDirectory } = options;
  const hash = createHash('sha256');
  for (const dependency of ['@aztec/bb.js', '@noir-lang/noir_wasm', 'solc'])
    hash.update(`${dependency}@${installedVersion(dependency)}\n`);
  hash.update(`srs ${srs}\n${programsOf(options).join(' ')}\n`);
  const files = readdirSync(circuitsDirectory, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(nr|toml)$/.test(file))
    .sort();
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(circuitsDirectory, file)));
  return hash.digest('hex').slice(0, 32);
}

function cached(options: BuildOptions): Artifacts | undefined {
  const kinds: SrsKind[] =
    options.srs === undefined || options.srs === 'auto' ? ['ignition', 'development'] : [options.srs];
  for (const kind of kinds) {
    const directory = join(options.cacheDirectory, 'artifacts', sourceHash(options, kind));
    if (!existsSync(join(directory, MANIFEST_FILE))) continue;
    const artifacts = loadArtifacts(directory);
    if (existsSync(artifacts.srs.directory)) return artifacts;
  }
  return undefined;
}

function resolve(log2: number, options: BuildOptions, modules: BuildModules): Promise<Srs> {
  return resolveSrs(
    {
      directory: join(options.cacheDirectory, 'srs'),
      points: 2 ** log2 + 1,
      chainId: options.chainId,
      ...(options.srs === undefined ? {} : { source: options.srs }),
    },
    modules,
  );
}

async function compileAll(options: BuildOptions, staging: string): Promise<void> {
  const { circuitsDirectory: circuits } = options;
  for (const name of programsOf(options)) {
    const parameters = join(circuits, 'capacities', `${name}.nr`);
    const output = circuitFile(staging, name);
    await compile(
      existsSync(parameters)
        ? { kind: 'circuit', directory: join(circuits, 'svm_batch'), parameters, output }
        : { kind: 'circuit', directory: join(circuits, name), output },
    );
  }
}

async function makeKeys(context: {
  bb: Barretenberg;
  staging: string;
  srs: Srs;
  options: BuildOptions;
  modules: BuildModules;
  step: (text: string) => void;
}): Promise<Manifest> {
  const { bb, staging, srs, options, step } = context;
  const programs: Partial<Record<ProgramName, ProgramArtifact>> = {};
  for (const name of programsOf(options)) {
    const bytecode = readBytecode(staging, name);
    const flavour = FLAVOURS[name];
    const circuit = { name, bytecode, verificationKey: new Uint8Array(0) };
    const stats = await bb.circuitStats({
      circuit,
      includeGatesPerOpcode: false,
      settings: settings(flavour),
    });
    step(`making the verification key of ${name} (${stats.numGates.toLocaleString('en')} gates)`);
    if (stats.numGatesDyadic > 2 ** SRS_LOG2)
      throw new ProofError(
        'CIRCUIT_COMPILE',
        `circuit ${name} has ${stats.numGates} gates, more than the SRS of 2^${SRS_LOG2} points holds: lower circuits/parameters.json.`,
      );
    const key = await bb.circuitComputeVk({ circuit: { name, bytecode }, settings: settings(flavour) });
    writeFileSync(keyFile(staging, name), key.bytes);
    programs[name] = {
      name,
      hash: programHash(bytecode, key.bytes),
      flavour,
      gates: stats.numGates,
      keyHash: fieldToHex(fieldFromBytes(key.hash)),
    };
  }
  const keyHash = (name: ProgramName) => programs[name]!.keyHash;
  const keys = await buildKeySet(bb, AGGREGABLE, keyHash);
  const signedKeys = options.signatures === 'proved' && (await buildKeySet(bb, SIGNED_AGGREGABLE, keyHash));
  step('making the Solidity verifier');
  return {
    hash: sourceHash(options, srs.kind),
    srs,
    programs: programs as Programs,
    ...keys,
    ...(signedKeys && {
      signed: {
        ...signedKeys,
        finalKeySetRoot: await signedKeySetRoot(bb, keys.keySetRoot, signedKeys.keySetRoot),
      },
    }),
    verifierBytecode: await makeVerifier(bb, staging, srs, signedKeys ? 'final_signed' : 'final'),
  };
}

async function makeVerifier(bb: Barretenberg, staging: string, srs: Srs, final: ProgramName): Promise<Hex> {
  const { solidityCode } = await bb.circuitWriteSolidityVerifier({
    verificationKey: readFileSync(keyFile(staging, final)),
    settings: settings('evm'),
  });
  const source = solidityVerifierFor(srs, solidityCode);
  writeFileSync(join(staging, 'HonkVerifier.sol'), source);
  const { bytecode } = await compile({ kind: 'solidity', source, contract: 'HonkVerifier' });
  return bytecode!;
}
