import type { Account } from '@polyproof/state';
import { encodeBase58 } from '../base58.js';
import { isSigner } from '../message.js';
import { readComputeBudget } from '../runtime/resolve/compute-budget.js';
import type { RuntimeTransaction } from '../runtime/types.js';
import { VmFault } from '../sbpf/vm-fault.js';
import { chargeFee } from './charge-fee.js';
import { executeInstruction } from './execute-instruction.js';
import type { ProgramCache } from './program-cache.js';
import { allowsRentChange, type RentState, rentState } from './rent-state.js';
import { runtimeAccount } from './runtime-account.js';
import { type ProgramExecution, TransactionState, type WorkingAccount } from './transaction-state.js';

const MAX_U64 = (1n << 64n) - 1n;
const INCINERATOR = '1nc1nerator11111111111111111111111111111111';
const LOADERS = new Set([
  'NativeLoader1111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
]);

export interface TraceTransactionOptions {
  transaction: Pick<
    RuntimeTransaction,
    | 'transaction'
    | 'accountKeys'
    | 'writable'
    | 'computeUnitLimit'
    | 'baseFeeLamports'
    | 'priorityFeeLamports'
  >;
  /** Accounts of the state before it: those that it names, and the code of upgradeable programs. */
  account(address: Uint8Array): Account | null;
  /** Serialised sysvars: see `traceSysvars`. */
  sysvar(address: Uint8Array): Uint8Array | undefined;
  programs: ProgramCache;
  /** Whether executions have a trace. Default true. */
  record?: boolean;
}

export interface TracedTransaction {
  /** as an engine reports it: `failed` pays its fee and changes nothing else, `rejected` changes nothing at all */
  status: 'ok' | 'failed' | 'rejected';
  /** Solana's TransactionError in its JSON form, unless `ok` */
  error?: unknown;
  computeUnits: number;
  feeLamports: bigint;
  logs: string[];
  returnData?: { programId: Uint8Array; data: Uint8Array };
  /** after the transaction, by account index */
  accounts: (Account | null)[];
  /** bytecode that was executed, in the order in which it began */
  executions: ProgramExecution[];
}

/**
 * Executes a transaction instruction by instruction, with the same result as the engine; signatures, blockhash, nonces,
 * locks and limits of a block are not looked at.
 * @throws {TraceError} when it needs something of the runtime that cannot be traced
 * @throws {UnsupportedSyscallError} when a program calls a system call that cannot be traced
 * @throws {ProgramLoadError} when it calls a program of an sBPF version that is not supported
 */
export function traceTransaction(options: TraceTransactionOptions): TracedTransaction {
  const { transaction, sysvar, programs } = options;
  const { message } = transaction.transaction;
  const before = transaction.accountKeys.map(
    (address) => runtimeAccount(address, sysvar) ?? options.account(address),
  );
  const working = before.map((account, index) => workingAccount(transaction.accountKeys[index]!, account));
  working.forEach((account, index) => {
    // Who is exempt from rent is marked so for ever, when he is named as writable.
    if (transaction.writable[index] && rentState(account).kind === 'exempt') account.rentEpoch = MAX_U64;
  });
  const feeLamports = transaction.baseFeeLamports + transaction.priorityFeeLamports;
  const rents = working.map(rentState);
  const outcome = { computeUnits: 0, feeLamports: 0n, logs: [], accounts: before, executions: [] };

  const unpaid = chargeFee(working[0]!, feeLamports);
  if (unpaid !== undefined) return { ...outcome, status: 'rejected', error: unpaid };
  const paid = [toAccount(working[0]!), ...before.slice(1)];
  const failed = { ...outcome, status: 'failed' as const, feeLamports, accounts: paid };
  const notLoaded = checkPrograms(message.instructions.map(({ programIdIndex }) => working[programIdIndex]!));
  if (notLoaded !== undefined) return { ...failed, error: notLoaded };

  const state = new TransactionState({
    accounts: working,
    environment: { sysvar, program: (account) => programs.get(account, options.account) },
    computeUnitLimit: transaction.computeUnitLimit,
    heapBytes: readComputeBudget(message).heapBytes,
    recording: options.record ?? true,
    execute: executeInstruction,
  });
  const error = executeInstructions(state, transaction) ?? checkRents(rents, working, transaction.writable);
  const { returnData, executions, logs } = state;
  const told = {
    computeUnits: transaction.computeUnitLimit - state.meter.remaining,
    logs: logs.lines,
    executions,
    ...(returnData.data.length === 0 ? {} : { returnData }),
  };
  if (error !== undefined) return { ...failed, ...told, error };
  const accounts = working.map((account, index) =>
    transaction.writable[index] ? toAccount(account) : before[index]!,
  );
  return { status: 'ok', feeLamports, accounts, ...told };
}

function executeInstructions(
  state: TransactionState,
  { transaction, writable }: TraceTransactionOptions['transaction'],
): unknown {
  const { message } = transaction;
  for (const [index, { programIdIndex, accountIndexes, data }] of message.instructions.entries()) {
    state.instruction = index;
    const accounts = Array.from(accountIndexes, (account) => ({
      index: account,
      signer: isSigner(message, account),
      writable: writable[account]!,
    }));
    try {
      state.execute({ program: programIdIndex, accounts, data });
    } catch (error) {
      if (!(error instanceof VmFault)) throw error;
      return { InstructionError: [index, error.instructionError] };
    }
  }
  return undefined;
}

function checkPrograms(called: readonly WorkingAccount[]): string | undefined {
  if (called.some(({ lamports }) => lamports === 0n)) return 'ProgramAccountNotFound';
  const executable = called.every(({ executable, owner }) => executable && LOADERS.has(encodeBase58(owner)));
  return executable ? undefined : 'InvalidProgramForExecution';
}

function checkRents(before: RentState[], accounts: WorkingAccount[], writable: readonly boolean[]): unknown {
  const index = accounts.findIndex(
    (account, at) =>
      writable[at] && account.name !== INCINERATOR && !allowsRentChange(before[at]!, rentState(account)),
  );
  return index < 0 ? undefined : { InsufficientFundsForRent: { account_index: index } };
}

function workingAccount(address: Uint8Array, account: Account | null): WorkingAccount {
  const name = encodeBase58(address);
  if (account === null)
    return {
      address,
      name,
      lamports: 0n,
      data: new Uint8Array(),
      owner: new Uint8Array(32),
      executable: false,
      rentEpoch: MAX_U64,
    };
  return { address, name, ...account };
}

function toAccount({ lamports, data, owner, executable, rentEpoch }: WorkingAccount): Account | null {
  if (lamports === 0n) return null;
  return { lamports, data, owner, executable, rentEpoch };
}
