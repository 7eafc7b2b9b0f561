import { INPUT_ADDRESS } from '../sbpf/program.js';
import { instructionFault } from './instruction-error.js';
import type { InstructionFrame, WorkingAccount } from './transaction-state.js';

/** Bytes by which an account can grow in one instruction. */
export const MAX_GROWTH_BYTES = 10_240;
const MAX_ACCOUNTS = 255;
const NOT_REPEATED = 0xff;
const ALIGNMENT = 8;

/** Where an account's record is in the input; those of one that is named again are the first one's. */
export interface AccountLayout {
  /** position at which the instruction names the account for the first time */
  first: number;
  key: number;
  owner: number;
  lamports: number;
  /** of the data; its length is in the 8 bytes before */
  data: number;
  dataBytes: number;
}

export interface SerializedInput {
  bytes: Uint8Array;
  layouts: AccountLayout[];
  /** virtual address of the instruction's data */
  dataAddress: bigint;
}

/**
 * An instruction's parameters as its program finds them in memory: Agave's `serialize_parameters`, in the aligned form of
 * all loaders but the first, which has no room to grow and no padding.
 * @throws {VmFault} with more than 255 accounts
 */
export function serializeInput(
  frame: InstructionFrame,
  accounts: readonly WorkingAccount[],
  aligned: boolean,
): SerializedInput {
  if (frame.accounts.length > MAX_ACCOUNTS) throw instructionFault('MaxAccountsExceeded');
  const bytes = new Uint8Array(inputLength(frame, accounts, aligned));
  const view = new DataView(bytes.buffer);
  const layouts: AccountLayout[] = [];
  const positions = new Map<number, number>();
  let at = 0;
  const u64 = (value: bigint | number) => {
    view.setBigUint64(at, BigInt(value), true);
    at += 8;
    return at - 8;
  };
  const put = (part: Uint8Array) => {
    bytes.set(part, at);
    at += part.length;
    return at - part.length;
  };
  const flag = (value: boolean) => {
    bytes[at++] = value ? 1 : 0;
  };

  u64(frame.accounts.length);
  frame.accounts.forEach(({ index, signer, writable }, position) => {
    const repeated = positions.get(index);
    bytes[at++] = repeated ?? NOT_REPEATED;
    if (repeated !== undefined) {
      layouts.push(layouts[repeated]!);
      if (aligned) at += 7;
      return;
    }
    positions.set(index, position);
    const account = accounts[index]!;
    const dataBytes = account.data.length;
    flag(signer);
    flag(writable);
    if (aligned) {
      flag(account.executable);
      at += 4;
      const key = put(account.address);
      const owner = put(account.owner);
      const lamports = u64(account.lamports);
      u64(dataBytes);
      const data = put(account.data);
      layouts.push({ first: position, key, owner, lamports, data, dataBytes });
      at += MAX_GROWTH_BYTES + padding(dataBytes);
    } else {
      const key = put(account.address);
      const lamports = u64(account.lamports);
      u64(dataBytes);
      const data = put(account.data);
      layouts.push({ first: position, key, owner: put(account.owner), lamports, data, dataBytes });
      flag(account.executable);
    }
    // The rent epoch is hidden from programs.
    u64(0xffffffffffffffffn);
  });
  u64(frame.data.length);
  const dataAddress = INPUT_ADDRESS + BigInt(put(frame.data));
  put(accounts[frame.program]!.address);
  return { bytes, layouts, dataAddress };
}

function inputLength(
  { accounts, data }: InstructionFrame,
  all: readonly WorkingAccount[],
  aligned: boolean,
): number {
  let length = 8 + 8 + data.length + 32;
  const seen = new Set<number>();
  for (const { index } of accounts) {
    if (seen.has(index)) length += aligned ? 8 : 1;
    else {
      const dataBytes = all[index]!.data.length;
      length += aligned ? 96 + dataBytes + MAX_GROWTH_BYTES + padding(dataBytes) : 92 + dataBytes;
    }
    seen.add(index);
  }
  return length;
}

function padding(dataBytes: number): number {
  return (ALIGNMENT - (dataBytes % ALIGNMENT)) % ALIGNMENT;
}
