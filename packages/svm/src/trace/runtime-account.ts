import type { Account } from '@polyproof/state';
import { decodeBase58, encodeBase58 } from '../base58.js';
import { TraceError } from './errors.js';

const NATIVE_LOADER = decodeBase58('NativeLoader1111111111111111111111111111111');
const SYSVAR_OWNER = decodeBase58('Sysvar1111111111111111111111111111111111111');
const INSTRUCTIONS = 'Sysvar1nstructions1111111111111111111111111';

/** What the accounts of native programs hold: their names. */
const NAMES: Readonly<Record<string, string>> = {
  '11111111111111111111111111111111': 'solana_system_program',
  BPFLoader1111111111111111111111111111111111: 'solana_bpf_loader_program',
  BPFLoader2111111111111111111111111111111111: 'solana_bpf_loader_program',
  BPFLoaderUpgradeab1e11111111111111111111111: 'solana_bpf_loader_upgradeable_program',
  ComputeBudget111111111111111111111111111111: 'compute_budget_program',
  Ed25519SigVerify111111111111111111111111111: '',
  KeccakSecp256k11111111111111111111111111111: '',
  Secp256r1SigVerify1111111111111111111111111: '',
  Vote111111111111111111111111111111111111111: 'solana_vote_program',
  ZkE1Gama1Proof11111111111111111111111111111: 'zk_elgamal_proof_program',
};

/**
 * An account that is part of the runtime, and so not of the state: of a native program or a sysvar.
 * @throws {TraceError} on the sysvar that holds the transaction's own instructions
 */
export function runtimeAccount(
  address: Uint8Array,
  sysvar: (address: Uint8Array) => Uint8Array | undefined,
): Account | null {
  const name = encodeBase58(address);
  if (name === INSTRUCTIONS)
    throw new TraceError('UNSUPPORTED_SYSVAR', 'the transaction names the sysvar of its instructions.', {
      name,
    });
  const program = NAMES[name];
  const data = program === undefined ? sysvar(address) : new TextEncoder().encode(program);
  if (data === undefined) return null;
  return {
    lamports: 1n,
    data,
    owner: program === undefined ? SYSVAR_OWNER : NATIVE_LOADER,
    executable: program !== undefined,
    rentEpoch: 0n,
  };
}
