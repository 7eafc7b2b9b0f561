import { equalBytes } from '@polyproof/base';
import { INPUT_ADDRESS } from '../../sbpf/program.js';
import type { SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import { checkWritable, readSlice, syscallFault } from '../../sbpf/syscalls/translate.js';
import { BorrowedAccount } from '../borrowed-account.js';
import { takeData } from '../deserialize-input.js';
import { instructionFault } from '../instruction-error.js';
import { type AccountLayout, MAX_GROWTH_BYTES } from '../serialize-input.js';
import type { TransactionState } from '../transaction-state.js';
import { type Abi, viewOf } from './read-instruction.js';

/** Bytes of the structure that describes an account. */
export const INFO_BYTES = { c: 56, rust: 48 } as const;
/** In a `Rc<RefCell<T>>` the value stands behind two counters and the borrow flag. */
const RC_VALUE = 24n;

/** Where an account is in the memory of the program that invokes another one. */
export interface CallerAccount {
  /** among the accounts of the calling instruction */
  position: number;
  layout: AccountLayout;
  /** of its data, as the caller describes it */
  dataLength: number;
  /** where the caller's description holds that length */
  lengthAddress: bigint;
  /** whether the invoked program may change it, so that the caller has to be told */
  writable: boolean;
}

/**
 * Reads how the caller describes an account; all pointers must be those of its input (SIMD-0459).
 * @throws {VmFault} when they are not
 */
export function readCallerAccount(
  context: SyscallContext,
  abi: Abi,
  info: Uint8Array,
  infoAddress: bigint,
  layout: AccountLayout,
): Pick<CallerAccount, 'dataLength' | 'lengthAddress' | 'layout'> {
  const view = viewOf(info);
  const u64 = (at: number) => view.getBigUint64(at, true);
  const expect = (pointer: bigint, offset: number, field: string) =>
    checkPointer(context, pointer, offset, field);
  let length: bigint;
  let lengthAddress: bigint;
  if (abi === 'c') {
    expect(u64(0), layout.key, 'key');
    expect(u64(32), layout.owner, 'owner');
    expect(u64(8), layout.lamports, 'lamports');
    expect(u64(24), layout.data, 'data');
    length = u64(16);
    lengthAddress = infoAddress + 16n;
  } else {
    expect(u64(0), layout.key, 'key');
    expect(u64(24), layout.owner, 'owner');
    expect(readPointer(context, u64(8) + RC_VALUE, 8), layout.lamports, 'lamports');
    const data = u64(16) + RC_VALUE;
    expect(readPointer(context, data, 16), layout.data, 'data');
    lengthAddress = data + 8n;
    if (lengthAddress >= INPUT_ADDRESS) throw syscallFault('Invalid pointer');
    length = viewOf(readSlice(context, lengthAddress, 8n)).getBigUint64(0, true);
  }
  checkWritable(context, lengthAddress, 8n);
  if (length > BigInt(layout.dataBytes + reserve(context))) throw instructionFault('InvalidRealloc');
  checkWritable(context, INPUT_ADDRESS + BigInt(layout.data), length);
  return { layout, dataLength: Number(length), lengthAddress };
}

/** A pointer that must not be in the input, where invoked programs might change it. */
function readPointer(context: SyscallContext, address: bigint, bytes: number): bigint {
  if (bytes === 16 && address >= INPUT_ADDRESS) throw syscallFault('Invalid pointer');
  const pointer = viewOf(readSlice(context, address, 1n, bytes, 8)).getBigUint64(0, true);
  if (address >= INPUT_ADDRESS) throw syscallFault('Invalid pointer');
  return pointer;
}

function checkPointer({ invocation }: SyscallContext, pointer: bigint, offset: number, field: string): void {
  const expected = INPUT_ADDRESS + BigInt(offset);
  if (pointer === expected) return;
  invocation.log(
    `Invalid account info pointer \`${field}': 0x${pointer.toString(16)} != 0x${expected.toString(16)}`,
  );
  throw syscallFault('Invalid pointer');
}

/** Bytes behind an account's data that it may grow into. */
function reserve({ invocation }: SyscallContext): number {
  return invocation.checkAligned ? MAX_GROWTH_BYTES : 0;
}

/**
 * Takes what the caller changed so far, so that the invoked program sees it.
 * @throws {VmFault} on a change that the caller may not make
 */
export function takeFromCaller(
  context: SyscallContext,
  state: TransactionState,
  caller: CallerAccount,
): void {
  const { layout } = caller;
  const borrowed = new BorrowedAccount(state, caller.position);
  const read = (offset: number, length: number) =>
    readSlice(context, INPUT_ADDRESS + BigInt(offset), BigInt(length));
  const lamports = viewOf(read(layout.lamports, 8)).getBigUint64(0, true);
  if (lamports !== borrowed.account.lamports) borrowed.setLamports(lamports);
  takeData(borrowed, read(layout.data, caller.dataLength));
  const owner = read(layout.owner, 32);
  if (!equalBytes(owner, borrowed.account.owner)) borrowed.setOwner(owner);
}

/** Shows the caller what the invoked program changed. @throws {VmFault} when there is no room for it */
export function giveToCaller(context: SyscallContext, state: TransactionState, caller: CallerAccount): void {
  const { memory, invocation } = context;
  const { layout, dataLength } = caller;
  const { account } = new BorrowedAccount(state, caller.position);
  const write = (offset: number, bytes: Uint8Array) => memory.write(INPUT_ADDRESS + BigInt(offset), bytes);
  write(layout.lamports, u64Bytes(account.lamports));
  write(layout.owner, account.owner);
  const length = account.data.length;
  const room = reserve(context);
  if (length > layout.dataBytes + room) {
    invocation.log(`Account data size realloc limited to ${room} in inner instructions`);
    throw instructionFault('InvalidRealloc');
  }
  if (length !== dataLength) {
    if (length < dataLength) write(layout.data + length, new Uint8Array(dataLength - length));
    memory.write(caller.lengthAddress, u64Bytes(BigInt(length)));
    write(layout.data - 8, u64Bytes(BigInt(length)));
  }
  write(layout.data, account.data);
}

function u64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, value, true);
  return bytes;
}
