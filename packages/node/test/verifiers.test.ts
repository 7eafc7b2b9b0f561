import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, silentLogger, toHex } from '@polyproof/base';
import {
  type Anvil,
  groth16VerifierAbi,
  groth16VerifierBytecode,
  riscZeroVerifierAbi,
  riscZeroVerifierBytecode,
  sp1VerifierAbi,
  sp1VerifierBytecode,
  startAnvil,
} from '@polyproof/chain';
import {
  Groth16Verifier,
  type Groth16VerifyingKey,
  type ProofClaim,
  type ProofVerifier,
  RiscZeroVerifier,
  type RiscZeroVersion,
  Sp1Verifier,
  type Sp1Version,
  VERIFIER_SYSTEMS,
} from '@polyproof/proofs';
import fc from 'fast-check';
import { getContractAddress, type Hex, zeroHash } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY } from '../src/index.js';
import { localContracts } from './deploy-contract.js';

// The verifiers of packages/proofs against the contracts: whatever the proof, both say the same.

type Vector = Sp1Version & RiscZeroVersion & Record<'programId' | 'publicValues' | 'proof', Hex>;
interface System {
  claim: ProofClaim;
  verifier: ProofVerifier;
  onChain(claim: ProofClaim): Promise<boolean>;
  address: Hex;
}

const NAMES = ['groth16-snarkjs', 'sp1-v4', 'sp1-v5', 'sp1-v6', 'risc-zero-v5'] as const;
type Name = (typeof NAMES)[number];
const { Point: G1 } = bn254.G1;
const { Point: G2 } = bn254.G2;

let anvil: Anvil;
let codeAt: (address: Hex) => Promise<Hex>;
const systems = {} as Record<Name, System>;

beforeAll(async () => {
  anvil = await startAnvil({ logger: silentLogger });
  const { reader, deploy } = localContracts(anvil.url);
  codeAt = async (address) => (await reader.getCode({ address }))!;

  {
    const { key, publicInputs, proof } = read<{ key: Groth16VerifyingKey; publicInputs: Hex[]; proof: Hex }>(
      'groth16-snarkjs',
    );
    const verifier = new Groth16Verifier(key);
    const address = await deploy({
      abi: groth16VerifierAbi,
      bytecode: groth16VerifierBytecode,
      args: [argument(key)],
    });
    systems['groth16-snarkjs'] = {
      verifier,
      address,
      claim: {
        programId: verifier.programId,
        publicValues: concatBytes(...publicInputs.map((input) => fromHex(input))),
        proof: fromHex(proof),
      },
      onChain: ({ publicValues, proof }) =>
        reader.readContract({
          address,
          abi: groth16VerifierAbi,
          functionName: 'verify',
          args: [toHex(proof), words(publicValues).map((word) => toHex(bigIntToBytes(word, 32)))],
        }),
    };
  }
  for (const name of ['sp1-v4', 'sp1-v5', 'sp1-v6', 'risc-zero-v5'] as const) {
    const vector = read<Vector>(name);
    const { key, selector, vkRoot = zeroHash, controlRoot, bn254ControlId } = vector;
    const risc0 = name === 'risc-zero-v5';
    const address = await deploy(
      risc0
        ? {
            abi: riscZeroVerifierAbi,
            bytecode: riscZeroVerifierBytecode,
            args: [argument(key), selector, controlRoot, bn254ControlId],
          }
        : { abi: sp1VerifierAbi, bytecode: sp1VerifierBytecode, args: [argument(key), selector, vkRoot] },
    );
    systems[name] = {
      address,
      verifier: risc0 ? new RiscZeroVerifier(vector) : new Sp1Verifier(vector),
      claim: {
        programId: fromHex(vector.programId),
        publicValues: fromHex(vector.publicValues),
        proof: fromHex(vector.proof),
      },
      onChain: ({ programId, publicValues, proof }) =>
        reader.readContract({
          address,
          abi: sp1VerifierAbi, // verifyProgram is the same in both
          functionName: 'verifyProgram',
          args: [toHex(programId), toHex(publicValues), toHex(proof)],
        }),
    };
  }
});
afterAll(() => anvil?.close());

/** Ways to make another proof of one, most of them wrong. Points are the last 256 bytes. */
const CHANGES: Record<string, (claim: ProofClaim, random: bigint) => ProofClaim> = {
  'none at all': (claim) => claim,
  // A and B may be multiplied by a number and its inverse: this one is right.
  'A and B multiplied': (claim, random) => {
    const { a, b } = points(claim);
    const inverse = bn254.fields.Fr.inv(random);
    return withPoints(claim, g1(a.multiply(random)), g2(b.multiply(inverse)));
  },
  'A multiplied': (claim, random) => withPoints(claim, g1(points(claim).a.multiply(random))),
  'A negated': (claim) => withPoints(claim, g1(points(claim).a.negate())),
  'A and B negated': (claim) => withPoints(claim, g1(points(claim).a.negate()), g2(points(claim).b.negate())),
  'A at infinity': (claim) => withPoints(claim, new Uint8Array(64)),
  'B at infinity': (claim) => withPoints(claim, undefined, new Uint8Array(128)),
  'a bit of the proof': (claim, random) => ({ ...claim, proof: flipped(claim.proof, random) }),
  'a bit of the public values': (claim, random) => ({
    ...claim,
    publicValues: flipped(claim.publicValues, random),
  }),
  'a coordinate that is not reduced': (claim, random) => {
    const at = claim.proof.length - 32 * (1 + Number(random % 8n));
    const word = bytesToBigInt(claim.proof.subarray(at, at + 32)) + bn254.fields.Fp.ORDER;
    return { ...claim, proof: replaced(claim.proof, at, bigIntToBytes(word, 32)) };
  },
  'another length': (claim, random) => ({
    ...claim,
    proof: claim.proof.subarray(0, Number(random % BigInt(claim.proof.length))),
  }),
};
const RIGHT = ['none at all', 'A and B multiplied', 'A and B negated'];

it.each(NAMES)('%s: contract and package agree on every proof', async (name) => {
  const { claim, verifier, onChain } = systems[name];
  const change = fc.constantFrom(...Object.keys(CHANGES));
  const random = fc.bigInt({ min: 2n, max: bn254.fields.Fr.ORDER - 1n });
  await fc.assert(
    fc.asyncProperty(change, random, async (kind, number) => {
      const changed = CHANGES[kind]!(claim, number);
      const accepted = await verifier.verify(changed);
      expect(accepted).toBe(RIGHT.includes(kind));
      expect(await onChain(changed)).toBe(accepted);
    }),
    { numRuns: 60, examples: Object.keys(CHANGES).map((kind) => [kind, 3n]) },
  );
});

it.each(NAMES)('%s: the contract in an EVM of this process says the same', async (name) => {
  const { claim, address, onChain } = systems[name];
  const keyContract = getContractAddress({ from: address, nonce: 1n });
  const program = { call: 'program', programId: toHex(claim.programId) };
  const key = {
    to: address,
    accounts: {
      [address]: { code: await codeAt(address) },
      [keyContract]: { code: await codeAt(keyContract) },
    },
    ...(name === 'groth16-snarkjs' ? { call: 'bytes-words' } : program),
  };
  const byEvm = ({ publicValues, proof }: ProofClaim) =>
    VERIFIER_SYSTEMS.evm.verify({
      key: new TextEncoder().encode(JSON.stringify(key)),
      inputs: publicValues,
      proof,
    });
  expect(await byEvm(claim)).toBe(true);
  for (const kind of ['A and B negated', 'A negated', 'a bit of the proof', 'another length']) {
    const changed = CHANGES[kind]!(claim, 77n);
    expect(await byEvm(changed), kind).toBe(await onChain(changed));
  }
});

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(REPOSITORY, `contracts/test/vectors/${name}.json`), 'utf8')) as T;
}

/** A key as the constructors take it. */
function argument(key: Groth16VerifyingKey) {
  const numbers = (words: readonly Hex[]) => words.map(BigInt);
  const ic = numbers(key.ic);
  return {
    alpha: numbers(key.alpha),
    beta: numbers(key.beta),
    gamma: numbers(key.gamma),
    delta: numbers(key.delta),
    ic: Array.from({ length: ic.length / 2 }, (_, i) => ic.slice(2 * i, 2 * i + 2)),
  };
}

function points({ proof }: ProofClaim) {
  const [ax, ay, bx1, bx0, by1, by0] = words(proof.subarray(-256)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const b = G2.fromAffine({ x: { c0: bx0, c1: bx1 }, y: { c0: by0, c1: by1 } });
  return { a: G1.fromAffine({ x: ax, y: ay }), b };
}

function withPoints(claim: ProofClaim, a?: Uint8Array, b?: Uint8Array): ProofClaim {
  const proof = claim.proof.slice();
  if (a !== undefined) proof.set(a, proof.length - 256);
  if (b !== undefined) proof.set(b, proof.length - 192);
  return { ...claim, proof };
}

function g1(point: InstanceType<typeof G1>): Uint8Array {
  const { x, y } = point.toAffine();
  return concatBytes(bigIntToBytes(x, 32), bigIntToBytes(y, 32));
}

function g2(point: InstanceType<typeof G2>): Uint8Array {
  const { x, y } = point.toAffine();
  return concatBytes(...[x.c1, x.c0, y.c1, y.c0].map((value) => bigIntToBytes(value, 32)));
}

function flipped(bytes: Uint8Array, random: bigint): Uint8Array {
  const bit = Number(random % BigInt(8 * bytes.length));
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function replaced(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(part, at);
  return copy;
}

function words(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bytesToBigInt(bytes.subarray(32 * i, 32 * i + 32)),
  );
}
