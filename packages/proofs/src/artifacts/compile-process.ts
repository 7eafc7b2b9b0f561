// Entry point of a process: takes one CompileJob by message, answers with a CompileResult and ends.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { errorMessage, type Hex } from '@polyproof/base';
import type { CompileJob, CompileResult } from './compile.js';
import { compileSolidity } from './solidity.js';

process.once('message', (job: CompileJob) => {
  run(job)
    .catch((error: unknown): CompileResult => ({ ok: false, message: errorMessage(error) }))
    .then((result) => process.send!(result, () => process.exit(0)));
});

async function run(job: CompileJob): Promise<CompileResult> {
  return job.kind === 'circuit' ? compileCircuit(job) : compileVerifier(job.source, job.contract);
}

type CircuitJob = CompileJob & { kind: 'circuit' };

/** Other sizes are compiled in a copy of the circuit and of the library beside it. */
async function compileCircuit({ directory, parameters, output }: CircuitJob): Promise<CompileResult> {
  if (parameters === undefined) return compileDirectory(directory, output);
  const copy = mkdtempSync(join(tmpdir(), 'polyproof-circuit-'));
  try {
    const own = join(copy, basename(directory));
    cpSync(directory, own, { recursive: true });
    cpSync(join(dirname(directory), 'lib'), join(copy, 'lib'), { recursive: true });
    cpSync(parameters, join(copy, 'lib/src/parameters.nr'));
    return await compileDirectory(own, output);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function compileDirectory(directory: string, output: string): Promise<CompileResult> {
  const { compile, createFileManager } = await import('@noir-lang/noir_wasm');
  const messages: string[] = [];
  const log = (message: unknown) => void messages.push(String(message));
  try {
    const { program } = await compile(createFileManager(dirname(directory)), directory, log, log);
    const { noir_version, abi, bytecode, hash } = program;
    // Debug symbols and the file map are left out: they name paths of the machine.
    writeFileSync(output, JSON.stringify({ noir_version, hash, abi, bytecode }));
    return { ok: true };
  } catch (error) {
    const details = messages.filter((m) => !m.startsWith('Compiling')).join('\n');
    return { ok: false, message: `${directory} does not compile: ${errorMessage(error)}\n${details}` };
  }
}

async function compileVerifier(source: string, contract: string): Promise<CompileResult> {
  const contracts = await compileSolidity(source).catch((error: unknown) => errorMessage(error));
  if (typeof contracts === 'string')
    return { ok: false, message: `${contract} does not compile: ${contracts}` };
  const bytecode = contracts[contract]?.object;
  if (bytecode === undefined)
    return {
      ok: false,
      message: `the generated file has no contract ${contract}, but ${Object.keys(contracts).join(', ')}`,
    };
  return { ok: true, bytecode: `0x${bytecode}` as Hex };
}
