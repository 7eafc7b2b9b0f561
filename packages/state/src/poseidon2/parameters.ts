import { FIELD_MODULUS, type Field } from '@polyproof/base';

/**
 * Poseidon2 over BN254 with a state of four (https://eprint.iacr.org/2023/323), as Barretenberg and
 * HorizenLabs/poseidon2 (poseidon2_instance_bn256.rs) have it.
 */
export const STATE_SIZE = 4;
/** fields that one permutation takes in */
export const RATE = STATE_SIZE - 1;
export const FULL_ROUNDS = 8;
export const PARTIAL_ROUNDS = 56;
const FIELD_BITS = 254;

/**
 * The diagonal of the matrix of partial rounds, minus one: random elements that HorizenLabs' script chose so that
 * the matrix has no invariant subspaces. There is no shorter way to name them.
 */
export const DIAGONAL: readonly Field[] = [
  0x10dc6e9c006ea38b04b1e03b4bd9490c0d03f98929ca1d7fb56821fd19d3b6e7n,
  0x0c28145b6a44df3e0149b3d0a30b3bb599df9756d4dd9b84a86b38cfb45a740bn,
  0x00544b8338791518b2c7645a50392798b21f75bb60e3596170067d00141cac15n,
  0x222c01175718386f2e2e82eb122789e352e105a3b8fa852613bc534433ee428bn,
];

/**
 * Round constants in the order of their use: four for each of the first full rounds, one for each partial round,
 * four for each of the last full rounds. They are the first field elements that the Grain LFSR gives for these
 * parameters (Poseidon, https://eprint.iacr.org/2019/458, appendix E).
 */
export function roundConstants(): Field[] {
  const nextBit = grainBits();
  const nextElement = (): Field => {
    for (;;) {
      let value = 0n;
      for (let i = 0; i < FIELD_BITS; i++) value = (value << 1n) | nextBit();
      if (value < FIELD_MODULUS) return value;
    }
  };
  return Array.from({ length: FULL_ROUNDS * STATE_SIZE + PARTIAL_ROUNDS }, nextElement);
}

function grainBits(): () => bigint {
  const parameters: [value: number, bits: number][] = [
    [1, 2], // a prime field
    [0, 4], // the S-box is a power
    [FIELD_BITS, 12],
    [STATE_SIZE, 12],
    [FULL_ROUNDS, 10],
    [PARTIAL_ROUNDS, 10],
    [2 ** 30 - 1, 30],
  ];
  const state = Uint8Array.from(
    parameters.flatMap(([value, bits]) => [...value.toString(2).padStart(bits, '0')].map(Number)),
  );
  let at = 0;
  const step = (): number => {
    let bit = 0;
    for (const tap of [62, 51, 38, 23, 13, 0]) bit ^= state[(at + tap) % state.length]!;
    state[at] = bit;
    at = (at + 1) % state.length;
    return bit;
  };
  for (let i = 0; i < 160; i++) step();
  return () => {
    // the generator is self-shrinking: the first bit of each pair says whether the second counts
    for (;;) {
      const counts = step();
      const bit = step();
      if (counts === 1) return BigInt(bit);
    }
  };
}
