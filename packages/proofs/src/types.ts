import type { Field, Hex, Service } from '@polyproof/base';

/** The circuits, in the order of a sequence's way to the base chain; batches have one for small and one for large ones. */
export const PROGRAM_NAMES = ['svm_batch_small', 'svm_batch', 'aggregate', 'final'] as const;
/** Those that a rollup whose signatures are proved has besides; `final_signed` takes the place of `final`. */
export const SIGNED_PROGRAM_NAMES = ['svm_signatures', 'final_signed'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number] | (typeof SIGNED_PROGRAM_NAMES)[number];

/** Inputs of a circuit by parameter name: nested objects and arrays of decimal or 0x strings. JSON-safe. */
export type CircuitInputs = Record<string, unknown>;

/** What a proof says: the public inputs of every circuit, in this order (`final` has one more). See circuits/lib/src/statement.nr. */
export interface Statement {
  prevStateRoot: Field;
  newStateRoot: Field;
  prevDataHash: Field;
  newDataHash: Field;
  firstBatch: Field;
  lastBatch: Field;
  exitRoot: Field;
  configHash: Field;
  keySetRoot: Field;
}

export interface Proof {
  program: ProgramName;
  /** fields of 32 bytes, concatenated */
  proof: Uint8Array;
  /** 32-byte fields: the statement in its order; in a final proof the prover behind it */
  publicInputs: Hex[];
}

export interface ProvingResult extends Proof {
  gates: number;
  /** seconds to solve the witness */
  witnessSeconds: number;
  /** seconds to make the proof from the witness */
  proveSeconds: number;
}

/** A way to prove and verify. Verification of hostile bytes returns false and never throws for their content. */
export interface ProofSystem extends Service {
  /**
   * @param options.signal - gives the proof up, and the machine free at once
   * @throws {ProofError} `INPUTS_REFUSED` with the circuit's own message when the inputs break a rule; `OUT_OF_MEMORY`;
   * `ABORTED`
   */
  prove(
    program: ProgramName,
    inputs: CircuitInputs,
    options?: { signal?: AbortSignal },
  ): Promise<ProvingResult>;
  verify(proof: Proof): Promise<boolean>;
}
