import { toHex } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import litesvm from 'litesvm/dist/internal.js';
import { CIRCUIT_LIMITS } from '../../src/generated/circuit-limits.js';
import { LAMPORTS_PER_SIGNATURE, systemAccount } from '../../src/index.js';
import { assemble } from '../../src/sbpf/assemble.js';
import { loadProgram } from '../../src/sbpf/load-program.js';
import { SYSCALL_NAMES } from '../../src/sbpf/syscalls/syscall-names.js';
import { arithmetise } from '../../src/zkvm/arithmetise.js';
import { batchCapacity } from '../../src/zkvm/batch-capacity.js';
import { type ProvableProgram, runTransactions } from '../../src/zkvm/transaction-run.js';
import { elfV0 } from '../support/elf-files.js';
import { address, BLOCKHASH, engineTransaction, SOL, writable } from '../support/engine-transactions.js';

/** Programs in assembly, each with a writable account of its own, in litesvm and on the machine. */

/** where a program finds the address, the owner, and the data of its account */
export const AT = { ADDRESS: '0x400000010', OWNER: '0x400000030', DATA: '0x400000060' } as const;
const DATA_BYTES = 64;
const PAYER = address('payer');
const ACCOUNT = address('account');

/** What an execution came to. */
export interface Came {
  fails: boolean;
  units: number;
  /** of the account, in hexadecimal */
  data: string;
}

let programs = 0;

/** A program of version 0 in assembly, as batches would prove it. */
export function assembled(source: string): ProvableProgram & { elf: Uint8Array } {
  const elf = elfV0(assemble(source, 0), {});
  const program = loadProgram(elf);
  const own = address(`assembled ${programs++}`);
  return {
    address: own,
    elf,
    entries: arithmetise(program, SYSCALL_NAMES, own),
    readOnly: program.readOnly.bytes,
  };
}

const account = (owner: Uint8Array): Account => ({
  ...systemAccount(SOL),
  owner,
  data: new Uint8Array(DATA_BYTES),
});

export function inLitesvm(program: ReturnType<typeof assembled>, data: Uint8Array): Came {
  const svm = new litesvm.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.addProgram(program.address, program.elf);
  for (const [key, { lamports, data: bytes, owner, rentEpoch }] of [
    [PAYER, systemAccount(SOL)],
    [ACCOUNT, account(program.address)],
  ] as const)
    svm.setAccount(key, new litesvm.Account(lamports, bytes, owner, false, rentEpoch));
  const instruction = { program: program.address, accounts: [writable(ACCOUNT)], data };
  const { transaction } = engineTransaction({
    signers: ['payer'],
    instructions: [instruction],
    blockhash: BLOCKHASH,
  });
  const result = svm.sendLegacyTransaction(transaction.bytes);
  const succeeds = result instanceof litesvm.TransactionMetadata;
  const units = Number((succeeds ? result : result.meta()).computeUnitsConsumed());
  return { fails: !succeeds, units, data: toHex(Uint8Array.from(svm.getAccount(ACCOUNT)!.data())) };
}

/** @throws {ZkvmError} where it is not provable */
export function onMachine(program: ReturnType<typeof assembled>, data: Uint8Array): Came {
  const use = { account: 1, signer: false, writable: true };
  const { rows, run, after } = runTransactions({
    accounts: [
      { address: PAYER, account: systemAccount(SOL) },
      { address: ACCOUNT, account: account(program.address) },
    ],
    programs: [program],
    blocks: [
      {
        transactions: [
          {
            payer: 0,
            feeLamports: LAMPORTS_PER_SIGNATURE,
            computeUnitLimit: 200_000,
            instructions: [{ programId: program.address, accounts: [use], data }],
          },
        ],
      },
    ],
    capacity: batchCapacity(CIRCUIT_LIMITS),
  });
  return { fails: rows[0]!.fails, units: run.units, data: toHex(after[1]!.data) };
}
