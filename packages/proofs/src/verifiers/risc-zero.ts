import { createHash } from 'node:crypto';
import { bytesToBigInt, concatBytes, equalBytes, fromHex, type Hex, splitBytes32 } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { Groth16, type Groth16VerifyingKey } from './groth16.js';
import type { ProofClaim, ProofVerifier } from './types.js';

const SELECTOR_BYTES = 4;
const ZERO = new Uint8Array(32);

/** What a version of RISC Zero's zkVM verifies its Groth16 seals with. */
export interface RiscZeroVersion {
  key: Groth16VerifyingKey;
  /** 4 bytes that its seals begin with */
  selector: Hex;
  /** root of the recursion programs that it may use */
  controlRoot: Hex;
  /** the recursion program that ends in BN254, as a scalar: the bytes of the control id reversed */
  bn254ControlId: Hex;
}

/**
 * Verifies RISC Zero's Groth16 seals of one version. Accepted is what RISC Zero's `ReceiptClaim::ok` describes: the
 * program halted with exit code 0, the claim has no input and depends on no assumptions.
 */
export class RiscZeroVerifier implements ProofVerifier {
  readonly #groth16: Groth16;
  readonly #selector: Uint8Array;
  readonly #controlRoot: Uint8Array;
  readonly #bn254ControlId: bigint;

  /** @throws {ProofError} `BAD_KEY`, also for a key of another number of inputs */
  constructor(version: RiscZeroVersion) {
    this.#groth16 = new Groth16(version.key);
    if (this.#groth16.inputCount !== 5)
      throw new ProofError(
        'BAD_KEY',
        `a key of RISC Zero takes 5 public inputs, this one ${this.#groth16.inputCount}.`,
      );
    this.#selector = fromHex(version.selector, SELECTOR_BYTES);
    this.#controlRoot = fromHex(version.controlRoot, 32);
    this.#bn254ControlId = bytesToBigInt(fromHex(version.bn254ControlId, 32));
  }

  async verify({ programId, publicValues, proof }: ProofClaim): Promise<boolean> {
    if (!equalBytes(proof.subarray(0, SELECTOR_BYTES), this.#selector) || programId.length !== 32)
      return false;
    const claim = claimDigest(programId, sha256(publicValues));
    const inputs = [...halves(this.#controlRoot), ...halves(claim), this.#bn254ControlId];
    return this.#groth16.verify(proof.subarray(SELECTOR_BYTES), inputs);
  }
}

function claimDigest(imageId: Uint8Array, journalDigest: Uint8Array): Uint8Array {
  const noAssumptions = ZERO;
  const noInput = ZERO;
  // The system's state after a program that halted: nothing is left of it.
  const halted = struct('risc0.SystemState', [ZERO], [0]);
  const output = struct('risc0.Output', [journalDigest, noAssumptions], []);
  const exitCodes = [0, 0];
  return struct('risc0.ReceiptClaim', [noInput, imageId, halted, output], exitCodes);
}

/** How RISC Zero hashes a structure: its tag, the digests in it, its numbers, and how many digests there were. */
function struct(tag: string, digests: Uint8Array[], numbers: number[]): Uint8Array {
  const rest = Buffer.alloc(4 * numbers.length + 2);
  numbers.forEach((number, i) => {
    rest.writeUInt32LE(number, 4 * i);
  });
  rest.writeUInt16LE(digests.length, 4 * numbers.length);
  return sha256(concatBytes(sha256(Buffer.from(tag)), ...digests, rest));
}

/** A digest as scalars: it is a little-endian number, its lower half comes first. */
function halves(digest: Uint8Array): [low: bigint, high: bigint] {
  const [high, low] = splitBytes32(digest);
  return [low, high];
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
