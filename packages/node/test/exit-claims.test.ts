import { initHashing } from '@polyproof/state';
import { type Exit, sequenceExitRoot } from '@polyproof/svm';
import { beforeAll, expect, it } from 'vitest';
import { exitClaims } from '../src/exit-claims.js';

beforeAll(initHashing);

const [alice, bob] = [1, 2].map((n) => new Uint8Array(20).fill(n)) as [Uint8Array, Uint8Array];
const exit = (recipient: Uint8Array, lamports: bigint): Exit => ({ recipient, lamports });
/** by batch */
const EXITS: Exit[][] = [[], [exit(alice, 1n), exit(bob, 2n)], [], [], [exit(alice, 3n)], [exit(bob, 4n)]];
const exitsOf = async (batch: bigint) => EXITS[Number(batch)] ?? [];
/** Sequences of the batches 1 to 3, 4, and 5, of which the last is not verified. */
const SEQUENCES = [
  [1n, 3n],
  [4n, 4n],
  [5n, 5n],
] as const;

function modules(paid: string[] = []) {
  return {
    settlement: {
      getState: async () => ({ verifiedSequence: 2n }) as never,
      getSequence: async (sequence: bigint) => {
        const [firstBatch, lastBatch] = SEQUENCES[Number(sequence) - 1]!;
        return { firstBatch, lastBatch } as never;
      },
    },
    bridge: {
      getExitRoot: async (sequence: bigint) => {
        const [first, last] = SEQUENCES[Number(sequence) - 1]!;
        return sequenceExitRoot(EXITS.slice(Number(first), Number(last) + 1));
      },
      isClaimed: async ({ sequence, bits }: { sequence: bigint; bits: bigint }) =>
        paid.includes(`${sequence} ${bits}`),
    },
    getExits: exitsOf,
  };
}

it("finds an account's exits of verified sequences that are not paid", async () => {
  const claims = await exitClaims(alice, modules());
  expect(claims.map(({ sequence, lamports, bits }) => [sequence, lamports, bits])).toEqual([
    [1n, 1n, 0n],
    [2n, 3n, 0n],
  ]);
  expect(claims.map(({ siblings }) => siblings.length)).toEqual([4, 2]);
  expect((await exitClaims(alice, modules(['1 0']))).map(({ lamports }) => lamports)).toEqual([3n]);
  expect((await exitClaims(bob, modules())).map(({ lamports, bits }) => [lamports, bits])).toEqual([
    [2n, 1n],
  ]);
});

it('refuses exits of a node that are not those that were proved', async () => {
  const liar = { ...modules(), getExits: async () => [exit(alice, 100n)] };
  await expect(exitClaims(alice, liar)).rejects.toMatchObject({ code: 'WRONG_EXITS' });
});
