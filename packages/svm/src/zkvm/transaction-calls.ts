import { equalBytes } from '@polyproof/base';
import { createProgramAddress } from '../sbpf/syscalls/program-address.js';
import { ZkvmError } from './errors.js';
import type { ZkvmMemory } from './memory.js';
import type { BatchAccount } from './transaction-layout.js';
import { type AccountUse, calledProgram, KIND, type TransactionRow } from './transaction-rows.js';
import type { AccountVersion } from './transaction-versions.js';

/** What a program invokes: `Call` in circuits/lib/src/sbpf/calls.nr. Uses are those of the caller, by their position. */
export interface ProgramCall {
  /** names the program */
  program: number;
  /** each account: the caller's use of it, and the description that shows it, which programs need none of */
  passed: { from: number; info: number }[];
  /** uses that are described */
  infos: number[];
  /** who signs with seeds */
  signer: number | undefined;
}

const INFO_BYTES = 48n;
const META_BYTES = 34;
const ADDRESS_BYTES = 32;
const FLAGS_BYTES = 8n;
/** longer accounts cost units: invoke.ts looks at those that are described */
const FREE_BYTES = 250;

const refused = (what: string) => new ZkvmError('NOT_PROVABLE_EXECUTION', what);

/**
 * Rows of a call that a program wants to make, and of its caller that goes on.
 * @param registers - r0 to r10
 * @param addresses - of the caller's records
 * @throws {ZkvmError} where the call cannot be proved
 */
export function rowsOfCall(options: {
  caller: TransactionRow;
  registers: readonly bigint[];
  memory: ZkvmMemory;
  accounts: readonly BatchAccount[];
  versions: readonly AccountVersion[];
  addresses: readonly bigint[];
  programs: readonly Uint8Array[];
}): [TransactionRow, TransactionRow] {
  const { caller, registers, memory, accounts, versions, addresses, programs } = options;
  if (caller.called) throw refused('calls of programs that are called themselves are not proved');
  const { programId, metas, data } = readInstruction(memory, registers[1]!);
  const signed = readSigner(memory, registers[4]!, registers[5]!, programs[caller.program - 1]!);
  const positionOf = (address: Uint8Array) =>
    caller.uses.findIndex(({ account }) => equalBytes(accounts[account]!.address, address));
  const infos = Array.from({ length: Number(registers[3]!) }, (_, i) => {
    const key = word(memory, registers[2]! + INFO_BYTES * BigInt(i));
    const position = addresses.indexOf(key - FLAGS_BYTES);
    if (position < 0) throw refused('an account that is described to a call is no account of its caller');
    return position;
  });
  const passed: ProgramCall['passed'] = [];
  const uses = metas.map(({ address, signer, writable }): AccountUse => {
    const from = positionOf(address);
    if (from < 0) throw refused('an account of a call is no account of its caller');
    const info = infos.indexOf(from);
    const own = caller.uses[from]!;
    const { executable, bytes } = versions[from]!;
    if (info < 0 && !executable) throw refused('an account of a call is not described');
    if (executable && bytes >= FREE_BYTES) throw refused('an account of a call is too long');
    const signs = own.signer || (signed !== undefined && equalBytes(signed, address));
    if ((signer && !signs) || (writable && !own.writable))
      throw refused('an account of a call has more rights than its caller has');
    const again = metas.find((meta) => equalBytes(meta.address, address))!;
    if (again.signer !== signer || again.writable !== writable)
      throw refused('an account of a call has different rights where it is named again');
    passed.push({ from, info: Math.max(info, 0) });
    return { account: caller.uses[from]!.account, signer, writable };
  });
  const signer = signed === undefined ? undefined : positionOf(signed);
  if (signer === -1) throw refused('an address that a caller signs for is no account of it');
  const program = positionOf(programId);
  if (program < 0) throw refused('the caller does not name the program of a call');
  const { transaction } = caller;
  const nothing = { program: 0, amount: 0n, limit: 0, fails: false };
  return [
    {
      ...nothing,
      ...calledProgram(programId, data, programs),
      uses,
      data,
      transaction,
      called: true,
      call: { program, passed, infos, signer },
    },
    {
      ...nothing,
      kind: KIND.RESUMED,
      program: caller.program,
      uses: caller.uses,
      data: new Uint8Array(),
      transaction,
    },
  ];
}

/** Row of the first part of the execution that a row is a part of: its own where it is no later part. */
export function firstPart(rows: readonly TransactionRow[], row: number): number {
  let first = row;
  while (rows[first]!.kind === KIND.RESUMED) first -= 2;
  return first;
}

/** `StableInstruction`: two vectors (address, capacity, length) and the program's address. */
function readInstruction(memory: ZkvmMemory, address: bigint) {
  const at = (offset: bigint) => word(memory, address + offset);
  const metas = at(0n);
  return {
    programId: memory.read(address + 48n, ADDRESS_BYTES),
    metas: Array.from({ length: Number(at(16n)) }, (_, i) => {
      const meta = memory.read(metas + BigInt(META_BYTES * i), META_BYTES);
      return { address: meta.slice(0, ADDRESS_BYTES), signer: meta[32] === 1, writable: meta[33] === 1 };
    }),
    data: memory.read(at(24n), Number(at(40n))),
  };
}

/** The address that seeds give, of which there may be one list. */
function readSigner(
  memory: ZkvmMemory,
  lists: bigint,
  count: bigint,
  program: Uint8Array,
): Uint8Array | undefined {
  if (count === 0n) return undefined;
  if (count > 1n) throw refused('calls that are signed for more than one address are not proved');
  const seeds = word(memory, lists);
  const found = createProgramAddress(
    Array.from({ length: Number(word(memory, lists + 8n)) }, (_, i) => {
      const slice = seeds + BigInt(16 * i);
      return memory.read(word(memory, slice), Number(word(memory, slice + 8n)));
    }),
    program,
  );
  if (typeof found === 'string') throw refused('seeds that give no address are not proved');
  return found;
}

function word(memory: ZkvmMemory, address: bigint): bigint {
  return new DataView(memory.read(address, 8).buffer).getBigUint64(0, true);
}
