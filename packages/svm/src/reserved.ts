import { encodeBase58 } from './base58.js';

/** Addresses of the programs that are part of the runtime, and of other things that Agave reserves. */
const PROGRAMS = [
  '11111111111111111111111111111111',
  'AddressLookupTab1e1111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'ComputeBudget111111111111111111111111111111',
  'Config1111111111111111111111111111111111111',
  'Ed25519SigVerify111111111111111111111111111',
  'Feature111111111111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
  'NativeLoader1111111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
  'Stake11111111111111111111111111111111111111',
  'StakeConfig11111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'ZkE1Gama1Proof11111111111111111111111111111',
  'ZkTokenProof1111111111111111111111111111111',
];

const SYSVARS = [
  'Sysvar1111111111111111111111111111111111111',
  'Sysvar1nstructions1111111111111111111111111',
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarEpochRewards1111111111111111111111111',
  'SysvarEpochSchedu1e111111111111111111111111',
  'SysvarFees111111111111111111111111111111111',
  'SysvarLastRestartS1ot1111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
  'SysvarRent111111111111111111111111111111111',
  'SysvarRewards111111111111111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarS1otHistory11111111111111111111111111',
  'SysvarStakeHistory1111111111111111111111111',
];

/** Programs that clients expect at these addresses: lamports sent there would be lost. */
const WELL_KNOWN_PROGRAMS = [
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
];

export const SYSTEM_PROGRAM = new Uint8Array(32);

/** Base-58 addresses of the accounts that the runtime itself keeps: Agave's list of reserved account keys. */
export const RESERVED_ADDRESSES: readonly string[] = [...PROGRAMS, ...SYSVARS];

const REASONS: ReadonlyMap<string, string> = new Map([
  ...PROGRAMS.map((address) => [address, 'a native program'] as const),
  ...SYSVARS.map((address) => [address, 'a sysvar'] as const),
  ...WELL_KNOWN_PROGRAMS.map((address) => [address, 'the address of a well-known program'] as const),
]);

/** Every address that no transaction may use as an account: the circuit refuses the same ones. */
export const REFUSED_ADDRESSES: readonly string[] = [...REASONS.keys()];

/** What the account at this address is, where no transaction may use it; undefined for ordinary ones. */
export function reservedReason(address: Uint8Array): string | undefined {
  return REASONS.get(encodeBase58(address));
}
