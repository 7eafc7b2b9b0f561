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
import { reservedReason, SYSTEM_PROGRAM } from './reserved.js';

/** What every batch of a rollup has in common; proofs are bound to it by {@link configHash}. */
export interface RollupParameters {
  /** below 2^64 */
  rollupId: bigint;
  /** 32 bytes: the account that gets the fees */
  collector: Uint8Array;
  /** the engine's fee: {@link LAMPORTS_PER_SIGNATURE} */
  lamportsPerSignature: bigint;
}

export interface RollupConfig extends RollupParameters {
  /** the accounts at the start: owned by the System program, without data */
  genesis: { address: Uint8Array; lamports: bigint }[];
}

/** Fee that the execution engine charges for each signature. */
export const LAMPORTS_PER_SIGNATURE = 5_000n;
/** Lamports that exempt an account without data from rent. */
export const RENT_EXEMPT_MINIMUM = 890_880n;
/** Rent epoch of every account that a transfer creates: the engine marks it as exempt for ever. */
export const NEW_ACCOUNT_RENT_EPOCH = (1n << 64n) - 1n;

const DOMAIN_CONFIG = 5n;
const U64 = 1n << 64n;

export function configHash(config: RollupParameters): Field {
  return hashFields([
    DOMAIN_CONFIG,
    config.rollupId,
    ...splitBytes32(config.collector),
    config.lamportsPerSignature,
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
  return config.genesis.map(({ address, lamports }) => [address, systemAccount(lamports)]);
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
  for (const { address, lamports } of genesis) {
    checkAddress('a genesis address', address);
    if (seen.has(toHex(address)))
      throw new RollupConfigError(`genesis address ${toHex(address)} occurs twice`);
    seen.add(toHex(address));
    if (lamports < RENT_EXEMPT_MINIMUM)
      throw new RollupConfigError(
        `genesis account ${toHex(address)} has ${lamports} lamports, at least ${RENT_EXEMPT_MINIMUM} are needed`,
      );
    total += lamports;
  }
  // With this, no balance can ever overflow 64 bits.
  if (total >= U64) throw new RollupConfigError(`${total} lamports at genesis, they must be below 2^64`);
}

function checkAddress(what: string, address: Uint8Array): void {
  if (address.length !== 32) throw new RollupConfigError(`${what} has ${address.length} bytes instead of 32`);
  const reason = reservedReason(address);
  if (reason !== undefined) throw new RollupConfigError(`${what} is ${reason}`, { address });
}
