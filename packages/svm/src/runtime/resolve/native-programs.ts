import { equalBytes } from '@polyproof/base';
import { decodeBase58 } from '../../base58.js';
import { RESERVED_ADDRESSES } from '../../reserved.js';
import { addressKey } from './address-key.js';

/** A set of addresses that is fast at saying no: it looks at the first bytes before anything else. */
class AddressSet {
  readonly #keys: Set<string>;
  readonly #maybe = new Uint8Array(256);

  constructor(addresses: readonly string[]) {
    const decoded = addresses.map(decodeBase58);
    this.#keys = new Set(decoded.map(addressKey));
    for (const address of decoded) this.#maybe[address[0]!] = 1;
  }

  has(address: Uint8Array): boolean {
    return this.#maybe[address[0]!] === 1 && this.#keys.has(addressKey(address));
  }
}

export const UPGRADEABLE_LOADER = decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111');
export const COMPUTE_BUDGET_PROGRAM = decodeBase58('ComputeBudget111111111111111111111111111111');
export const ADDRESS_LOOKUP_TABLE_PROGRAM = decodeBase58('AddressLookupTab1e1111111111111111111111111');
export const TOKEN_PROGRAM = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const MEMO_PROGRAM = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
export const TOKEN_2022_PROGRAM = decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

/** Programs that check signatures in their instructions' data, each signature charged like one of the transaction. */
export const PRECOMPILES = {
  ed25519: decodeBase58('Ed25519SigVerify111111111111111111111111111'),
  secp256k1: decodeBase58('KeccakSecp256k11111111111111111111111111111'),
  secp256r1: decodeBase58('Secp256r1SigVerify1111111111111111111111111'),
} as const;

export type Precompile = keyof typeof PRECOMPILES;

const precompileSet = new AddressSet([
  'Ed25519SigVerify111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
]);

/** Which precompile lives at this address, if any. */
export function precompileOf(program: Uint8Array): Precompile | undefined {
  if (!precompileSet.has(program)) return undefined;
  if (equalBytes(program, PRECOMPILES.ed25519)) return 'ed25519';
  return equalBytes(program, PRECOMPILES.secp256k1) ? 'secp256k1' : 'secp256r1';
}

const reserved = new AddressSet(RESERVED_ADDRESSES);

/** Whether the runtime never lets a transaction write this account (Agave's reserved account keys). */
export function isReserved(address: Uint8Array): boolean {
  return reserved.has(address);
}

/**
 * Programs whose instructions get 3,000 compute units by default (Agave's builtins-default-costs, SIMD-0170). Config,
 * Stake and AddressLookupTable are programs of sBPF by now; Secp256r1 never was on the list.
 */
const builtins = new AddressSet([
  '11111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'ComputeBudget111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'Ed25519SigVerify111111111111111111111111111',
]);

/** Whether instructions of this program get the small default of compute units. */
export function isBuiltin(address: Uint8Array): boolean {
  return builtins.has(address);
}
