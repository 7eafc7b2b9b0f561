import { ProofError } from '../errors.js';
import type { G1Point, G2Point, PairingCurve } from './curves.js';

export interface Groth16Points {
  alpha: G1Point;
  beta: G2Point;
  gamma: G2Point;
  delta: G2Point;
  /** ic[0] + sum of inputs[i] * ic[i + 1] */
  ic: readonly G1Point[];
}

/** The equation of Groth16 for one key, over any curve. */
export class Groth16Equation {
  readonly #curve: PairingCurve;
  readonly #key: Groth16Points;

  /** @throws {ProofError} `BAD_KEY` for a point at infinity, and for a setup that nobody contributed to */
  constructor(curve: PairingCurve, key: Groth16Points) {
    const { alpha, beta, gamma, delta, ic } = key;
    const named = { alpha, beta, gamma, delta, ...Object.fromEntries(ic.map((one, i) => [`ic[${i}]`, one])) };
    for (const [name, point] of Object.entries(named))
      if (point.is0())
        throw new ProofError(
          'BAD_KEY',
          `${name} of the verification key is not a point that a key may have: it is infinity.`,
        );
    if (gamma.equals(delta))
      throw new ProofError(
        'BAD_KEY',
        'gamma and delta of the verification key are equal: nobody contributed to its setup, and anybody can forge proofs.',
      );
    if (ic.length === 0) throw new ProofError('BAD_KEY', 'ic of the verification key is empty.');
    this.#curve = curve;
    this.#key = key;
  }

  /** how many public inputs the key takes */
  get inputCount(): number {
    return this.#key.ic.length - 1;
  }

  /** Whether the proof shows that the inputs satisfy the key's circuit; inputs have to be reduced. */
  holds({ a, b, c }: { a: G1Point; b: G2Point; c: G1Point }, inputs: readonly bigint[]): boolean {
    if (inputs.length !== this.inputCount) return false;
    if (inputs.some((input) => input < 0n || input >= this.#curve.order)) return false;
    const { alpha, beta, gamma, delta, ic } = this.#key;
    const sum = this.#curve.combine(ic.map((point, i) => [point, i === 0 ? 1n : inputs[i - 1]!]));
    return this.#curve.pairingIsOne([
      { g1: a.negate(), g2: b },
      { g1: alpha, g2: beta },
      { g1: sum, g2: gamma },
      { g1: c, g2: delta },
    ]);
  }
}
