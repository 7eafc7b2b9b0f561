import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Barretenberg } from '@aztec/bb.js';
import { type CompiledCircuit, type InputMap, Noir } from '@noir-lang/noir_js';
import { concatBytes, errorMessage, fromHex, type Logger, Mutex, toHex } from '@polyproof/base';
import { type Artifacts, circuitFile, keyFile, programOf, readBytecode } from './artifacts/manifest.js';
import { isAlive, memoryOf, settings, startBb, stopBb } from './bb.js';
import { ProofError } from './errors.js';
import { aborted, guarded } from './guard.js';
import { takeTurn } from './turns.js';
import type { CircuitInputs, ProgramName, Proof, ProofSystem, ProvingResult } from './types.js';

const FIELD_BYTES = 32;

interface LoadedProgram {
  noir: Noir;
  bytecode: Uint8Array;
  key: Uint8Array;
}

export interface UltraHonkOptions {
  artifacts: Artifacts;
  /** of bb. Without it bb uses all cores, and takes turns with the others of this machine that do so too. */
  threads?: number;
  /** what bb may have; a proof that takes more fails. Needs /proc. Default: no limit */
  memoryBytes?: number;
}

/** UltraHonk without zero knowledge, on one native bb process that is kept warm and restarted if it dies. */
export class UltraHonk implements ProofSystem {
  readonly #artifacts: Artifacts;
  readonly #threads: number | undefined;
  readonly #memoryBytes: number | undefined;
  readonly #logger: Logger;
  readonly #programs = new Map<ProgramName, LoadedProgram>();
  readonly #mutex = new Mutex();
  #bb: Barretenberg | undefined;
  #closed = false;

  private constructor(options: UltraHonkOptions, modules: { logger: Logger }) {
    this.#artifacts = options.artifacts;
    this.#threads = options.threads;
    this.#memoryBytes = options.memoryBytes;
    this.#logger = modules.logger;
  }

  static async open(options: UltraHonkOptions, modules: { logger: Logger }): Promise<UltraHonk> {
    const system = new UltraHonk(options, modules);
    await system.#backend();
    return system;
  }

  async prove(
    program: ProgramName,
    inputs: CircuitInputs,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ProvingResult> {
    return this.#mutex.run(async () => {
      if (signal?.aborted) throw aborted(program);
      const { noir, bytecode, key } = this.#load(program);
      const { flavour, gates } = programOf(this.#artifacts, program);
      const start = performance.now();
      const witness = await solve(noir, program, inputs);
      const witnessSeconds = (performance.now() - start) / 1e3;
      const endTurn = this.#threads === undefined ? await takeTurn() : () => {};
      if (signal?.aborted) {
        endTurn();
        throw aborted(program);
      }
      const turn = performance.now();
      const { proof, publicInputs } = await this.#call('proving', (bb) =>
        this.#guarded(
          program,
          bb,
          bb.circuitProve({
            witness,
            circuit: { name: program, bytecode, verificationKey: key },
            settings: settings(flavour),
          }),
          signal,
        ),
      ).finally(endTurn);
      const proveSeconds = (performance.now() - turn) / 1e3;
      const result: Proof = { program, proof: concatBytes(...proof), publicInputs: publicInputs.map(toHex) };
      // Solving the witness does not execute the checks inside recursion; only the proof tells.
      if (!(await this.#verify(result)))
        throw new ProofError(
          'INPUTS_REFUSED',
          `the inputs of ${program} do not satisfy the circuit: one of the proofs to verify inside it is not valid.`,
        );
      return {
        ...result,
        gates,
        witnessSeconds,
        proveSeconds,
      };
    });
  }

  async verify(proof: Proof): Promise<boolean> {
    return this.#mutex.run(() => this.#verify(proof));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const bb = this.#bb;
    this.#bb = undefined;
    if (bb !== undefined) await stopBb(bb);
  }

  async #verify(proof: Proof): Promise<boolean> {
    const fields = fieldsOf(proof.proof);
    if (fields === undefined) return false;
    for (let attempt = 1; ; attempt++)
      try {
        const { verified } = await this.#call('verifying', (bb) =>
          bb.circuitVerify({
            verificationKey: this.#key(proof.program),
            publicInputs: proof.publicInputs.map((input) => fromHex(input, FIELD_BYTES)),
            proof: fields,
            settings: settings(programOf(this.#artifacts, proof.program).flavour),
          }),
        );
        return verified;
      } catch (error) {
        const code = error instanceof ProofError ? error.code : undefined;
        if (code === 'CLOSED') throw error;
        // A bb that was killed says nothing about the proof; a second one that dies over it does.
        if (code === 'BB_DIED' && attempt === 1) continue;
        // bb throws for bytes that are no proof at all: points off the curve, a wrong number of fields.
        this.#logger.debug('proof refused', { program: proof.program, reason: errorMessage(error) });
        return false;
      }
  }

  /** @throws {ProofError} `BB_DIED` when bb did, over this call; the next one starts a new bb */
  async #call<T>(what: string, call: (bb: Barretenberg) => Promise<T>): Promise<T> {
    const bb = await this.#backend();
    try {
      return await call(bb);
    } catch (cause) {
      if (cause instanceof ProofError) throw cause;
      const reason = errorMessage(cause);
      if (await isAlive(bb))
        throw new ProofError('PROVING_FAILED', `${what} failed in bb: ${reason}`, {}, { cause });
      throw new ProofError('BB_DIED', `bb died while ${what}: ${reason}`, {}, { cause });
    }
  }

  /** Ends bb, and with it the proof, when it is not wanted any more or takes more memory than it may. */
  async #guarded<T>(
    program: ProgramName,
    bb: Barretenberg,
    proving: Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await guarded(proving, {
        program,
        what: 'a proof',
        memory: () => memoryOf(bb),
        memoryBytes: this.#memoryBytes,
        signal,
      });
    } catch (error) {
      if (error instanceof ProofError) {
        this.#bb = undefined;
        await stopBb(bb);
      }
      throw error;
    }
  }

  /** A living bb: it may have been killed since the last call, for its memory or by a Ctrl-C. */
  async #backend(): Promise<Barretenberg> {
    if (this.#closed) throw new ProofError('CLOSED', 'the proof system is closed.');
    if (this.#bb !== undefined && !(await isAlive(this.#bb))) {
      this.#logger.warn('bb is gone, starting another');
      await stopBb(this.#bb);
      this.#bb = undefined;
    }
    this.#bb ??= await startBb(this.#artifacts.srs, this.#threads);
    return this.#bb;
  }

  #load(program: ProgramName): LoadedProgram {
    const known = this.#programs.get(program);
    if (known !== undefined) return known;
    const { directory } = this.#artifacts;
    const circuit = JSON.parse(readFileSync(circuitFile(directory, program), 'utf8')) as CompiledCircuit;
    const loaded = {
      noir: new Noir(circuit),
      bytecode: readBytecode(directory, program),
      key: this.#key(program),
    };
    this.#programs.set(program, loaded);
    return loaded;
  }

  #key(program: ProgramName): Uint8Array {
    return this.#programs.get(program)?.key ?? readFileSync(keyFile(this.#artifacts.directory, program));
  }
}

/** A proof as bb takes it; `undefined` for bytes that are no fields. */
export function fieldsOf(proof: Uint8Array): Uint8Array[] | undefined {
  if (proof.length === 0 || proof.length % FIELD_BYTES !== 0) return undefined;
  const fields: Uint8Array[] = [];
  for (let i = 0; i < proof.length; i += FIELD_BYTES) fields.push(proof.slice(i, i + FIELD_BYTES));
  return fields;
}

/** @throws {ProofError} `INPUTS_REFUSED` with the message of the constraint that failed */
export async function solve(noir: Noir, program: string, inputs: CircuitInputs): Promise<Uint8Array> {
  try {
    const { witness } = await noir.execute(inputs as InputMap);
    return gunzipSync(witness);
  } catch (error) {
    const reason = errorMessage(error).replace(/^Circuit execution failed: /, '');
    throw new ProofError('INPUTS_REFUSED', `circuit ${program} refuses its inputs: ${reason}`, {
      program,
      reason,
    });
  }
}
