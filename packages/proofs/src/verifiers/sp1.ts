import { createHash } from 'node:crypto';
import { bytesToBigInt, equalBytes, fromHex, type Hex } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { GROTH16_PROOF_BYTES, Groth16, type Groth16VerifyingKey, words } from './groth16.js';
import type { ProofClaim, ProofVerifier } from './types.js';

const SELECTOR_BYTES = 4;
const HEADER_BYTES = 3 * 32;
/** SP1 clears the digest's upper three bits, so that it is a BN254 scalar. */
const DIGEST_MASK = (1n << 253n) - 1n;

/** What a version of SP1 verifies its Groth16 proofs with. */
export interface Sp1Version {
  /** takes 2 public inputs (v4, v5) or 5 (v6): that tells the layout of proofs */
  key: Groth16VerifyingKey;
  /** 4 bytes that its proofs begin with */
  selector: Hex;
  /** root of the verification keys of its recursion; from v6 on */
  vkRoot?: Hex;
}

/** Verifies SP1's Groth16 proofs of one version; contracts/src/verifiers/Sp1Verifier.sol describes the layouts. */
export class Sp1Verifier implements ProofVerifier {
  readonly #groth16: Groth16;
  readonly #selector: Uint8Array;
  readonly #vkRoot: bigint | undefined;

  /** @throws {ProofError} `BAD_KEY`, also for a key of another number of inputs, and a root where none belongs */
  constructor(version: Sp1Version) {
    this.#groth16 = new Groth16(version.key);
    this.#selector = fromHex(version.selector, SELECTOR_BYTES);
    const { inputCount } = this.#groth16;
    if (inputCount !== 2 && inputCount !== 5)
      throw new ProofError(
        'BAD_KEY',
        `a key of SP1 takes 2 public inputs (v4, v5) or 5 (v6), this one ${inputCount}.`,
      );
    if ((inputCount === 5) !== (version.vkRoot !== undefined))
      throw new ProofError('BAD_KEY', 'a root of verification keys belongs to SP1 v6, and only there.');
    if (version.vkRoot !== undefined) this.#vkRoot = bytesToBigInt(fromHex(version.vkRoot, 32));
  }

  async verify({ programId, publicValues, proof }: ProofClaim): Promise<boolean> {
    const header = SELECTOR_BYTES + (this.#vkRoot === undefined ? 0 : HEADER_BYTES);
    if (proof.length !== header + GROTH16_PROOF_BYTES) return false;
    if (!equalBytes(proof.subarray(0, SELECTOR_BYTES), this.#selector) || programId.length !== 32)
      return false;
    const digest = bytesToBigInt(createHash('sha256').update(publicValues).digest()) & DIGEST_MASK;
    const inputs = [bytesToBigInt(programId), digest];
    if (this.#vkRoot !== undefined) {
      const [exitCode, vkRoot, nonce] = words(proof.subarray(SELECTOR_BYTES, header));
      if (exitCode !== 0n || vkRoot !== this.#vkRoot) return false;
      inputs.push(exitCode, vkRoot, nonce!);
    }
    return this.#groth16.verify(proof.subarray(header), inputs);
  }
}
