export { type BuildModules, type BuildOptions, buildArtifacts } from './artifacts/build.js';
export { type CompileJob, compile } from './artifacts/compile.js';
export {
  type Artifacts,
  finalKeySetRoot,
  loadArtifacts,
  type ProgramArtifact,
} from './artifacts/manifest.js';
export { artifactFiles, installArtifacts, isArtifactFile } from './artifacts/share.js';
export { type CompiledContract, compileSolidity } from './artifacts/solidity.js';
export type { Flavour } from './bb.js';
export { ProofError, type ProofErrorCode } from './errors.js';
export {
  MOST_PROGRAM_BYTES,
  NOIR_VERSION,
  type NoirProgram,
  readNoirProgram,
} from './programs/noir-program.js';
export {
  type ProgramKey,
  type ProgramProof,
  ProgramProver,
  type ProgramProverOptions,
} from './programs/program-prover.js';
export { aggregateInputs, finalInputs, finalSignedInputs, withKeySet } from './recursion-inputs.js';
export {
  assertAllowed,
  LOCAL_CHAIN_ID,
  resolveSrs,
  SRS_LOG2,
  type Srs,
  type SrsKind,
} from './srs/resolve.js';
export {
  proverFromPublicInputs,
  statementFromPublicInputs,
  statementToCircuit,
  statementToPublicInputs,
} from './statement.js';
export {
  type CircuitInputs,
  PROGRAM_NAMES,
  type ProgramName,
  type Proof,
  type ProofSystem,
  type ProvingResult,
  SIGNED_PROGRAM_NAMES,
  type Statement,
} from './types.js';
export { UltraHonk, type UltraHonkOptions } from './ultra-honk.js';
export { Groth16Verifier, type Groth16VerifyingKey } from './verifiers/groth16.js';
export { RiscZeroVerifier, type RiscZeroVersion } from './verifiers/risc-zero.js';
export { VerifierSandbox, type VerifierSandboxOptions } from './verifiers/sandbox.js';
export { Sp1Verifier, type Sp1Version } from './verifiers/sp1.js';
export type { Verdict, VerificationFiles, VerifierLimits, VerifierSystem } from './verifiers/system.js';
export {
  isVerifierSystem,
  VERIFIER_SYSTEMS,
  type VerifierSystemName,
} from './verifiers/systems.js';
export type { ProofClaim, ProofVerifier } from './verifiers/types.js';
