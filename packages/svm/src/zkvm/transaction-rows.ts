import { equalBytes } from '@polyproof/base';
import { decodeBase58 } from '../base58.js';
import { SYSTEM_PROGRAM } from '../reserved.js';
import { ZkvmError } from './errors.js';
import { isChange, readChange } from './system-change.js';
import type { ProgramCall } from './transaction-calls.js';

/** An account as an instruction names it, by its place in the account table. */
export interface AccountUse {
  account: number;
  signer: boolean;
  writable: boolean;
}

export interface ProvableInstruction {
  programId: Uint8Array;
  accounts: readonly AccountUse[];
  data: Uint8Array;
}

/** A transaction as its message asks for it. */
export interface ProvableTransaction {
  /** place in the account table */
  payer: number;
  feeLamports: bigint;
  computeUnitLimit: number;
  instructions: readonly ProvableInstruction[];
}

export interface ProvableBlock {
  transactions: readonly ProvableTransaction[];
  /** who gets the fees, by his place in the account table; without him the block goes on */
  collector?: number;
}

/** `Row` in circuits/lib/src/sbpf/row.nr. */
export interface TransactionRow {
  kind: number;
  program: number;
  uses: readonly AccountUse[];
  data: Uint8Array;
  amount: bigint;
  limit: number;
  fails: boolean;
  /** number of the transaction in the batch; the end of a block has none */
  transaction: number | undefined;
  /** where a program calls it */
  called?: boolean;
  call?: ProgramCall;
}

export const KIND = {
  NONE: 0,
  FEE: 1,
  PROGRAM: 2,
  TRANSFER: 3,
  BUDGET: 4,
  CREDIT: 5,
  CHANGE: 6,
  RESUMED: 7,
} as const;

/** Whether a program is executed. */
export const ofProgram = ({ kind }: Pick<TransactionRow, 'kind'>): boolean =>
  kind === KIND.PROGRAM || kind === KIND.RESUMED;

const COMPUTE_BUDGET_PROGRAM = decodeBase58('ComputeBudget111111111111111111111111111111');
const REQUEST_HEAP = 1;
const TRANSFER_NUMBER = 2;
const TRANSFER_BYTES = 12;

/**
 * Rows of blocks, one behind the other.
 * @param programs - addresses of the programs that can be proved
 * @throws {ZkvmError} on an instruction that cannot be proved
 */
export function transactionRows(
  blocks: readonly ProvableBlock[],
  programs: readonly Uint8Array[],
): TransactionRow[] {
  const rows: TransactionRow[] = [];
  let transaction = -1;
  const nothing = { program: 0, data: new Uint8Array(), amount: 0n, limit: 0, fails: false };
  const own = (account: number) => [{ account, signer: true, writable: true }];
  for (const { transactions, collector } of blocks) {
    for (const { payer, feeLamports, computeUnitLimit, instructions } of transactions) {
      transaction++;
      const fee = { kind: KIND.FEE, uses: own(payer), amount: feeLamports, limit: computeUnitLimit };
      rows.push({ ...nothing, ...fee, transaction });
      for (const { programId, accounts, data } of instructions)
        rows.push({
          ...nothing,
          ...calledProgram(programId, data, programs),
          uses: accounts,
          data,
          transaction,
        });
    }
    if (collector !== undefined)
      rows.push({ ...nothing, kind: KIND.CREDIT, uses: own(collector), transaction: undefined });
  }
  return rows;
}

/** What a row says of the program that an instruction calls. @throws {ZkvmError} if it cannot be proved */
export function calledProgram(
  programId: Uint8Array,
  data: Uint8Array,
  programs: readonly Uint8Array[],
): { kind: number; program?: number; amount?: bigint } {
  if (equalBytes(programId, COMPUTE_BUDGET_PROGRAM)) {
    // A larger heap costs units with every program that is called.
    if (data[0] === REQUEST_HEAP)
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'requests of a larger heap are not proved');
    return { kind: KIND.BUDGET };
  }
  if (equalBytes(programId, SYSTEM_PROGRAM)) {
    if (isChange(data)) return { kind: KIND.CHANGE, amount: readChange(data).lamports };
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    if (data.length !== TRANSFER_BYTES || view.getUint32(0, true) !== TRANSFER_NUMBER)
      throw new ZkvmError(
        'NOT_PROVABLE_EXECUTION',
        'of the System program only transfers, createAccount, assign and allocate are proved',
      );
    return { kind: KIND.TRANSFER, amount: view.getBigUint64(4, true) };
  }
  const index = programs.findIndex((address) => equalBytes(address, programId));
  if (index < 0) throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'the program is not one that is proved');
  return { kind: KIND.PROGRAM, program: index + 1 };
}
