import type { SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import { readSlice, syscallFault } from '../../sbpf/syscalls/translate.js';
import { instructionFault } from '../instruction-error.js';

/** How a program hands its structures over: in the layout of C, or in that of Rust. */
export type Abi = 'c' | 'rust';

export interface AccountMeta {
  address: Uint8Array;
  signer: boolean;
  writable: boolean;
}

/** An instruction that a program wants to be executed. */
export interface InvokedInstruction {
  programId: Uint8Array;
  accounts: AccountMeta[];
  data: Uint8Array;
}

const MAX_ACCOUNTS = 255n;
const MAX_DATA_BYTES = 10_240n;
/** bytes that cost a compute unit */
export const BYTES_PER_UNIT = 250;
/** What an account costs, in bytes, whatever the layout (SIMD-0339). */
const META_BYTES = 34;

/** Bytes of a structure as a view. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Reads an instruction, and charges for it. @throws {VmFault} when it is not valid, or too big */
export function readInstruction(context: SyscallContext, abi: Abi, address: bigint): InvokedInstruction {
  const { meter } = context;
  const header = abi === 'c' ? readHeaderC(context, address) : readHeaderRust(context, address);
  const size = abi === 'c' ? 16 : META_BYTES;
  const metas = readSlice(context, header.accounts, header.accountCount, size, abi === 'c' ? 8 : 1);
  const data = readSlice(context, header.data, header.dataLength).slice();
  if (header.accountCount > MAX_ACCOUNTS)
    throw syscallFault(
      `Invoked an instruction with too many accounts (${header.accountCount} > ${MAX_ACCOUNTS})`,
    );
  if (header.dataLength > MAX_DATA_BYTES)
    throw syscallFault(
      `Invoked an instruction with data that is too large (${header.dataLength} > ${MAX_DATA_BYTES})`,
    );
  const count = Number(header.accountCount);
  meter.consume(Math.floor((META_BYTES * count) / BYTES_PER_UNIT));
  meter.consume(Math.floor(data.length / BYTES_PER_UNIT));
  const accounts = Array.from({ length: count }, (_, index) => {
    const meta = metas.subarray(size * index, size * (index + 1));
    return abi === 'c' ? readMetaC(context, meta) : readMetaRust(meta);
  });
  return { programId: header.programId, accounts, data };
}

function readHeaderC(context: SyscallContext, address: bigint) {
  const view = viewOf(readSlice(context, address, 1n, 40, 8));
  return {
    programId: readSlice(context, view.getBigUint64(0, true), 32n).slice(),
    accounts: view.getBigUint64(8, true),
    accountCount: view.getBigUint64(16, true),
    data: view.getBigUint64(24, true),
    dataLength: view.getBigUint64(32, true),
  };
}

/** `StableInstruction`: two vectors (address, capacity, length) and the program's address. */
function readHeaderRust(context: SyscallContext, address: bigint) {
  const bytes = readSlice(context, address, 1n, 80, 8);
  const view = viewOf(bytes);
  return {
    programId: bytes.slice(48, 80),
    accounts: view.getBigUint64(0, true),
    accountCount: view.getBigUint64(16, true),
    data: view.getBigUint64(24, true),
    dataLength: view.getBigUint64(40, true),
  };
}

function readMetaC(context: SyscallContext, meta: Uint8Array): AccountMeta {
  const [writable, signer] = [flag(meta[8]!), flag(meta[9]!)];
  const address = readSlice(context, viewOf(meta).getBigUint64(0, true), 32n).slice();
  return { address, signer, writable };
}

function readMetaRust(meta: Uint8Array): AccountMeta {
  return { address: meta.slice(0, 32), signer: flag(meta[32]!), writable: flag(meta[33]!) };
}

function flag(byte: number): boolean {
  if (byte > 1) throw instructionFault('InvalidArgument');
  return byte === 1;
}
