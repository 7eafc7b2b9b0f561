import type { Barretenberg } from '@aztec/bb.js';
import { concatBytes, errorMessage, fromHex, type Hex, toHex } from '@polyproof/base';
import { type Flavour, isAlive, memoryOf, settings, startBb, stopBb } from '../bb.js';
import { ProofError } from '../errors.js';
import { aborted, guarded } from '../guard.js';
import { solidityVerifierFor } from '../srs/patch.js';
import { SRS_LOG2, type Srs } from '../srs/resolve.js';
import { takeTurn } from '../turns.js';
import type { CircuitInputs } from '../types.js';
import { fieldsOf } from '../ultra-honk.js';
import type { NoirProgram } from './noir-program.js';
import { solveApart } from './solve-apart.js';

/** A program's verification key. */
export interface ProgramKey {
  flavour: Flavour;
  key: Uint8Array;
  gates: number;
}

export interface ProgramProof {
  /** fields of 32 bytes, concatenated */
  proof: Uint8Array;
  /** 32-byte fields, in the order of the program's public parameters, then of what it returns */
  publicInputs: Hex[];
}

export interface ProgramProverOptions {
  srs: Srs;
  /** of bb. Without it bb uses all cores, and takes turns with the others of this machine that do so too. */
  threads?: number | undefined;
  /** what bb, or the process that solves the witness, may have. Default: no limit */
  memoryBytes?: number | undefined;
}

interface Limits {
  /** gives the work up, and the machine free at once */
  signal?: AbortSignal;
}

/**
 * Proves programs that nobody here has looked at. Each call has processes of its own, which end with it: what a program does to
 * them, nothing else feels.
 */
export class ProgramProver {
  readonly #options: ProgramProverOptions;

  constructor(options: ProgramProverOptions) {
    this.#options = options;
  }

  /**
   * The verification key of a program.
   * @param options.mostGates - a larger program is refused; default: what the SRS holds
   * @throws {ProofError} `PROGRAM_REFUSED` when bb cannot read it or it is too large; `OUT_OF_MEMORY`; `ABORTED`
   */
  async makeKey(
    { id, bytecode }: NoirProgram,
    flavour: Flavour,
    options: Limits & { mostGates?: number } = {},
  ): Promise<ProgramKey> {
    const { signal, mostGates = 2 ** SRS_LOG2 } = options;
    const most = Math.min(mostGates, 2 ** SRS_LOG2);
    return this.#withBb(id, signal, 'PROGRAM_REFUSED', async (bb) => {
      const circuit = { name: id, bytecode };
      const { numGates, numGatesDyadic } = await bb.circuitStats({
        circuit: { ...circuit, verificationKey: new Uint8Array(0) },
        includeGatesPerOpcode: false,
        settings: settings(flavour),
      });
      if (numGates > most || numGatesDyadic > 2 ** SRS_LOG2)
        throw new ProofError(
          'PROGRAM_REFUSED',
          `program ${id} has ${numGates} gates, and may have ${most}: make it smaller, or split it.`,
        );
      const { bytes: key } = await bb.circuitComputeVk({ circuit, settings: settings(flavour) });
      return { flavour, key, gates: numGates };
    });
  }

  /**
   * Solves the witness and proves it. The proof verifies: it was tried.
   * @throws {ProofError} `INPUTS_REFUSED` with the constraint that does not hold; `OUT_OF_MEMORY`; `ABORTED`; `BB_DIED`
   */
  async prove(
    program: NoirProgram,
    { key, flavour }: Pick<ProgramKey, 'key' | 'flavour'>,
    inputs: CircuitInputs,
    { signal }: Limits = {},
  ): Promise<ProgramProof & { witnessSeconds: number; proveSeconds: number }> {
    const { id, bytecode } = program;
    const { threads, memoryBytes } = this.#options;
    const start = performance.now();
    const witness = await solveApart(program, inputs, { memoryBytes, signal });
    const witnessSeconds = (performance.now() - start) / 1e3;
    const endTurn = threads === undefined ? await takeTurn() : () => {};
    try {
      const turn = performance.now();
      const { proof, publicInputs } = await this.#withBb(id, signal, 'PROVING_FAILED', (bb) =>
        bb.circuitProve({
          witness,
          circuit: { name: id, bytecode, verificationKey: key },
          settings: settings(flavour),
        }),
      );
      const proveSeconds = (performance.now() - turn) / 1e3;
      const result = { proof: concatBytes(...proof), publicInputs: publicInputs.map(toHex) };
      // Solving the witness does not execute the checks inside recursion; only the proof tells.
      if (!(await this.verify({ key, flavour }, result)))
        throw new ProofError(
          'INPUTS_REFUSED',
          `the inputs do not satisfy program ${id}: one of the proofs to verify inside it is not valid.`,
        );
      return { ...result, witnessSeconds, proveSeconds };
    } finally {
      endTurn();
    }
  }

  /** Whether a proof is valid; bytes that are none are not. */
  async verify(
    { key, flavour }: Pick<ProgramKey, 'key' | 'flavour'>,
    { proof, publicInputs }: ProgramProof,
  ): Promise<boolean> {
    const fields = fieldsOf(proof);
    if (fields === undefined) return false;
    try {
      return await this.#withBb('a proof', undefined, 'BAD_PROOF_SHAPE', async (bb) => {
        const { verified } = await bb.circuitVerify({
          verificationKey: key,
          publicInputs: publicInputs.map((input) => fromHex(input, 32)),
          proof: fields,
          settings: settings(flavour),
        });
        return verified;
      });
    } catch (error) {
      // bb throws for points off the curve and a wrong number of fields.
      if (error instanceof ProofError && error.code === 'BAD_PROOF_SHAPE') return false;
      throw error;
    }
  }

  /** Source of the contract that verifies proofs of a key of flavour `evm`. */
  async solidityVerifier({ key }: Pick<ProgramKey, 'key'>): Promise<string> {
    const { solidityCode } = await this.#withBb('a verifier', undefined, 'PROVING_FAILED', (bb) =>
      bb.circuitWriteSolidityVerifier({ verificationKey: key, settings: settings('evm') }),
    );
    return solidityVerifierFor(this.#options.srs, solidityCode);
  }

  /** @param refusal - the code where bb answers that it cannot */
  async #withBb<T>(
    program: string,
    signal: AbortSignal | undefined,
    refusal: 'PROGRAM_REFUSED' | 'PROVING_FAILED' | 'BAD_PROOF_SHAPE',
    call: (bb: Barretenberg) => Promise<T>,
  ): Promise<T> {
    const { srs, threads, memoryBytes } = this.#options;
    if (signal?.aborted) throw aborted(program);
    const bb = await startBb(srs, threads);
    try {
      const memory = () => memoryOf(bb);
      return await guarded(call(bb), { program, what: 'a proof', memory, memoryBytes, signal });
    } catch (cause) {
      if (cause instanceof ProofError) throw cause;
      const code = (await isAlive(bb)) ? refusal : 'BB_DIED';
      throw new ProofError(code, `bb failed over ${program}: ${errorMessage(cause)}`, {}, { cause });
    } finally {
      await stopBb(bb);
    }
  }
}
