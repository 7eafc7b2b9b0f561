import { readFileSync } from 'node:fs';
import { type Field, fieldToHex, type Hex, toHex } from '@polyproof/base';
import { exitNode } from '@polyproof/state';
import { AGGREGABLE, SIGNED_AGGREGABLE } from './artifacts/key-set.js';
import { type Artifacts, finalKeySetRoot, keyFile, programOf } from './artifacts/manifest.js';
import { ProofError } from './errors.js';
import { statementFromPublicInputs, statementToCircuit } from './statement.js';
import type { CircuitInputs, Proof, Statement } from './types.js';

/** fields of a recursive proof: PROOF_FIELDS in circuits/lib/src/recursion.nr */
const RECURSIVE_PROOF_FIELDS = 410;

/** Inputs of `aggregate`: two neighbouring proofs, each of a batch, or of a batch's signatures, or of an aggregation. Where there are exits, hashing must be initialised. */
export function aggregateInputs(artifacts: Artifacts, left: Proof, right: Proof): CircuitInputs {
  const first = statementFromPublicInputs(left.publicInputs);
  const last = statementFromPublicInputs(right.publicInputs);
  const statement: Statement = {
    ...first,
    newStateRoot: last.newStateRoot,
    newDataHash: last.newDataHash,
    lastBatch: last.lastBatch,
    exitRoot: exitNode(first.exitRoot, last.exitRoot),
  };
  return {
    left: child(artifacts, left),
    right: child(artifacts, right),
    statement: statementToCircuit(statement),
  };
}

/**
 * Inputs of `final`: the one proof of a sequence.
 * @param prover - the account, as a number, that the final proof is bound to; 0 for nobody
 */
export function finalInputs(artifacts: Artifacts, proof: Proof, prover: Field): CircuitInputs {
  return {
    child: child(artifacts, proof),
    statement: statementToCircuit(statementFromPublicInputs(proof.publicInputs)),
    prover: fieldToHex(prover),
  };
}

/**
 * Inputs of `final_signed`: the two proofs of a sequence, of its batches and of their signatures.
 * @param prover - as of {@link finalInputs}
 */
export function finalSignedInputs(
  artifacts: Artifacts,
  batches: Proof,
  signatures: Proof,
  prover: Field,
): CircuitInputs {
  const statement = {
    ...statementFromPublicInputs(batches.publicInputs),
    keySetRoot: BigInt(finalKeySetRoot(artifacts)),
  };
  return {
    batches: child(artifacts, batches),
    signatures: child(artifacts, signatures),
    statement: statementToCircuit(statement),
    prover: fieldToHex(prover),
  };
}

/** A proof of either key set: aggregations are in both. */
function child(artifacts: Artifacts, proof: Proof): CircuitInputs {
  const { signed } = artifacts;
  const ofSignatures =
    signed !== undefined &&
    statementFromPublicInputs(proof.publicInputs).keySetRoot === BigInt(signed.keySetRoot);
  const allowed = ofSignatures ? SIGNED_AGGREGABLE : AGGREGABLE;
  const index = allowed.indexOf(proof.program);
  const siblings = (ofSignatures ? signed : artifacts).keySetSiblings[proof.program];
  if (index < 0 || siblings === undefined)
    throw new ProofError(
      'KEY_NOT_IN_SET',
      `a ${proof.program} proof cannot be verified inside a circuit: only ${allowed.join(', ')} proofs can.`,
    );
  const fields = chunks(proof.proof);
  if (fields.length !== RECURSIVE_PROOF_FIELDS)
    throw new ProofError(
      'BAD_PROOF_SHAPE',
      `a recursive proof has ${RECURSIVE_PROOF_FIELDS} fields, this ${proof.program} proof has ${fields.length}.`,
    );
  return {
    verification_key: chunks(readFileSync(keyFile(artifacts.directory, proof.program))),
    key_hash: programOf(artifacts, proof.program).keyHash,
    proof: fields,
    statement: statementToCircuit(statementFromPublicInputs(proof.publicInputs)),
    key_index: siblings.map((_, bit) => ((index >> bit) & 1) === 1),
    key_siblings: siblings,
  };
}

function chunks(bytes: Uint8Array): Hex[] {
  return Array.from({ length: Math.ceil(bytes.length / 32) }, (_, i) =>
    toHex(bytes.subarray(i * 32, (i + 1) * 32)),
  );
}

/** Inputs of a batch circuit, or that of signatures, for a given key set: the batch's own inputs know nothing of keys. */
export function withKeySet({ keySetRoot }: { keySetRoot: Hex }, inputs: CircuitInputs): CircuitInputs {
  const statement = inputs.statement as Record<string, unknown>;
  return { ...inputs, statement: { ...statement, key_set_root: fieldToHex(BigInt(keySetRoot)) } };
}
