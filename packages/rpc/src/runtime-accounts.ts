import { concatBytes, u64le } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { decodeBase58, encodeBase58 } from '@polyproof/svm';
import type { RpcBank } from './ports.js';

/**
 * Accounts that the runtime itself keeps: native programs and sysvars. They are no part of the state, but on Solana
 * they can be read like any account, and clients do.
 */
type Source = Pick<
  RpcBank,
  'slot' | 'unixTimestamp' | 'getBlock' | 'minimumBalanceForRentExemption' | 'getAccount'
>;

const NATIVE_LOADER = decodeBase58('NativeLoader1111111111111111111111111111111');
const SYSVAR_OWNER = decodeBase58('Sysvar1111111111111111111111111111111111111');

const SLOTS_PER_EPOCH = 432_000n;
const LAMPORTS_PER_SIGNATURE = 5_000n;
const MAX_SLOT_HASHES = 512n;
const MAX_BLOCKHASHES = 150n;
/** never collected */
const EXEMPT = 18_446_744_073_709_551_615n;

/** An account of the state, or of the runtime. */
export function readAccount(bank: Source, address: Uint8Array): Account | undefined {
  return bank.getAccount(address) ?? runtimeAccount(bank, address);
}

/** An account of the runtime alone. */
export function runtimeAccount(bank: Source, address: Uint8Array): Account | undefined {
  if (!FIRST_BYTES.has(address[0]!)) return undefined;
  const text = encodeBase58(address);
  const name = NATIVE_PROGRAMS[text];
  if (name !== undefined)
    return {
      lamports: 1n,
      data: new TextEncoder().encode(name),
      owner: NATIVE_LOADER,
      executable: true,
      rentEpoch: EXEMPT,
    };
  const data = SYSVARS[text]?.(bank);
  if (data === undefined) return undefined;
  return {
    lamports: bank.minimumBalanceForRentExemption(BigInt(data.length)),
    data,
    owner: SYSVAR_OWNER,
    executable: false,
    rentEpoch: EXEMPT,
  };
}

/** By address: what the loader calls them (Agave: builtins), which is all that is in them. */
const NATIVE_PROGRAMS: Readonly<Record<string, string>> = {
  '11111111111111111111111111111111': 'system_program',
  AddressLookupTab1e1111111111111111111111111: 'address_lookup_table_program',
  BPFLoader1111111111111111111111111111111111: 'solana_bpf_loader_deprecated_program',
  BPFLoader2111111111111111111111111111111111: 'solana_bpf_loader_program',
  BPFLoaderUpgradeab1e11111111111111111111111: 'solana_bpf_loader_upgradeable_program',
  ComputeBudget111111111111111111111111111111: 'compute_budget_program',
  Ed25519SigVerify111111111111111111111111111: '',
  KeccakSecp256k11111111111111111111111111111: '',
  Secp256r1SigVerify1111111111111111111111111: '',
  Stake11111111111111111111111111111111111111: 'stake_program',
  Vote111111111111111111111111111111111111111: 'vote_program',
};

/** By address: the data, in bincode. */
const SYSVARS: Readonly<Record<string, (bank: Source) => Uint8Array>> = {
  SysvarC1ock11111111111111111111111111111111: ({ slot, unixTimestamp }) => {
    const epoch = slot / SLOTS_PER_EPOCH;
    return numbers(slot, 0n, epoch, epoch + 1n, unixTimestamp);
  },
  SysvarEpochSchedu1e111111111111111111111111: () =>
    concatBytes(numbers(SLOTS_PER_EPOCH, SLOTS_PER_EPOCH), Uint8Array.of(0), numbers(0n, 0n)),
  // 3,480 lamports a byte and year, exempt with two years' worth (2.0 as a double), half of it burnt.
  SysvarRent111111111111111111111111111111111: () =>
    concatBytes(numbers(3_480n, 0x4000_0000_0000_0000n), Uint8Array.of(50)),
  SysvarLastRestartS1ot1111111111111111111111: () => numbers(0n),
  SysvarS1otHashes111111111111111111111111111: (bank) =>
    hashes(bank, MAX_SLOT_HASHES, ({ slot, blockhash }) => concatBytes(u64le(slot), blockhash)),
  SysvarRecentB1ockHashes11111111111111111111: (bank) =>
    hashes(bank, MAX_BLOCKHASHES, ({ blockhash }) => concatBytes(blockhash, u64le(LAMPORTS_PER_SIGNATURE))),
};

/** Most addresses are told apart by their first byte. */
const FIRST_BYTES = new Set(
  [...Object.keys(NATIVE_PROGRAMS), ...Object.keys(SYSVARS)].map((address) => decodeBase58(address)[0]!),
);

function numbers(...values: bigint[]): Uint8Array {
  return concatBytes(...values.map(u64le));
}

/** Entries of 40 bytes of the newest blocks, newest first, and room for as many as there can be. */
function hashes(
  bank: Source,
  max: bigint,
  entry: (block: { slot: bigint; blockhash: Uint8Array }) => Uint8Array,
): Uint8Array {
  const entries: Uint8Array[] = [];
  for (let slot = bank.slot; slot >= 0n && slot > bank.slot - max; slot--) {
    const block = bank.getBlock(slot);
    if (block !== undefined) entries.push(entry(block));
  }
  const data = new Uint8Array(8 + Number(max) * 40);
  data.set(concatBytes(numbers(BigInt(entries.length)), ...entries));
  return data;
}
