import './fixed-seed.js';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendType, BarretenbergSync } from '@aztec/bb.js';
import {
  bytesToBigInt,
  concatBytes,
  FIELD_MODULUS,
  type Field,
  FieldError,
  fieldToBytes,
} from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HashingError } from '../src/errors.js';
import { HashPool } from '../src/hash-pool/hash-pool.js';
import { compressFields, hashFields, initHashing } from '../src/hashing.js';
import { AT, DIGITS, initialMemory, MODULUS_DIGITS, SPREAD_BYTES } from '../src/poseidon2/layout.js';
import { Poseidon2, poseidon2Program } from '../src/poseidon2/poseidon2.js';
import { TERMS } from '../src/poseidon2/recurrence.js';

/** Random elements, and those at which carries and signs go wrong first. */
const fieldArbitrary: fc.Arbitrary<Field> = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      0n,
      1n,
      FIELD_MODULUS - 1n,
      FIELD_MODULUS - 2n,
      FIELD_MODULUS / 2n,
      FIELD_MODULUS / 2n + 1n,
      2n ** 253n,
      2n ** 253n - 1n,
      2n ** 128n - 1n,
    ),
  },
  // digits of 13 bits that are all at the end of their range
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0x0fffn, 0x1000n, 0x1001n, 0x1fffn), fc.integer({ min: 1, max: 19 }))
      .map(([digit, count]) =>
        Array.from({ length: count }).reduce<bigint>((sum) => (sum << 13n) + digit, 0n),
      ),
  },
);

let bb: BarretenbergSync;
beforeAll(async () => {
  bb = await BarretenbergSync.initSingleton({ backend: BackendType.Wasm });
});
const bbHash = (inputs: Field[]) =>
  bytesToBigInt(bb.poseidon2Hash({ inputs: inputs.map(fieldToBytes) }).hash);

describe('hashFields', () => {
  it('says what to do before it is initialised', () => {
    expect(() => hashFields([1n])).toThrow(HashingError);
  });

  it("is Barretenberg's hash, at every length", async () => {
    await initHashing();
    await initHashing();
    fc.assert(
      fc.property(fc.array(fieldArbitrary, { maxLength: 40 }), (inputs) => {
        expect(hashFields(inputs)).toBe(bbHash(inputs));
      }),
      { numRuns: 200 },
    );
    for (let length = 0; length <= 40; length++) {
      const inputs = Array.from({ length }, (_, i) => FIELD_MODULUS - 1n - BigInt(i));
      expect(hashFields(inputs)).toBe(bbHash(inputs));
    }
  });

  it('refuses what is not a field element', () => {
    expect(() => hashFields([FIELD_MODULUS])).toThrow(FieldError);
    expect(() => hashFields([-1n])).toThrow(FieldError);
  });
});

/** Four fields and what they are compressed to, by Barretenberg's permutation. */
const fourArbitrary = fc.tuple(fieldArbitrary, fieldArbitrary, fieldArbitrary, fieldArbitrary);
const bbCompress = (inputs: readonly Field[]) => {
  const [first] = bb.poseidon2Permutation({ inputs: inputs.map(fieldToBytes) }).outputs;
  return (bytesToBigInt(first!) + inputs[0]!) % FIELD_MODULUS;
};

describe('compressFields', () => {
  it("is the first of Barretenberg's permuted state plus the first input", () => {
    fc.assert(
      fc.property(fourArbitrary, (inputs) => {
        expect(compressFields(inputs)).toBe(bbCompress(inputs));
      }),
      { numRuns: 100 },
    );
  });

  it('refuses what is not a field element', () => {
    expect(() => compressFields([0n, 0n, 0n, FIELD_MODULUS])).toThrow(FieldError);
  });
});

describe('Poseidon2', () => {
  const hasher = new Poseidon2(poseidon2Program());
  const hashMany = (messages: Field[][]) => {
    const fields = concatBytes(...messages.flat().map(fieldToBytes));
    const hashes = hasher.hashMany(
      fields,
      messages.map((message) => message.length),
    );
    return messages.map((_, i) => bytesToBigInt(hashes.subarray(32 * i, 32 * i + 32)));
  };

  it('is the published permutation of BN254 with a state of four', () => {
    // a message of no field leaves the state at zero: its hash is the permutation of zeros
    const zeros = { inputs: Array.from({ length: 4 }, () => new Uint8Array(32)) };
    expect(hashMany([[], []])).toEqual(
      Array(2).fill(bytesToBigInt(bb.poseidon2Permutation(zeros).outputs[0]!)),
    );
    // HorizenLabs/poseidon2, plain_implementations/src/poseidon2/poseidon2_instance_bn256.rs (t = 4, kats): what
    // the hash is compared with below is built on the same permutation
    const kat = bb.poseidon2Permutation({ inputs: [0n, 1n, 2n, 3n].map(fieldToBytes) }).outputs[0]!;
    expect(bytesToBigInt(kat).toString(16)).toBe(
      '1bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737',
    );
  });

  it("gives Barretenberg's hashes, whatever shares the lanes", () => {
    const message = fc.array(fieldArbitrary, { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 13 }), (messages) => {
        expect(hashMany(messages)).toEqual(messages.map(bbHash));
      }),
      { numRuns: 60 },
    );
  });

  it('compresses any number of nodes, between hashes too', () => {
    fc.assert(
      fc.property(fc.array(fourArbitrary, { maxLength: 11 }), (nodes) => {
        const results = hasher.compressMany(concatBytes(...nodes.flat().map(fieldToBytes)));
        expect(nodes.map((_, i) => bytesToBigInt(results.subarray(32 * i, 32 * i + 32)))).toEqual(
          nodes.map(bbCompress),
        );
        expect(results).toHaveLength(32 * nodes.length);
        expect(hashMany(nodes)).toEqual(nodes.map(bbHash));
      }),
      { numRuns: 40 },
    );
  });

  it('takes messages that do not fit into its memory, alone and beside others', () => {
    const long = (length: number, start: bigint) => Array.from({ length }, (_, i) => start + BigInt(i) ** 9n);
    const messages = [
      long(5_000, 1n),
      [1n, 2n],
      long(4_999, 2n),
      long(1, 3n),
      long(2_600, 4n),
      long(700, 5n),
    ];
    expect(hashMany(messages)).toEqual(messages.map(bbHash));
  });

  it('cannot overflow a column, whatever the elements of the partial rounds are', () => {
    const digits = new Int16Array(initialMemory().buffer);
    const sumOfDigits = (address: number, count: number) => {
      let sum = 0;
      for (let c = 0; c < count; c++) sum += Math.abs(digits[(address + 16 * c) / 2]!);
      return sum;
    };
    const reduction = sumOfDigits(AT.negativeModulus, MODULUS_DIGITS);
    // digits of elements are at most 4,096, and a few more where they were carried once only
    const unit = 4_096 + 8;
    let most = 0;
    for (let at = AT.steps; at < AT.first; at += TERMS * SPREAD_BYTES) {
      let sum = reduction;
      for (let term = 0; term < TERMS; term++) sum += sumOfDigits(at + term * SPREAD_BYTES, DIGITS);
      most = Math.max(most, sum * unit);
    }
    expect(most).toBeGreaterThan(2 ** 29);
    expect(most + 2 ** 26).toBeLessThan(2 ** 31);
  });

  it('does not remember what it hashed before', () => {
    const first = hashMany([[1n, 2n, 3n], [4n]]);
    hashMany([Array.from({ length: 900 }, () => FIELD_MODULUS - 1n)]);
    expect(hashMany([[1n, 2n, 3n], [4n]])).toEqual(first);
  });
});

describe('HashPool', () => {
  let pool: HashPool;
  beforeAll(() => {
    pool = new HashPool({ threads: 3 });
  });
  afterAll(() => pool.close());

  const nodes = (count: number) => {
    const fields = Buffer.concat(
      Array.from({ length: count * 3 }, (_, i) => fieldToBytes(BigInt(i) ** 11n % FIELD_MODULUS)),
    );
    return { fields, counts: new Uint32Array(count).fill(3) };
  };

  it('gives the same hashes on several threads, and leaves what it was given as it was', async () => {
    const { fields, counts } = nodes(1_500);
    const alone = new Poseidon2(poseidon2Program()).hashMany(fields, counts);
    const before = Buffer.from(fields);
    const results = await Promise.all([pool.hashMany(fields, counts), pool.hashMany(fields, counts)]);
    for (const hashes of results) expect(Buffer.compare(hashes, alone)).toBe(0);
    expect(fields.equals(before)).toBe(true);
    expect(counts.length).toBe(1_500);
    expect(pool.statistics.hashes).toBe(3_000);
    expect(pool.statistics.permutations).toBe(3_000);
  });

  it('compresses the same on several threads', async () => {
    const { fields } = nodes(1_600);
    const alone = new Poseidon2(poseidon2Program()).compressMany(fields);
    const before = Buffer.from(fields);
    const { permutations, hashes } = { ...pool.statistics };
    for (const results of await Promise.all([pool.compressMany(fields), pool.compressMany(fields)]))
      expect(Buffer.compare(results, alone)).toBe(0);
    expect(fields.equals(before)).toBe(true);
    expect(pool.statistics.permutations - permutations).toBe(2_400);
    expect(pool.statistics.hashes - hashes).toBe(2_400);
    const few = fields.subarray(0, 256);
    expect(Buffer.compare(await pool.compressMany(few), alone.subarray(0, 64))).toBe(0);
  });

  it('hashes messages of any length, and none', async () => {
    const lengths = [2_000, 0, 3, 1, 4_000, 7, 0, 2];
    const fields = Buffer.alloc(32 * lengths.reduce((sum, length) => sum + length), 1);
    const hashes = await pool.hashMany(fields, Uint32Array.from(lengths));
    lengths.forEach((length, i) => {
      const ones = Array<bigint>(length).fill(bytesToBigInt(new Uint8Array(32).fill(1)));
      expect(bytesToBigInt(hashes.subarray(32 * i, 32 * i + 32))).toBe(bbHash(ones));
    });
    expect(await pool.hashMany(new Uint8Array(0), new Uint32Array(0))).toHaveLength(0);
  });

  it('does not keep its process alive', async () => {
    const index = new URL('../dist/index.js', import.meta.url).href;
    const script = `
      const { HashPool } = await import(${JSON.stringify(index)});
      const pool = new HashPool({ threads: 3 });
      const hashes = await pool.hashMany(new Uint8Array(96 * 500), new Uint32Array(500).fill(3));
      process.stdout.write(String(hashes.length));
      if (process.argv[1] === 'close') {
        await pool.close();
        process.stdout.write(' closed');
      }`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout).toBe('16000');
    // and is closed before the process ends, where it is
    const closed = await run(process.execPath, ['--input-type=module', '-e', script, 'close']);
    expect(closed.stdout).toBe('16000 closed');
  });

  it('refuses work when it is closed, also work that is under way', async () => {
    const closing = new HashPool({ threads: 2 });
    const { fields, counts } = nodes(3_000);
    const work = expect(closing.hashMany(fields, counts)).rejects.toThrow(HashingError);
    await closing.close();
    await work;
    await expect(closing.hashMany(fields, counts)).rejects.toThrow(/it was closed/);
    await closing.close();
  });
});
