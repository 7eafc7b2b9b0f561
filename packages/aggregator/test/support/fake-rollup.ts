import { createHash } from 'node:crypto';
import { type Field, fieldToHex, fromHex, type Hex } from '@polyproof/base';
import {
  type CircuitInputs,
  type ProgramName,
  type Proof,
  type ProvingResult,
  type Statement,
  statementFromPublicInputs,
  statementToCircuit,
  statementToPublicInputs,
} from '@polyproof/proofs';
import type { BatchSource, InputComposer, ProgramSet, ProofVerifier } from '../../src/index.js';

export const CONFIG_HASH = 77n;
export const PROGRAMS: ProgramSet = {
  hashes: { svm_batch_small: 'dd', svm_batch: 'aa', aggregate: 'bb', final: 'cc' },
  gates: { svm_batch_small: 250_000, svm_batch: 1_000_000, aggregate: 1_400_000, final: 800_000 },
  keySetRoot: 99n,
};

/** Those of a rollup whose signatures are proved. */
export const SIGNED_PROGRAMS: ProgramSet = {
  hashes: { ...PROGRAMS.hashes, svm_signatures: 'ee', final_signed: 'ff' },
  gates: { ...PROGRAMS.gates, svm_signatures: 1_000_000, final_signed: 1_500_000 },
  keySetRoot: 99n,
  signed: { keySetRoot: 98n, finalKeySetRoot: 97n },
};

/** The same as a prover holds them. */
export const heldOf = ({ hashes, gates }: ProgramSet) =>
  Object.fromEntries(
    (Object.keys(hashes) as ProgramName[]).map((name) => [
      name,
      { hash: hashes[name]!, gates: gates[name]! },
    ]),
  );
export const HELD = heldOf(PROGRAMS);

/** A rollup whose state root after batch n is 1000 + n and whose data hash is 5000 + n (0 at genesis). */
export const rootAfter = (batch: bigint): Field => 1000n + batch;
export const dataHashAfter = (batch: bigint): Field => (batch === 0n ? 0n : 5000n + batch);

export function statementOf(firstBatch: bigint, lastBatch = firstBatch): Statement {
  return {
    prevStateRoot: rootAfter(firstBatch - 1n),
    newStateRoot: rootAfter(lastBatch),
    prevDataHash: dataHashAfter(firstBatch - 1n),
    newDataHash: dataHashAfter(lastBatch),
    firstBatch,
    lastBatch,
    exitRoot: 0n,
    configHash: CONFIG_HASH,
    keySetRoot: PROGRAMS.keySetRoot,
  };
}

/** What the proof of a batch's signatures says. */
export const signatureStatementOf = (batch: bigint): Statement => ({
  ...statementOf(batch),
  prevStateRoot: 0n,
  newStateRoot: 0n,
  configHash: 0n,
  keySetRoot: SIGNED_PROGRAMS.signed!.keySetRoot,
});

/** "Proofs" that everybody can make for any statement; valid is what hashes right. */
export function makeProof(program: ProgramName, statement: Statement): Proof {
  const publicInputs = statementToPublicInputs(statement);
  return { program, publicInputs, proof: seal(program, publicInputs) };
}

function seal(program: ProgramName, publicInputs: readonly Hex[]): Uint8Array {
  const hash = createHash('sha256').update(program);
  for (const input of publicInputs) hash.update(fromHex(input));
  return new Uint8Array(hash.digest());
}

/** Which circuit each batch fits in: every third one is large. */
export const circuitOf = (batch: bigint): ProgramName =>
  batch % 3n === 0n ? 'svm_batch' : 'svm_batch_small';

export const fakeBatchSource: BatchSource = {
  getBatchInputs: async (batch) => ({
    program: circuitOf(batch),
    inputs: { statement: statementToCircuit(statementOf(batch)) },
  }),
  getSignatureInputs: async (batch) => ({
    program: 'svm_signatures',
    inputs: { statement: statementToCircuit(signatureStatementOf(batch)) },
  }),
};

/** As the real circuits: refuses to join proofs that do not chain or are not valid. */
export class FakeProofSystem implements ProofVerifier {
  readonly proved: string[] = [];

  async prove(program: ProgramName, inputs: CircuitInputs): Promise<ProvingResult> {
    const given = inputs.statement as Record<string, string>;
    const publicInputs = Object.values(given) as Hex[];
    if (typeof inputs.prover === 'string') publicInputs.push(inputs.prover as Hex);
    this.proved.push(`${program} ${BigInt(given.first_batch!)}-${BigInt(given.last_batch!)}`);
    const proof = { program, publicInputs, proof: seal(program, publicInputs) };
    return { ...proof, gates: 1 << 19, witnessSeconds: 0.5, proveSeconds: 1.5 };
  }

  async verify({ program, publicInputs, proof }: Proof): Promise<boolean> {
    return Buffer.compare(proof, seal(program, publicInputs)) === 0;
  }
}

export const fakeComposer: InputComposer = {
  aggregateInputs(left, right) {
    const [first, last] = [left, right].map((p) => statementFromPublicInputs(p.publicInputs)) as [
      Statement,
      Statement,
    ];
    if (first.lastBatch + 1n !== last.firstBatch) throw new RangeError('parts do not join');
    const { newStateRoot, newDataHash, lastBatch } = last;
    return { statement: statementToCircuit({ ...first, newStateRoot, newDataHash, lastBatch }) };
  },
  finalInputs(batches, prover, signatures) {
    const statement = statementFromPublicInputs(batches.publicInputs);
    if (signatures !== undefined) {
      const { prevDataHash, newDataHash } = statementFromPublicInputs(signatures.publicInputs);
      if (prevDataHash !== statement.prevDataHash || newDataHash !== statement.newDataHash)
        throw new RangeError('signatures of other batches');
      statement.keySetRoot = SIGNED_PROGRAMS.signed!.finalKeySetRoot;
    }
    return { statement: statementToCircuit(statement), prover: fieldToHex(prover) };
  },
};
