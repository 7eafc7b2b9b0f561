import type { Hex } from 'viem';
import { type G1Point, type G2Point, isSigned, sumOfKeys, sumOfSignatures } from './bls.js';

/** A verifier of the present set. */
export interface Member {
  /** its number in the registry */
  index: number;
  stakeWei: bigint;
  key2: G2Point;
}

/** The verifiers whose signatures count. */
export interface VerifierSet {
  epoch: number;
  /** ascending by number */
  members: readonly Member[];
}

/** `Certificate` of contracts/src/interfaces/IVerifierRegistry.sol. */
export interface Certificate {
  epoch: number;
  absent: readonly number[];
  key: G2Point;
  signature: G1Point;
}

/** Collects signatures of one digest until two thirds of the stake and of the verifiers have signed. */
export class CertificateBuilder {
  readonly #signatures = new Map<number, G1Point>();
  readonly #set: VerifierSet;
  readonly digest: Hex;

  constructor(set: VerifierSet, digest: Hex) {
    this.#set = set;
    this.digest = digest;
  }

  /**
   * Takes a signature, once it was verified: one bad one would spoil the sum.
   * @returns whether it counts: it is good, by a member of the set
   */
  add(index: number, signature: G1Point): boolean {
    const member = this.#set.members.find((other) => other.index === index);
    if (member === undefined || !isSigned(this.digest, member.key2, signature)) return false;
    this.#signatures.set(index, signature);
    return true;
  }

  get hasQuorum(): boolean {
    const { members } = this.#set;
    const signers = members.filter(({ index }) => this.#signatures.has(index));
    const stake = (of: readonly Member[]) => of.reduce((sum, { stakeWei }) => sum + stakeWei, 0n);
    return (
      signers.length > 0 &&
      3n * stake(signers) >= 2n * stake(members) &&
      3 * signers.length >= 2 * members.length
    );
  }

  /** @returns nothing before there is a quorum */
  build(): Certificate | undefined {
    if (!this.hasQuorum) return undefined;
    const signed = ({ index }: Member) => this.#signatures.has(index);
    const { epoch, members } = this.#set;
    return {
      epoch,
      absent: members.filter((member) => !signed(member)).map(({ index }) => index),
      key: sumOfKeys(members.filter(signed).map(({ key2 }) => key2)),
      signature: sumOfSignatures([...this.#signatures.values()]),
    };
  }
}
