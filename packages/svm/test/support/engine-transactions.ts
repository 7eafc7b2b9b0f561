import { createHash, sign } from 'node:crypto';
import { equalBytes, u64le } from '@polyproof/base';
import { type Account, decodeAccount, encodeAccount } from '@polyproof/state';
import {
  type AddressTableLookup,
  decodeBase58,
  decodeTransaction,
  ed25519KeyPair,
  encodeMessage,
  encodeTransaction,
  isWritable,
  type Message,
  RESERVED_ADDRESSES,
  systemAccount,
  type Transaction,
} from '../../src/index.js';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import type { AccountEntry, EngineTransaction, RuntimeContext } from '../../src/runtime/types.js';

/** Transactions for the engine as clients make them, out of instructions. */

export const SYSTEM = new Uint8Array(32);
export const TOKEN = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const SOL = 1_000_000_000n;
export const FEE = 5_000n;

export type Signer = ReturnType<typeof ed25519KeyPair>;

const signers = new Map<string, Signer>();

/** The signer of that name, always the same. */
export function signer(name: string): Signer {
  const known = signers.get(name) ?? ed25519KeyPair(hash(name));
  signers.set(name, known);
  return known;
}

export function address(name: string): Uint8Array {
  return signer(name).address;
}

export function hash(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest());
}

export interface AccountMeta {
  key: Uint8Array;
  signer?: boolean;
  writable?: boolean;
}

export interface Instruction {
  program: Uint8Array;
  accounts: AccountMeta[];
  data: Uint8Array;
}

export const writable = (key: Uint8Array): AccountMeta => ({ key, writable: true });
export const readonly = (key: Uint8Array): AccountMeta => ({ key });
export const signing = (key: Uint8Array): AccountMeta => ({ key, signer: true });
export const payer = (key: Uint8Array): AccountMeta => ({ key, signer: true, writable: true });

export interface TransactionParts {
  /** names of signers; the first one pays */
  signers: string[];
  instructions: Instruction[];
  blockhash: Uint8Array;
  /** makes the transaction a versioned one: tables and what they hold */
  tables?: { address: Uint8Array; addresses: Uint8Array[] }[];
  versioned?: boolean;
  priorityFeeLamports?: bigint;
  /** named, read-only, and used by no instruction */
  unused?: Uint8Array[];
  /** the first instruction advances this nonce account */
  nonce?: Uint8Array;
}

/** A signed transaction with what an executor is told of it; the scheduler's own code is not involved. */
export function engineTransaction(parts: TransactionParts): EngineTransaction {
  const { message, loaded } = compile(parts);
  const bytes = encodeMessage(message);
  const signatures = message.accountKeys.slice(0, message.header.numRequiredSignatures).map((key) => {
    const name = parts.signers.find((candidate) => equalBytes(address(candidate), key));
    return name === undefined
      ? new Uint8Array(64)
      : new Uint8Array(sign(null, bytes, signer(name).privateKey));
  });
  return describe(decodeTransaction(encodeTransaction(signatures, bytes)), loaded, parts);
}

function describe(
  transaction: Transaction,
  loaded: EngineTransaction['loadedAddresses'],
  parts: TransactionParts,
): EngineTransaction {
  const { message } = transaction;
  const accountKeys = [...message.accountKeys, ...loaded.writable, ...loaded.readonly];
  const reserved = new Set(RESERVED_ADDRESSES.map((text) => addressKey(decodeBase58(text))));
  const called = new Set(message.instructions.map(({ programIdIndex }) => programIdIndex));
  const loader = addressKey(decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111'));
  const loads = accountKeys.some((key) => addressKey(key) === loader);
  const asked = (index: number) =>
    index < message.accountKeys.length
      ? isWritable(message, index)
      : index < message.accountKeys.length + loaded.writable.length;
  const nonceIndex =
    parts.nonce === undefined ? -1 : accountKeys.findIndex((key) => equalBytes(key, parts.nonce!));
  return {
    transaction,
    accountKeys,
    writable: accountKeys.map(
      (key, index) => asked(index) && !reserved.has(addressKey(key)) && (loads || !called.has(index)),
    ),
    loadedAddresses: loaded,
    baseFeeLamports: FEE * BigInt(message.header.numRequiredSignatures),
    priorityFeeLamports: parts.priorityFeeLamports ?? 0n,
    ...(nonceIndex < 0 ? {} : { nonceAccount: nonceIndex }),
  };
}

function compile(parts: TransactionParts): {
  message: Message;
  loaded: EngineTransaction['loadedAddresses'];
} {
  const roles = new Map<string, { key: Uint8Array; signer: boolean; writable: boolean; called: boolean }>();
  const add = ({ key, signer: signs = false, writable: writes = false }: AccountMeta, called = false) => {
    const known = roles.get(addressKey(key)) ?? { key, signer: false, writable: false, called: false };
    roles.set(addressKey(key), {
      key,
      signer: known.signer || signs,
      writable: known.writable || writes,
      called: known.called || called,
    });
  };
  add(payer(address(parts.signers[0]!)));
  for (const { program, accounts } of parts.instructions) {
    for (const account of accounts) add(account);
    add({ key: program }, true);
  }
  for (const key of parts.unused ?? []) add({ key });
  const tables = parts.tables ?? [];
  const placeOf = (role: { key: Uint8Array; signer: boolean; called: boolean }) => {
    if (role.signer || role.called) return undefined;
    for (const [table, { addresses }] of tables.entries()) {
      const index = addresses.findIndex((other) => equalBytes(other, role.key));
      if (index >= 0) return { table, index };
    }
    return undefined;
  };
  const all = [...roles.values()].map((role) => ({ ...role, place: placeOf(role) }));
  const fixed = all.filter(({ place }) => place === undefined);
  const group = (signs: boolean, writes: boolean) =>
    fixed.filter((role) => role.signer === signs && role.writable === writes);
  const groups = [group(true, true), group(true, false), group(false, true), group(false, false)] as const;
  const accountKeys = groups.flat().map(({ key }) => key);
  const lookups: AddressTableLookup[] = [];
  const loaded: EngineTransaction['loadedAddresses'] = { writable: [], readonly: [] };
  for (const [table, { address: accountKey, addresses }] of tables.entries()) {
    const chosen = all.filter(({ place }) => place?.table === table);
    if (chosen.length === 0) continue;
    const indexes = (writes: boolean) =>
      Uint8Array.from(chosen.filter((role) => role.writable === writes).map(({ place }) => place!.index));
    lookups.push({ accountKey, writableIndexes: indexes(true), readonlyIndexes: indexes(false) });
    for (const index of indexes(true)) loaded.writable.push(addresses[index]!);
    for (const index of indexes(false)) loaded.readonly.push(addresses[index]!);
  }
  const keys = [...accountKeys, ...loaded.writable, ...loaded.readonly].map(addressKey);
  const indexOf = (key: Uint8Array) => keys.indexOf(addressKey(key));
  return {
    message: {
      version: parts.versioned === true || tables.length > 0 ? 0 : 'legacy',
      header: {
        numRequiredSignatures: groups[0].length + groups[1].length,
        numReadonlySignedAccounts: groups[1].length,
        numReadonlyUnsignedAccounts: groups[3].length,
      },
      accountKeys,
      recentBlockhash: parts.blockhash,
      instructions: parts.instructions.map(({ program, accounts, data }) => ({
        programIdIndex: indexOf(program),
        accountIndexes: Uint8Array.from(accounts.map(({ key }) => indexOf(key))),
        data,
      })),
      addressTableLookups: lookups,
    },
    loaded,
  };
}

export function systemTransfer(from: Uint8Array, to: Uint8Array, lamports: bigint): Instruction {
  return {
    program: SYSTEM,
    accounts: [payer(from), writable(to)],
    data: Uint8Array.of(2, 0, 0, 0, ...u64le(lamports)),
  };
}

export function tokenTransfer(
  from: Uint8Array,
  to: Uint8Array,
  owner: Uint8Array,
  amount: bigint,
): Instruction {
  return {
    program: TOKEN,
    accounts: [writable(from), writable(to), signing(owner)],
    data: Uint8Array.of(3, ...u64le(amount)),
  };
}

export function mintAccount(authority: Uint8Array, supply: bigint, decimals: number): Account {
  const data = new Uint8Array(82);
  data[0] = 1;
  data.set(authority, 4);
  data.set(u64le(supply), 36);
  data[44] = decimals;
  data[45] = 1;
  return { ...systemAccount(1_461_600n), data, owner: TOKEN };
}

export function tokenAccount(mint: Uint8Array, owner: Uint8Array, amount: bigint): Account {
  const data = new Uint8Array(165);
  data.set(mint, 0);
  data.set(owner, 32);
  data.set(u64le(amount), 64);
  data[108] = 1;
  return { ...systemAccount(2_039_280n), data, owner: TOKEN };
}

export function entry(key: Uint8Array, account: Account | null): AccountEntry {
  return [key, account === null ? null : encodeAccount(account)];
}

export function wallets(...names: string[]): AccountEntry[] {
  return names.map((name) => entry(address(name), systemAccount(10n * SOL)));
}

/** The account at the address in a result; undefined where it is not in it. */
export function changed(accounts: readonly AccountEntry[], key: Uint8Array): Account | null | undefined {
  const found = accounts.find(([other]) => equalBytes(other, key));
  if (found === undefined) return undefined;
  return found[1] === null ? null : decodeAccount(found[1]);
}

export const BLOCKHASH = hash('a blockhash');

export function context(fields: Partial<RuntimeContext> = {}): RuntimeContext {
  return {
    slot: 100n,
    unixTimestamp: 1_700_000_000n,
    blockhashes: [BLOCKHASH],
    slotHashes: [[99n, hash('slot 99')]],
    ...fields,
  };
}
