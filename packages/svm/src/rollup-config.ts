import { type Field, splitBytes32, toHex } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  hashFields,
  MemoryNodeStore,
  StateTree,
} from '@polyproof/state';
import { RollupConfigError } from './errors.js';
import { isExitAddress } from './exits.js';
import { genesisPrograms } from './genesis-programs.js';
import { reservedReason, SYSTEM_PROGRAM } from './reserved.js';
import { programsRoot, provableProgramAccounts } from './zkvm/provable-programs.js';

/** What every batch of a rollup has in common; proofs are bound to it by {@link configHash}. */
export interface RollupParameters {
  /** below 2^64 */
  rollupId: bigint;
  /** 32 bytes: the account that gets the fees */
  collector: Uint8Array;
  /** the engine's fee: {@link LAMPORTS_PER_SIGNATURE} */
  lamportsPerSignature: bigint;
}

/** `zk`: only what the circuits prove; `any`: whatever the runtime executes, for settlement without validity proofs. */
export type ExecutionMode = 'zk' | 'any';

/** Who vouches for signatures: the sequencer alone, or a proof; then a batch has no more than one such proof holds. */
export type SignatureMode = 'sequencer' | 'proved';

export interface RollupConfig extends RollupParameters {
  /** Default `zk`. */
  execution?: ExecutionMode;
  /** Default `sequencer`. */
  signatures?: SignatureMode;
  /** the accounts at the start; the SPL programs come on top of them, with `zk` those that are proved */
  genesis: GenesisAccount[];
}

/** With `zk` no account at the start is executable. */
export interface GenesisAccount {
  address: Uint8Array;
  lamports: bigint;
  /** Default: none. */
  data?: Uint8Array;
  /** Default: the System program. */
  owner?: Uint8Array;
  /** Default false. */
  executable?: boolean;
}

/** Fee that the execution engine charges for each signature. */
export const LAMPORTS_PER_SIGNATURE = 5_000n;
/** Lamports that exempt an account without data from rent. */
export const RENT_EXEMPT_MINIMUM = 890_880n;
/** Rent epoch of every account that a transfer creates: the engine marks it as exempt for ever. */
export const NEW_ACCOUNT_RENT_EPOCH = (1n << 64n) - 1n;

/** 3,480 lamports a byte and year */
const RENT_LAMPORTS_PER_BYTE = 6_960n;
const ACCOUNT_OVERHEAD_BYTES = 128n;

const DOMAIN_CONFIG = 5n;
const U64 = 1n << 64n;

export function configHash(config: RollupParameters): Field {
  return hashFields([
    DOMAIN_CONFIG,
    config.rollupId,
    ...splitBytes32(config.collector),
    config.lamportsPerSignature,
    programsRoot(),
  ]);
}

/** A new account of the System program. */
export function systemAccount(lamports: bigint): Account {
  return {
    lamports,
    data: new Uint8Array(),
    owner: SYSTEM_PROGRAM,
    executable: false,
    rentEpoch: NEW_ACCOUNT_RENT_EPOCH,
  };
}

/** Addresses and accounts at the start. */
export function genesisAccounts(config: RollupConfig): [Uint8Array, Account][] {
  const own = config.genesis.map(({ address, ...fields }): [Uint8Array, Account] => [
    address,
    { ...systemAccount(fields.lamports), ...fields },
  ]);
  return [...own, ...programAccounts(config)];
}

/** The programs that a rollup has from the start. */
function programAccounts({ execution }: RollupConfig): readonly [Uint8Array, Account][] {
  return execution === 'any' ? genesisPrograms() : provableProgramAccounts();
}

/** Lamports that exempt an account with `dataBytes` of data from rent: two years of it, as on Solana. */
export function rentExemptMinimum(dataBytes: number | bigint): bigint {
  return RENT_LAMPORTS_PER_BYTE * (ACCOUNT_OVERHEAD_BYTES + BigInt(dataBytes));
}

/** Root of the state tree at the start. Hashing must be initialised. */
export function genesisStateRoot(config: RollupConfig): Field {
  const leaves = genesisAccounts(config).map(
    ([address, account]) => [accountKey(address), accountValue(account)] as const,
  );
  return new StateTree(new MemoryNodeStore(), 0n).update(new Map(leaves));
}

/** @throws {RollupConfigError} naming the field that is wrong */
export function checkRollupConfig(config: RollupConfig): void {
  const { rollupId, collector, lamportsPerSignature, genesis } = config;
  if (rollupId < 0n || rollupId >= U64) throw new RollupConfigError(`rollupId ${rollupId} is not below 2^64`);
  checkAddress('collector', collector);
  if (lamportsPerSignature !== LAMPORTS_PER_SIGNATURE)
    throw new RollupConfigError(
      `lamportsPerSignature is ${lamportsPerSignature}, the engine charges ${LAMPORTS_PER_SIGNATURE}`,
    );
  const seen = new Set<string>();
  let total = 0n;
  for (const account of genesis) {
    const { address, lamports, data, owner } = account;
    checkAddress('a genesis address', address);
    if (seen.has(toHex(address)))
      throw new RollupConfigError(`genesis address ${toHex(address)} occurs twice`);
    seen.add(toHex(address));
    const minimum = rentExemptMinimum(data?.length ?? 0);
    if (lamports < minimum)
      throw new RollupConfigError(
        `genesis account ${toHex(address)} has ${lamports} lamports, at least ${minimum} are needed`,
      );
    if (owner !== undefined && owner.length !== 32)
      throw new RollupConfigError(
        `the owner of genesis account ${toHex(address)} has ${owner.length} bytes instead of 32`,
      );
    if (config.execution !== 'any' && account.executable === true)
      throw new RollupConfigError(
        `genesis account ${toHex(address)} is executable: circuits prove no programs but their own`,
      );
    total += lamports;
  }
  for (const [address, { lamports }] of programAccounts(config)) {
    if (seen.has(toHex(address)))
      throw new RollupConfigError(`genesis address ${toHex(address)} is that of an SPL program`);
    total += lamports;
  }
  // The base chain lets no more than 2^63 in: with this, no balance can ever overflow 64 bits.
  if (total >= U64 / 2n) throw new RollupConfigError(`${total} lamports at genesis, they must be below 2^63`);
}

function checkAddress(what: string, address: Uint8Array): void {
  if (address.length !== 32) throw new RollupConfigError(`${what} has ${address.length} bytes instead of 32`);
  const reason = reservedReason(address);
  if (reason !== undefined) throw new RollupConfigError(`${what} is ${reason}`, { address });
  if (isExitAddress(address)) throw new RollupConfigError(`${what} is an exit address`, { address });
}
