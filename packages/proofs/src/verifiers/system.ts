import type { ProofErrorCode } from '../errors.js';

/** Codes of errors that follow from the files: files that are none, and quotes that are refused. */
export const INVALID_CODES: readonly ProofErrorCode[] = ['BAD_KEY', 'BAD_PROOF_SHAPE', 'QUOTE_REFUSED'];

/** Three files of somebody who may be hostile, in the layout of the system that they are for. */
export interface VerificationFiles {
  /** what decides what is proved: a verification key, a version and a program, a verifier's code */
  key: Uint8Array;
  /** public inputs or public values */
  inputs: Uint8Array;
  proof: Uint8Array;
}

export interface VerifierLimits {
  /** largest file of each kind in bytes: what is larger is invalid, whoever looks */
  keyBytes: number;
  inputsBytes: number;
  proofBytes: number;
  /** what a verification may take, in milliseconds: after that it is undecided, as a faster machine might decide */
  timeMs: number;
}

/** A proof system in the layout of one of its makers. */
export interface VerifierSystem {
  /** what it is, for people */
  title: string;
  limits: VerifierLimits;
  /**
   * Whether the proof shows the inputs under the key. The answer depends on the three files alone.
   * @throws {ProofError} one of {@link INVALID_CODES} with the reason why it is invalid
   */
  verify(files: VerificationFiles): boolean | Promise<boolean>;
}

/**
 * What is known of a proof. `valid` and `invalid` follow from the files alone, so that everybody who decides comes to
 * the same. `undecided` says nothing about the proof: the verification was ended for its time or memory, or failed.
 */
export type Verdict =
  | { verdict: 'valid' }
  | { verdict: 'invalid'; reason: string }
  | { verdict: 'undecided'; reason: string };
