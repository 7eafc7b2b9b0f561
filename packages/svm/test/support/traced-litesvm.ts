import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '@polyproof/state';
import litesvm from 'litesvm/dist/internal.js';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import { readComputeBudget } from '../../src/runtime/resolve/compute-budget.js';
import type { EngineTransaction } from '../../src/runtime/types.js';
import { ProgramCache } from '../../src/trace/program-cache.js';
import { type TracedTransaction, traceTransaction } from '../../src/trace/trace-transaction.js';
import { type EngineError, transactionErrorJson } from '../../src/transaction-error.js';

export type Svm = InstanceType<typeof litesvm.LiteSvm>;

/** What litesvm tells of a transaction. */
export interface Reference {
  error: unknown;
  logs: string[];
  computeUnits: number;
  returnData: { programId: string; data: string } | undefined;
  /** after the transaction, by account index */
  accounts: (Account | null)[];
  /** registers before each instruction, one file for each execution that differs */
  registers: Buffer[];
}

/** litesvm, told to write down the registers before every instruction, and the tracer on the same accounts. */
export class TracedLitesvm {
  readonly svm: Svm;
  readonly programs = new ProgramCache();
  /** Programs are big: they are read once. */
  readonly #code = new Map<string, Account>();
  readonly #directory: string | undefined;

  /** @param registers - whether litesvm writes registers, which takes most of its time */
  constructor(create: () => Svm = () => new litesvm.LiteSvm(), registers = true) {
    this.#directory = registers ? mkdtempSync(join(tmpdir(), 'registers-')) : undefined;
    // litesvm reads it when it is made: only this one writes registers.
    if (this.#directory !== undefined) process.env.SBF_TRACE_DIR = this.#directory;
    this.svm = create();
    delete process.env.SBF_TRACE_DIR;
    this.svm.setSigverify(false);
    this.svm.setBlockhashCheck(false);
    this.svm.setTransactionHistory(0n);
  }

  close(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true });
  }

  set(address: Uint8Array, { lamports, data, owner, executable, rentEpoch }: Account): void {
    this.svm.setAccount(address, new litesvm.Account(lamports, data, owner, executable, rentEpoch));
  }

  deploy(address: Uint8Array, elf: Uint8Array): void {
    this.svm.addProgram(address, elf);
    // Its code is in another account.
    this.#code.clear();
  }

  account(address: Uint8Array): Account | null {
    const known = this.#code.get(addressKey(address));
    if (known !== undefined) return known;
    const found = this.svm.getAccount(address);
    if (found === null || found.lamports() === 0n) return null;
    const account: Account = {
      lamports: found.lamports(),
      data: Uint8Array.from(found.data()),
      owner: Uint8Array.from(found.owner()),
      executable: found.executable(),
      rentEpoch: found.rentEpoch(),
    };
    if (account.executable || (account.data.length > 1_000 && account.data[0] === 3))
      this.#code.set(addressKey(address), account);
    return account;
  }

  /** Before {@link TracedLitesvm.execute}: the tracer changes nothing. */
  trace(transaction: EngineTransaction, record = true): TracedTransaction {
    const { computeUnitLimit } = readComputeBudget(transaction.transaction.message);
    return traceTransaction({
      transaction: { ...transaction, computeUnitLimit },
      account: (address) => this.account(address),
      sysvar: (address) => this.#sysvar(address),
      programs: this.programs,
      record,
    });
  }

  execute({ transaction, accountKeys }: EngineTransaction): Reference {
    const result = this.svm.sendVersionedTransaction(transaction.bytes);
    const ok = result instanceof litesvm.TransactionMetadata;
    const meta = ok ? result : result.meta();
    const returned = meta.returnData();
    const data = Buffer.from(returned.data()).toString('hex');
    return {
      error: ok ? undefined : transactionErrorJson(result.err() as EngineError),
      logs: meta.logs(),
      computeUnits: Number(meta.computeUnitsConsumed()),
      returnData:
        data === '' ? undefined : { programId: Buffer.from(returned.programId()).toString('hex'), data },
      accounts: accountKeys.map((address) => this.account(address)),
      registers: this.#takeRegisters(),
    };
  }

  #takeRegisters(): Buffer[] {
    if (this.#directory === undefined) return [];
    const directory = this.#directory;
    return readdirSync(directory).flatMap((name) => {
      const path = join(directory, name);
      const content = name.endsWith('.regs') ? [readFileSync(path)] : [];
      rmSync(path);
      return content;
    });
  }

  #sysvar(address: Uint8Array): Uint8Array | undefined {
    const account = this.account(address);
    const isSysvar = account !== null && Buffer.from(account.owner).toString('hex').startsWith('06a7d51718');
    return isSysvar ? account.data : undefined;
  }
}
