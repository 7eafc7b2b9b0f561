import type { VerificationFiles, VerifierLimits, VerifierSystem } from './system.js';

const KB = 1024;
/** Equations with a few pairings: some ten milliseconds, on any machine less than this. */
const PAIRINGS: VerifierLimits = {
  keyBytes: 512 * KB,
  inputsBytes: 256 * KB,
  proofBytes: 16 * KB,
  timeMs: 20_000,
};
/** Programs may put out a lot, of which only a hash is proved. */
const ZKVM: VerifierLimits = { ...PAIRINGS, inputsBytes: 4096 * KB };

/** A contract has at most 24 KiB of code, twice that as text; a call has at most as much gas as a transaction. */
const EVM: VerifierLimits = {
  keyBytes: 512 * KB,
  inputsBytes: 256 * KB,
  proofBytes: 256 * KB,
  timeMs: 120_000,
};

// Modules are loaded by the system that needs them.
const SYSTEMS = {
  groth16: {
    title: 'Groth16 over BN254, as the EVM has it',
    limits: PAIRINGS,
    verify: async (files) => (await import('./known.js')).verifyGroth16Words(files),
  },
  'groth16-snarkjs': {
    title: 'Groth16 over BN254, by snarkjs',
    limits: PAIRINGS,
    verify: async (files) => (await import('./snarkjs.js')).verifySnarkjsGroth16('bn254', files),
  },
  'groth16-bls12-381-snarkjs': {
    title: 'Groth16 over BLS12-381, by snarkjs',
    limits: PAIRINGS,
    verify: async (files) => (await import('./snarkjs.js')).verifySnarkjsGroth16('bls12-381', files),
  },
  'plonk-snarkjs': {
    title: 'PLONK over BN254, by snarkjs',
    limits: PAIRINGS,
    verify: async (files) => (await import('./snarkjs.js')).verifySnarkjsPlonk('bn254', files),
  },
  'plonk-bls12-381-snarkjs': {
    title: 'PLONK over BLS12-381, by snarkjs',
    limits: PAIRINGS,
    verify: async (files) => (await import('./snarkjs.js')).verifySnarkjsPlonk('bls12-381', files),
  },
  'fflonk-snarkjs': {
    title: 'FFLONK over BN254, by snarkjs',
    limits: PAIRINGS,
    verify: async (files) => (await import('./snarkjs.js')).verifySnarkjsFflonk(files),
  },
  'sp1-groth16': {
    title: 'SP1 v4 to v6, Groth16',
    limits: ZKVM,
    verify: async (files) => (await import('./known.js')).verifySp1(files),
  },
  'risc-zero': {
    title: 'RISC Zero, Groth16 seals',
    limits: ZKVM,
    verify: async (files) => (await import('./known.js')).verifyRiscZero(files),
  },
  evm: {
    title: 'any verifier contract, by its code',
    limits: EVM,
    verify: async (files) => (await import('./evm.js')).verifyByEvm(files),
  },
  dcap: {
    title: 'quotes of Intel SGX (versions 3, 4) and TDX (4)',
    limits: PAIRINGS,
    verify: async (files) => (await import('./dcap/verify-quote.js')).verifyQuote(files),
  },
} satisfies Record<string, VerifierSystem>;

export type VerifierSystemName = keyof typeof SYSTEMS;

/** Every proof system that can be verified, by name. */
export const VERIFIER_SYSTEMS: Readonly<Record<VerifierSystemName, VerifierSystem>> = SYSTEMS;

/** Whether a name is one of a system. */
export function isVerifierSystem(name: string): name is VerifierSystemName {
  return Object.hasOwn(SYSTEMS, name);
}

/** What of the files is larger than the system takes, in words; `undefined` when nothing is. */
export function tooLarge(system: VerifierSystemName, files: VerificationFiles): string | undefined {
  const { limits } = VERIFIER_SYSTEMS[system];
  for (const kind of ['key', 'inputs', 'proof'] as const) {
    const [bytes, most] = [files[kind].length, limits[`${kind}Bytes`]];
    if (bytes > most) return `the ${kind} has ${bytes} bytes, and ${system} takes at most ${most}`;
  }
  return undefined;
}
