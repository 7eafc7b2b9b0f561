import { fieldToHex } from '@polyproof/base';
import {
  type Artifacts,
  aggregateInputs,
  finalInputs,
  type Proof,
  type Statement,
  statementToPublicInputs,
} from '@polyproof/proofs';
import { hashFields, initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactsForTests, compiledCircuit, executor } from './circuits.js';
import { columnsOf, otherValues, usedPlaces, withValue } from './witness-columns.js';

// The children's proofs are none here: running a circuit does not verify them, proving does. These tests are
// about what else the circuits demand; packages/node tests real proofs.

let artifacts: Artifacts;
let aggregate: (inputs: unknown) => Promise<unknown>;
let final: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  artifacts = await artifactsForTests();
  aggregate = executor(artifacts, 'aggregate');
  final = executor(artifacts, 'final');
}, 300_000);

const statement = (change: Partial<Statement> = {}): Statement => ({
  prevStateRoot: 10n,
  newStateRoot: 11n,
  prevDataHash: 20n,
  newDataHash: 21n,
  firstBatch: 1n,
  lastBatch: 2n,
  exitRoot: 0n,
  configHash: 30n,
  keySetRoot: BigInt(artifacts.keySetRoot),
  ...change,
});
const next = (change: Partial<Statement> = {}) =>
  statement({
    prevStateRoot: 11n,
    newStateRoot: 12n,
    prevDataHash: 21n,
    newDataHash: 22n,
    firstBatch: 3n,
    lastBatch: 3n,
    ...change,
  });
const proof = (program: Proof['program'], says: Statement): Proof => ({
  program,
  proof: Uint8Array.from({ length: 410 * 32 }, (_, i) => (i % 32 === 31 ? i >> 8 : 0)),
  publicInputs: statementToPublicInputs(says),
});
const joined = (left: Statement, right: Statement) =>
  aggregateInputs(artifacts, proof('aggregate', left), proof('svm_batch', right));

/** Columns of which some change is accepted, where each row but those of proofs and keys is changed in all ways. */
async function acceptedColumns(
  program: 'aggregate' | 'final',
  execute: (inputs: unknown) => Promise<unknown>,
  inputs: unknown,
): Promise<string[]> {
  const accepted = new Set<string>();
  for (const column of columnsOf(compiledCircuit(artifacts, program).abi))
    for (const place of usedPlaces(inputs, column).slice(0, 3))
      for (const value of otherValues(inputs, column, place))
        await execute(withValue(inputs, place, value)).then(
          () => accepted.add(column.name),
          (error: Error) =>
            expect(error.message).toMatch(
              /not in the key set|do not join|not consecutive|differ|children prove/,
            ),
        );
  return [...accepted];
}

describe('aggregate', () => {
  it('refuses a change of any column that is looked at without proving', async () => {
    const inputs = joined(statement(), next());
    expect(await acceptedColumns('aggregate', aggregate, inputs)).toEqual([
      'left.verification_key[]',
      'left.proof[]',
      'right.verification_key[]',
      'right.proof[]',
    ]);
  });

  it('joins neighbours, of batches and of aggregations', async () => {
    await aggregate(joined(statement(), next()));
  });

  it('joins the exits of both under one root', async () => {
    for (const [left, right] of [
      [0n, 0n],
      [5n, 0n],
      [0n, 6n],
      [5n, 6n],
    ] as const) {
      const inputs = joined(statement({ exitRoot: left }), next({ exitRoot: right }));
      const root = left + right === 0n ? 0n : hashFields([11n, left, right]);
      expect((inputs.statement as Record<string, string>).exit_root).toBe(fieldToHex(root));
      await aggregate(inputs);
    }
  });

  it('refuses to leave out the exits of one child, or to change their places', async () => {
    const inputs = joined(statement({ exitRoot: 5n }), next({ exitRoot: 6n }));
    for (const wrong of [0n, 5n, 6n, hashFields([11n, 6n, 5n]), hashFields([11n, 0n, 6n])]) {
      (inputs.statement as Record<string, string>).exit_root = fieldToHex(wrong);
      await expect(aggregate(inputs)).rejects.toThrow(/not what the children prove/);
    }
  });

  for (const [field, reason] of [
    ['firstBatch', /not consecutive/],
    ['prevStateRoot', /state roots do not join/],
    ['prevDataHash', /data hashes do not join/],
    ['configHash', /configurations differ/],
  ] as const)
    it(`refuses a right child with another ${field}`, async () => {
      const wrong = next();
      wrong[field] += 1n;
      await expect(aggregate(joined(statement(), wrong))).rejects.toThrow(reason);
    });

  it('refuses children of different key sets', async () => {
    const inputs = joined(statement(), next());
    const right = inputs.right as {
      key_hash: string;
      key_index: boolean[];
      key_siblings: string[];
      statement: Record<string, string>;
    };
    right.key_siblings = right.key_siblings.map((sibling) => fieldToHex(BigInt(sibling) + 1n));
    right.statement.key_set_root = fieldToHex(
      right.key_siblings.reduce((node, sibling, level) => {
        const pair = right.key_index[level] ? [BigInt(sibling), node] : [node, BigInt(sibling)];
        return hashFields([6n, ...pair]);
      }, BigInt(right.key_hash)),
    );
    await expect(aggregate(inputs)).rejects.toThrow(/key sets differ/);
  });

  it('refuses children in the wrong order', async () => {
    await expect(aggregate(joined(next(), statement()))).rejects.toThrow(/not consecutive/);
  });

  it('refuses to say anything but what the children say', async () => {
    for (const field of [
      'prev_state_root',
      'new_state_root',
      'prev_data_hash',
      'new_data_hash',
      'first_batch',
      'last_batch',
      'exit_root',
      'config_hash',
      'key_set_root',
    ]) {
      const inputs = joined(statement(), next());
      (inputs.statement as Record<string, string>)[field] = fieldToHex(99n);
      await expect(aggregate(inputs)).rejects.toThrow(/not what the children prove/);
    }
  });

  it('refuses a key that is not in the key set', async () => {
    const inputs = joined(statement(), next());
    (inputs.left as Record<string, unknown>).key_hash = artifacts.programs.final.keyHash;
    await expect(aggregate(inputs)).rejects.toThrow(/not in the key set/);
  });

  it('refuses a key in the place of another', async () => {
    const inputs = joined(statement(), next());
    (inputs.left as Record<string, unknown>).key_index = [false, false, false];
    await expect(aggregate(inputs)).rejects.toThrow(/not in the key set/);
  });
});

describe('final', () => {
  it('refuses a change of any column that is looked at without proving, but its prover', async () => {
    const inputs = finalInputs(artifacts, proof('aggregate', statement()), 0n);
    expect(await acceptedColumns('final', final, inputs)).toEqual([
      'child.verification_key[]',
      'child.proof[]',
      'prover',
    ]);
  });

  it('passes on the statement of its child', () =>
    final(finalInputs(artifacts, proof('aggregate', statement()), 0n)));

  it('refuses to say anything else', async () => {
    const inputs = finalInputs(artifacts, proof('svm_batch', statement()), 0n);
    (inputs.statement as Record<string, string>).new_state_root = fieldToHex(99n);
    await expect(final(inputs)).rejects.toThrow(/not what the children prove/);
  });

  it('takes an address for its prover, or zero', async () => {
    const bound = (prover: bigint) => final(finalInputs(artifacts, proof('aggregate', statement()), prover));
    await bound((1n << 160n) - 1n);
    await expect(bound(1n << 160n)).rejects.toThrow(/assert_max_bit_size|bit size/);
  });

  it('is no child itself', () => {
    expect(() => finalInputs(artifacts, proof('final', statement()), 0n)).toThrow(
      /only svm_batch, svm_batch_small, aggregate proofs can/,
    );
  });
});
