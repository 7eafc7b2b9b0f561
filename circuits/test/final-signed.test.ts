import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InputMap, Noir } from '@noir-lang/noir_js';
import { fieldToHex, type Hex } from '@polyproof/base';
import {
  type Artifacts,
  finalSignedInputs,
  type ProgramArtifact,
  type Proof,
  type Statement,
  statementToPublicInputs,
} from '@polyproof/proofs';
import { hashFields, initHashing } from '@polyproof/state';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuitVariant } from './circuit-variant.js';

// Keys and proofs of the children are zeros here: running a circuit does not verify them, proving does. Two key sets have
// the circuit of aggregations, each beside another one.

const KEY_FIELDS = 115;
const PROOF_FIELDS = 410;
const KEY_HASH = 1000n;

const directory = mkdtempSync(join(tmpdir(), 'final-signed-'));
let artifacts: Artifacts;
let run: (inputs: unknown) => Promise<unknown>;

function keySet(neighbour: bigint) {
  const node = (left: bigint, right: bigint) => hashFields([6n, left, right]);
  const empty = node(0n, 0n);
  const siblings = [neighbour, empty, node(empty, empty)] as const;
  const keySetRoot = node(node(node(neighbour, KEY_HASH), siblings[1]), siblings[2]);
  return { keySet: [] as Hex[], keySetRoot: fieldToHex(keySetRoot), siblings: siblings.map(fieldToHex) };
}

beforeAll(async () => {
  await initHashing();
  writeFileSync(join(directory, 'aggregate.vk'), new Uint8Array(32 * KEY_FIELDS));
  const [batches, signatures] = [keySet(77n), keySet(88n)];
  const roots = [batches, signatures].map(({ keySetRoot }) => BigInt(keySetRoot));
  artifacts = {
    directory,
    programs: { aggregate: { keyHash: fieldToHex(KEY_HASH) } as ProgramArtifact },
    ...batches,
    keySetSiblings: { aggregate: batches.siblings },
    signed: {
      ...signatures,
      keySetSiblings: { aggregate: signatures.siblings },
      finalKeySetRoot: fieldToHex(hashFields([13n, ...roots])),
    },
  } as unknown as Artifacts;
  const noir = new Noir(await circuitVariant('../final_signed'));
  run = (inputs) => noir.execute(inputs as InputMap);
}, 300_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ofBatches = (): Statement => ({
  ...{ prevStateRoot: 10n, newStateRoot: 11n, prevDataHash: 20n, newDataHash: 21n },
  ...{ firstBatch: 1n, lastBatch: 2n, exitRoot: 5n, configHash: 30n },
  keySetRoot: BigInt(artifacts.keySetRoot),
});
const ofSignatures = (): Statement => ({
  ...ofBatches(),
  ...{ prevStateRoot: 0n, newStateRoot: 0n, exitRoot: 0n, configHash: 0n },
  keySetRoot: BigInt(artifacts.signed!.keySetRoot),
});
const proof = (says: Statement, program: Proof['program'] = 'aggregate'): Proof => ({
  program,
  proof: new Uint8Array(32 * PROOF_FIELDS),
  publicInputs: statementToPublicInputs(says),
});

/** Inputs, with the place that an aggregation has in the key sets of this test. */
function inputsOf(change: Partial<Statement> = {}, prover = 0n) {
  const signatures = proof({ ...ofSignatures(), ...change });
  const inputs = finalSignedInputs(artifacts, proof(ofBatches()), signatures, prover);
  for (const child of [inputs.batches, inputs.signatures] as { key_index: boolean[] }[])
    child.key_index = [true, false, false];
  return inputs;
}

describe('final_signed', () => {
  it('says what the batches say, with a hash of both key sets', async () => {
    const inputs = inputsOf();
    expect(inputs.statement).toMatchObject({
      new_state_root: fieldToHex(11n),
      exit_root: fieldToHex(5n),
      key_set_root: artifacts.signed!.finalKeySetRoot,
    });
    await run(inputs);
  });

  it('refuses to say anything else', async () => {
    for (const part of ['new_state_root', 'exit_root', 'config_hash', 'key_set_root']) {
      const inputs = inputsOf();
      (inputs.statement as Record<string, string>)[part] = artifacts.keySetRoot;
      await expect(run(inputs)).rejects.toThrow(/not what the children prove/);
    }
  });

  it.each<[string, Partial<Statement>, RegExp]>([
    ['begin at another batch', { firstBatch: 2n }, /signatures begin at another batch/],
    ['end at another batch', { lastBatch: 3n }, /signatures end at another batch/],
    ['begin at other data', { prevDataHash: 19n }, /signatures begin at other data/],
    ['end at other data', { newDataHash: 22n }, /signatures end at other data/],
  ])('refuses signatures that %s', async (_, change, reason) => {
    await expect(run(inputsOf(change))).rejects.toThrow(reason);
  });

  it('refuses proofs of batches in the place of those of signatures, and the other way round', async () => {
    const batches = { keySetRoot: BigInt(artifacts.keySetRoot) };
    await expect(run(inputsOf(batches))).rejects.toThrow(/not what the children prove/);
    const swapped = inputsOf();
    [swapped.batches, swapped.signatures] = [swapped.signatures, swapped.batches];
    await expect(run(swapped)).rejects.toThrow(/not what the children prove/);
  });

  it('takes no proof of signatures as one of a batch', () => {
    const wrong = proof(ofBatches(), 'svm_signatures');
    expect(() => finalSignedInputs(artifacts, wrong, proof(ofSignatures()), 0n)).toThrow(
      /only svm_batch, svm_batch_small, aggregate proofs can/,
    );
  });

  it('refuses a key that is in the other set alone', async () => {
    const inputs = inputsOf();
    const { batches, signatures } = inputs as Record<string, { key_siblings: string[] }>;
    signatures!.key_siblings = batches!.key_siblings;
    await expect(run(inputs)).rejects.toThrow(/verification key is not in the key set/);
  });

  it('takes an address for its prover, or zero', async () => {
    await run(inputsOf({}, (1n << 160n) - 1n));
    await expect(run(inputsOf({}, 1n << 160n))).rejects.toThrow(/assert_max_bit_size|bit size/);
  });
});
