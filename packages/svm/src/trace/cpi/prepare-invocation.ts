import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from '../../base58.js';
import { instructionFault } from '../instruction-error.js';
import type { InstructionAccount, InstructionFrame, TransactionState } from '../transaction-state.js';
import type { InvokedInstruction } from './read-instruction.js';

/**
 * The frame of an invoked instruction (Agave's `prepare_next_cpi_instruction`).
 * @param signers - addresses that the caller signs for, beside those that have signed already
 * @throws {VmFault} when an account is missing, or would be given rights that the caller does not have
 */
export function prepareInvocation(
  state: TransactionState,
  instruction: InvokedInstruction,
  signers: readonly Uint8Array[],
): InstructionFrame {
  const find = (address: Uint8Array) =>
    state.accounts.findIndex((account) => equalBytes(account.address, address));
  // An account that is named more than once has all rights that it is named with.
  const merged = new Map<number, InstructionAccount>();
  const order: number[] = [];
  for (const { address, signer, writable } of instruction.accounts) {
    const index = find(address);
    if (index < 0) {
      state.logs.log(`Instruction references an unknown account ${encodeBase58(address)}`);
      throw instructionFault('MissingAccount');
    }
    const known = merged.get(index);
    merged.set(index, {
      index,
      signer: signer || known?.signer === true,
      writable: writable || known?.writable === true,
    });
    order.push(index);
  }
  for (const account of merged.values()) checkRights(state, account, signers);
  const program = find(instruction.programId);
  if (program < 0 || !state.frame.accounts.some(({ index }) => index === program)) {
    state.logs.log(`Unknown program ${encodeBase58(instruction.programId)}`);
    throw instructionFault('MissingAccount');
  }
  return { program, accounts: order.map((index) => merged.get(index)!), data: instruction.data };
}

function checkRights(
  state: TransactionState,
  { index, signer, writable }: InstructionAccount,
  signers: readonly Uint8Array[],
): void {
  const caller = state.frame.accounts.find((account) => account.index === index);
  if (caller === undefined) throw instructionFault('MissingAccount');
  const { address, name } = state.accounts[index]!;
  if (writable && !caller.writable) {
    state.logs.log(`${name}'s writable privilege escalated`);
    throw instructionFault('PrivilegeEscalation');
  }
  if (signer && !caller.signer && !signers.some((signed) => equalBytes(signed, address))) {
    state.logs.log(`${name}'s signer privilege escalated`);
    throw instructionFault('PrivilegeEscalation');
  }
}
