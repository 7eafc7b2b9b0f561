import { u64le } from '@polyproof/base';
import { encodeAccount } from '@polyproof/state';
import {
  type AddressTableLookup,
  decodeBase58,
  decodeTransaction,
  encodeMessage,
  encodeTransaction,
  SYSTEM_PROGRAM,
  type Transaction,
} from '../../src/index.js';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import { addressOf } from '../schedule/make-transaction.js';

export const COMPUTE_BUDGET = decodeBase58('ComputeBudget111111111111111111111111111111');
export const LOOKUP_PROGRAM = decodeBase58('AddressLookupTab1e1111111111111111111111111');

export interface InstructionParts {
  program: Uint8Array;
  accounts?: { address: Uint8Array; writable?: boolean }[];
  data?: Uint8Array;
}

/** An unsigned transaction of `payer` with these instructions; accounts are where the format wants them. */
export function compile(
  instructions: readonly InstructionParts[],
  options: { payer?: Uint8Array; lookups?: AddressTableLookup[]; blockhash?: Uint8Array } = {},
): Transaction {
  const { payer = addressOf('payer'), lookups = [], blockhash = new Uint8Array(32).fill(1) } = options;
  const roles = new Map<string, { address: Uint8Array; writable: boolean }>();
  const add = (address: Uint8Array, writable: boolean) => {
    const known = roles.get(addressKey(address));
    roles.set(addressKey(address), { address, writable: writable || known?.writable === true });
  };
  for (const { program, accounts = [] } of instructions) {
    for (const { address, writable = false } of accounts) add(address, writable);
    add(program, false);
  }
  roles.delete(addressKey(payer));
  const others = [...roles.values()].sort((a, b) => Number(b.writable) - Number(a.writable));
  const keys = [payer, ...others.map(({ address }) => address)];
  const indexOf = (address: Uint8Array) => keys.findIndex((key) => addressKey(key) === addressKey(address));
  const bytes = encodeMessage({
    version: lookups.length > 0 ? 0 : 'legacy',
    header: {
      numRequiredSignatures: 1,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: others.filter(({ writable }) => !writable).length,
    },
    accountKeys: keys,
    recentBlockhash: blockhash,
    instructions: instructions.map(({ program, accounts = [], data = new Uint8Array() }) => ({
      programIdIndex: indexOf(program),
      accountIndexes: Uint8Array.from(accounts, ({ address }) => indexOf(address)),
      data,
    })),
    addressTableLookups: lookups,
  });
  return decodeTransaction(encodeTransaction([new Uint8Array(64)], bytes));
}

export function computeBudget(kind: number, value: bigint, bytes = kind === 3 ? 8 : 4): InstructionParts {
  return { program: COMPUTE_BUDGET, data: Uint8Array.of(kind, ...u64le(value).subarray(0, bytes)) };
}

export function systemTransfer(
  to: Uint8Array,
  lamports: bigint,
  from = addressOf('payer'),
): InstructionParts {
  return {
    program: SYSTEM_PROGRAM,
    accounts: [
      { address: from, writable: true },
      { address: to, writable: true },
    ],
    data: Uint8Array.of(2, 0, 0, 0, ...u64le(lamports)),
  };
}

export interface TableParts {
  addresses: readonly Uint8Array[];
  deactivationSlot?: bigint;
  lastExtendedSlot?: bigint;
  lastExtendedStart?: number;
  tag?: number;
  owner?: Uint8Array;
  /** bytes behind the addresses */
  tail?: number;
}

export function tableData(parts: TableParts): Uint8Array {
  const data = Buffer.alloc(56 + 32 * parts.addresses.length + (parts.tail ?? 0));
  data.writeUInt32LE(parts.tag ?? 1, 0);
  data.writeBigUInt64LE(parts.deactivationSlot ?? (1n << 64n) - 1n, 4);
  data.writeBigUInt64LE(parts.lastExtendedSlot ?? 0n, 12);
  data[20] = parts.lastExtendedStart ?? 0;
  data[21] = 1;
  for (const [index, address] of parts.addresses.entries()) data.set(address, 56 + 32 * index);
  return new Uint8Array(data);
}

export function tableAccount(parts: TableParts): Uint8Array {
  return encodeAccount({
    lamports: 100_000_000n,
    data: tableData(parts),
    owner: parts.owner ?? LOOKUP_PROGRAM,
    executable: false,
    rentEpoch: (1n << 64n) - 1n,
  });
}
