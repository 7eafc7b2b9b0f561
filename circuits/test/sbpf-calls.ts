import { decodeBase58 } from '../../packages/svm/src/base58.js';
import { genesisPrograms } from '../../packages/svm/src/genesis-programs.js';
import { assemble } from '../../packages/svm/src/sbpf/assemble.js';
import { loadProgram } from '../../packages/svm/src/sbpf/load-program.js';
import { SYSCALL_NAMES } from '../../packages/svm/src/sbpf/syscalls/syscall-names.js';
import { arithmetise } from '../../packages/svm/src/zkvm/arithmetise.js';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import { transactionInputs } from '../../packages/svm/src/zkvm/transaction-inputs.js';
import type { BatchAccount } from '../../packages/svm/src/zkvm/transaction-layout.js';
import type {
  AccountUse,
  ProvableInstruction,
  ProvableTransaction,
} from '../../packages/svm/src/zkvm/transaction-rows.js';
import { runTransactions, type TransactionRun } from '../../packages/svm/src/zkvm/transaction-run.js';
import { elfV0 } from '../../packages/svm/test/support/elf-files.js';
import { named, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { AT, accounts, CAPACITY, committedToken } from './sbpf-transactions.js';

/** A program that invokes others, and places of the accounts that its tests have beside the usual ones. */
export const CALLER = named('caller');
export const PLACE = { SYSTEM: AT.COLLECTOR, OWN: AT.MINT, TOKEN: AT.LAST } as const;

const SYSTEM = new Uint8Array(32);
const NATIVE_LOADER = decodeBase58('NativeLoader1111111111111111111111111111111');
/** of accounts that are exempt from rent, which all are in the state tree */
const RENT_EPOCH = 2n ** 64n - 1n;
const INPUT = 4n << 32n;
const STACK = 2n << 32n;
const RECORD_BYTES = 10_336n;
const INSTRUCTION_BYTES = 80;
/** where the caller's structures are on its stack */
const INFOS = STACK + 1024n;
const CELLS = STACK + 2048n;

/** What the caller is told to do, and how. */
export interface Call {
  instruction: ProvableInstruction;
  /** positions of the caller's accounts that it describes */
  infos: number[];
  /** that it signs with */
  seeds?: Uint8Array[];
  /** keeps eight bytes of what the called program returns */
  returned?: boolean;
  /** instead of what they are */
  changed?: { meta?: number; pointer?: [info: number, field: number, by: bigint] };
}

/** As the usual accounts, with one of the caller's own, the System program and the token program. */
export function callAccounts(list = accounts()): BatchAccount[] {
  const own = { lamports: 10n ** 9n, owner: CALLER, data: new Uint8Array(24), executable: false };
  list[PLACE.OWN] = { address: named('own'), account: { ...own, rentEpoch: RENT_EPOCH } };
  const token = genesisPrograms().find(([address]) => Buffer.compare(address, TOKEN) === 0)!;
  list[PLACE.TOKEN] = { address: TOKEN, account: { ...token[1], rentEpoch: RENT_EPOCH } };
  list[PLACE.SYSTEM] = {
    address: SYSTEM,
    account: {
      lamports: 1n,
      owner: NATIVE_LOADER,
      data: new TextEncoder().encode('solana_system_program'),
      executable: true,
      rentEpoch: RENT_EPOCH,
    },
  };
  return list;
}

const little = (value: bigint) =>
  Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));

/** Addresses of the caller's records, and of its instruction's data. */
function layout(uses: readonly AccountUse[], before: readonly BatchAccount[]) {
  let at = INPUT + 8n;
  const records: bigint[] = [];
  uses.forEach(({ account }, position) => {
    const first = uses.findIndex((use) => use.account === account);
    records.push(first < position ? records[first]! : at);
    const bytes = before[account]!.account?.data.length ?? 0;
    at += first < position ? 8n : RECORD_BYTES + BigInt(8 * Math.ceil(bytes / 8));
  });
  return { records, data: at + 8n };
}

/** The caller's data: its instructions, and where the list of its signers is for each. */
function dataOf(uses: readonly AccountUse[], calls: readonly Call[], before: readonly BatchAccount[]) {
  const { data: base } = layout(uses, before);
  const parts: Uint8Array[] = [];
  let at = base;
  const put = (bytes: Uint8Array): bigint => {
    const padded = new Uint8Array(8 * Math.ceil(bytes.length / 8));
    padded.set(bytes);
    parts.push(padded);
    at += BigInt(padded.length);
    return at - BigInt(padded.length);
  };
  const join = (words: readonly bigint[]) => Uint8Array.from(words.flatMap((word) => [...little(word)]));
  for (const _ of calls) put(new Uint8Array(INSTRUCTION_BYTES));
  const signers = calls.map(({ instruction, seeds, changed }, call) => {
    const metas = put(
      Uint8Array.from(
        instruction.accounts.flatMap(({ account, signer, writable }, meta) => [
          ...before[changed?.meta === meta ? AT.OTHER : account]!.address,
          signer ? 1 : 0,
          writable ? 1 : 0,
        ]),
      ),
    );
    const count = BigInt(instruction.accounts.length);
    const length = BigInt(instruction.data.length);
    const words = join([metas, count, count, put(instruction.data), length, length]);
    parts[call]!.set(Uint8Array.from([...words, ...instruction.programId]));
    if (seeds === undefined) return 0n;
    const slices = seeds.flatMap((seed) => [put(seed), BigInt(seed.length)]);
    return put(join([put(join(slices)), BigInt(seeds.length)]));
  });
  return { data: Uint8Array.from(parts.flatMap((part) => [...part])), signers };
}

/** The program for such instructions: it describes accounts on its stack, as Rust does. */
export function callerProgram(uses: readonly AccountUse[], calls: readonly Call[], before = callAccounts()) {
  const { records } = layout(uses, before);
  const { signers } = dataOf(uses, calls, before);
  const lines: string[] = ['entrypoint:', '  mov64 r6, r2', '  mov64 r7, r1'];
  const own = uses.findIndex(({ account }) => before[account]!.account?.owner === CALLER);
  calls.forEach(({ infos, seeds, returned, changed }, call) => {
    const store = (address: bigint, value: bigint) =>
      lines.push(`  lddw r3, ${value}`, `  lddw r4, ${address}`, '  stxdw [r4+0], r3');
    // What was described before is left as it is: its lengths may be others by now.
    const again = calls[call - 1]?.infos.join() === infos.join();
    (again ? [] : infos).forEach((position, i) => {
      const key = records[position]! + 8n;
      const bytes = before[uses[position]!.account]!.account?.data.length ?? 0;
      const by = (field: number) =>
        changed?.pointer?.[0] === i && changed.pointer[1] === field ? changed.pointer[2] : 0n;
      const info = INFOS + BigInt(48 * i);
      const cells = CELLS + BigInt(72 * i);
      store(info, key + by(0));
      store(info + 8n, cells);
      store(info + 16n, cells + 32n);
      store(info + 24n, key + 32n + by(1));
      store(cells + 24n, key + 64n + by(2));
      store(cells + 56n, key + 80n + by(3));
      store(cells + 64n, BigInt(bytes) + by(4));
    });
    lines.push(
      '  mov64 r1, r6',
      `  add64 r1, ${INSTRUCTION_BYTES * call}`,
      `  lddw r2, ${INFOS}`,
      `  mov64 r3, ${infos.length}`,
      `  lddw r4, ${signers[call]}`,
      `  mov64 r5, ${seeds === undefined ? 0 : 1}`,
      '  call sol_invoke_signed_rust',
      '  jne r0, 0, wrong',
    );
    if (returned === true)
      lines.push(
        `  lddw r1, ${CELLS + 1024n}`,
        '  mov64 r2, 8',
        `  lddw r3, ${CELLS + 1088n}`,
        '  call sol_get_return_data',
        `  lddw r1, ${CELLS + 1024n}`,
        '  ldxdw r1, [r1+0]',
        '  lsh64 r0, 32',
        '  add64 r1, r0',
      );
    if (own >= 0)
      // Lamports of the first account, and the length of what is described last.
      lines.push(
        `  lddw r4, ${records[0]! + 72n}`,
        '  ldxdw r3, [r4+0]',
        `  lddw r4, ${records[own]! + 88n}`,
        '  stxdw [r4+0], r3',
        `  lddw r3, ${CELLS + BigInt(72 * (infos.length - 1)) + 64n}`,
        '  ldxdw r3, [r3+0]',
        '  stxdw [r4+8], r3',
        '  stxdw [r4+16], r1',
      );
  });
  lines.push('  mov64 r0, 0', '  exit', 'wrong:', '  exit');
  return elfV0(assemble(lines.join('\n'), 0));
}

export interface CallCase {
  uses: AccountUse[];
  calls: Call[];
  before?: BatchAccount[];
  /** gets the fees, which do not exempt him from rent: an account that there is not; without him the block goes on */
  collector?: number | null;
  /** instructions behind it */
  behind?: ProvableInstruction[];
}

export const use = (account: number, flags = ''): AccountUse => ({
  account,
  signer: flags.includes('s'),
  writable: flags.includes('w'),
});

/** Its only transaction. */
export function transactionOf({
  uses,
  calls,
  before = callAccounts(),
  behind = [],
}: CallCase): ProvableTransaction {
  const signers = new Set(uses.flatMap(({ account, signer }) => (signer ? [account] : [])));
  return {
    payer: AT.PAYER,
    feeLamports: 5_000n * BigInt(signers.add(AT.PAYER).size),
    computeUnitLimit: 200_000,
    instructions: [{ programId: CALLER, accounts: uses, data: dataOf(uses, calls, before).data }, ...behind],
  };
}

/** What the machine makes of a case. */
export function runCalls(of: CallCase): { run: TransactionRun; inputs: () => Record<string, unknown> } {
  const { uses, calls, before = callAccounts(), collector = AT.NEW } = of;
  const program = loadProgram(callerProgram(uses, calls, before));
  const entries = arithmetise(program, SYSCALL_NAMES, CALLER);
  const readOnly = program.readOnly.bytes;
  const run = runTransactions({
    accounts: before,
    programs: [committedToken(), { address: CALLER, entries, readOnly }],
    blocks: [{ transactions: [transactionOf(of)], ...(collector === null ? {} : { collector }) }],
    capacity: CAPACITY,
  });
  const own = () => ({ address: CALLER, committed: new CommittedProgram(2, entries, readOnly) });
  return { run, inputs: () => transactionInputs(run, before, [committedToken(), own()], CAPACITY) };
}
