import { fromHex } from '@polyproof/base';
import { z } from 'zod';
import { Groth16Verifier } from './groth16.js';
import { hex, parseJson, word } from './layouts.js';
import { RiscZeroVerifier } from './risc-zero.js';
import { Sp1Verifier } from './sp1.js';
import type { VerificationFiles } from './system.js';

const words = z.array(word).readonly();
const groth16 = z.object({
  alpha: words,
  beta: words,
  gamma: words,
  delta: words,
  ic: words,
});
const selector = hex.refine((text) => text.length === 10, 'is not of 4 bytes');
const sp1 = z.object({ key: groth16, selector, vkRoot: word.optional(), programId: word });
const riscZero = z.object({
  key: groth16,
  selector,
  controlRoot: word,
  bn254ControlId: word,
  programId: word,
});

/** Groth16 over BN254 as the EVM has it: a {@link Groth16VerifyingKey}, words, 256 bytes. */
export function verifyGroth16Words({ key, inputs, proof }: VerificationFiles): Promise<boolean> {
  const verifier = new Groth16Verifier(parseJson('key', key, groth16));
  return verifier.verify({ programId: verifier.programId, publicValues: inputs, proof });
}

/** SP1's Groth16: the key file is an {@link Sp1Version} with the `programId`. */
export function verifySp1({ key, inputs, proof }: VerificationFiles): Promise<boolean> {
  const { programId, vkRoot, ...version } = parseJson('key', key, sp1);
  const verifier = new Sp1Verifier(vkRoot === undefined ? version : { ...version, vkRoot });
  return verifier.verify({ programId: fromHex(programId), publicValues: inputs, proof });
}

/** RISC Zero's seals: the key file is a {@link RiscZeroVersion} with the `programId`. */
export function verifyRiscZero({ key, inputs, proof }: VerificationFiles): Promise<boolean> {
  const { programId, ...version } = parseJson('key', key, riscZero);
  return new RiscZeroVerifier(version).verify({
    programId: fromHex(programId),
    publicValues: inputs,
    proof,
  });
}
