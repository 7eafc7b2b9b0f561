import './fixed-seed.js';
import { BackendType, BarretenbergSync } from '@aztec/bb.js';
import { bytesToBigInt, FIELD_MODULUS, type Field, FieldError, fieldToBytes } from '@polyproof/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HashingError } from '../src/errors.js';
import { hashFields, initHashing } from '../src/hashing.js';

describe('hashFields', () => {
  it('says what to do before it is initialised', () => {
    expect(() => hashFields([1n])).toThrow(HashingError);
  });

  describe('initialised', () => {
    let api: BarretenbergSync;
    beforeAll(async () => {
      await initHashing();
      await initHashing();
      api = await BarretenbergSync.initSingleton({ backend: BackendType.Wasm });
    });

    const permute = (state: Field[]): Field[] =>
      api.poseidon2Permutation({ inputs: state.map(fieldToBytes) }).outputs.map(bytesToBigInt);

    it('builds on the published Poseidon2 permutation of BN254 with a state of four', () => {
      // HorizenLabs/poseidon2, plain_implementations/src/poseidon2/poseidon2_instance_bn256.rs (t = 4, kats)
      expect(permute([0n, 1n, 2n, 3n]).map((x) => x.toString(16).padStart(64, '0'))).toEqual([
        '01bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737',
        '239b62e7db98aa3a2a8f6a0d2fa1709e7a35959aa6c7034814d9daa90cbac662',
        '04cbb44c61d928ed06808456bf758cbf0c18d1e15a7b6dbc8245fa7515d5e3cb',
        '2e11c5cff2a22c64d01304b778d78f6998eff1ab73163a35603f54794c30847a',
      ]);
    });

    it('is the sponge of rate three over that permutation', () => {
      const fields = fc.array(fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n }), {
        minLength: 1,
        maxLength: 10,
      });
      fc.assert(
        fc.property(fields, (inputs) => {
          let state = [0n, 0n, 0n, BigInt(inputs.length) << 64n];
          for (let at = 0; at < inputs.length; at += 3) {
            for (let i = 0; i < 3; i++) state[i] = (state[i]! + (inputs[at + i] ?? 0n)) % FIELD_MODULUS;
            state = permute(state);
          }
          expect(hashFields(inputs)).toBe(state[0]);
        }),
        { numRuns: 100 },
      );
    });

    it('refuses what is not a field element', () => {
      expect(() => hashFields([FIELD_MODULUS])).toThrow(FieldError);
      expect(() => hashFields([-1n])).toThrow(FieldError);
    });
  });
});
