import { equalBytes } from '@polyproof/base';
import { VmFault } from '../sbpf/vm-fault.js';
import { BorrowedAccount } from './borrowed-account.js';
import { instructionFault } from './instruction-error.js';
import { MAX_GROWTH_BYTES, type SerializedInput } from './serialize-input.js';
import type { TransactionState } from './transaction-state.js';

const MAX_DATA_BYTES = 10 * 1024 * 1024;

/**
 * Takes what a program left in its input into the accounts: Agave's `deserialize_parameters`.
 * @throws {VmFault} on a change that the program may not make
 */
export function deserializeInput(state: TransactionState, input: SerializedInput, aligned: boolean): void {
  const { bytes, layouts } = input;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  layouts.forEach((layout, position) => {
    if (layout.first !== position) return;
    const borrowed = new BorrowedAccount(state, position);
    const { account } = borrowed;
    const lamports = view.getBigUint64(layout.lamports, true);
    if (lamports !== account.lamports) borrowed.setLamports(lamports);
    const length = aligned
      ? newLength(view.getBigUint64(layout.data - 8, true), layout.dataBytes)
      : layout.dataBytes;
    if (layout.data + length > bytes.length) throw instructionFault('InvalidArgument');
    takeData(borrowed, bytes.subarray(layout.data, layout.data + length));
    if (!aligned) return;
    // At last, so that lamports and data may be changed in the same instruction.
    const owner = bytes.subarray(layout.owner, layout.owner + 32);
    if (!equalBytes(owner, account.owner)) borrowed.setOwner(owner);
  });
}

function newLength(length: bigint, before: number): number {
  if (length > BigInt(before + MAX_GROWTH_BYTES) || length > MAX_DATA_BYTES)
    throw instructionFault('InvalidRealloc');
  return Number(length);
}

/** Data that may not be changed is only compared. @throws {VmFault} when it is another one than before */
export function takeData(borrowed: BorrowedAccount, data: Uint8Array): void {
  try {
    borrowed.checkResize(data.length);
  } catch (error) {
    if (error instanceof VmFault && equalBytes(borrowed.account.data, data)) return;
    throw error;
  }
  borrowed.setData(data);
}
