import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, toHex } from '@polyproof/base';
import litesvm from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../../src/base58.js';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { loadProgram } from '../../src/sbpf/load-program.js';
import type { Program } from '../../src/sbpf/program.js';
import { SYSCALL_NAMES } from '../../src/sbpf/syscalls/syscall-names.js';
import { arithmetise } from '../../src/zkvm/arithmetise.js';
import type { Bytecode } from '../../src/zkvm/control-flow.js';
import type { Entry } from '../../src/zkvm/entry.js';
import { liveRegisters } from '../../src/zkvm/liveness.js';
import { type Run, runMachine } from '../../src/zkvm/machine.js';
import type { Region } from '../../src/zkvm/memory.js';
import { PRIVILEGED } from '../../src/zkvm/operations.js';
import { passedRegisters } from '../../src/zkvm/passing.js';
import { PAYER, type Scenario, TOKEN } from './token-scenarios.js';

const INPUT = 4n << 32n;
const STACK = 2n << 32n;
const GROWTH = 10_240;
const PROGRAMDATA_HEADER = 45;
const RENT_EPOCH = 0xffffffffffffffffn;

let token: { program: Program; entries: Entry[] } | undefined;

/** The token program, and what the machine executes for it. */
export function tokenProgram(): { program: Program; entries: Entry[] } {
  if (token === undefined) {
    const accounts = new Map(genesisPrograms().map(([address, account]) => [toHex(address), account]));
    const programdata = accounts.get(toHex(TOKEN))!.data.subarray(4, 36);
    const program = loadProgram(accounts.get(toHex(programdata))!.data.subarray(PROGRAMDATA_HEADER));
    token = { program, entries: arithmetise(program, SYSCALL_NAMES) };
  }
  return token;
}

/**
 * Those of r0 to r10 before each slot that something may still depend on, and that are not with a function that is called next
 * already.
 */
export function comparedRegisters(
  program: Bytecode,
  syscalls: readonly string[],
): (slot: number, registers: readonly bigint[]) => bigint[] {
  const live = liveRegisters(program, syscalls);
  const passed = passedRegisters(program, live);
  return (slot, registers) =>
    registers.slice(0, 11).filter((_, register) => ((live[slot]! & ~passed[slot]!) >> register) & 1);
}

/** What litesvm does in a transaction with this one instruction. */
export interface Expected {
  succeeds: boolean;
  units: number;
  /** registers r0 to r10 and the slot, before each instruction */
  rows: bigint[][];
  /** accounts after it, in the scenario's order */
  after: { lamports: bigint; data: Uint8Array }[];
}

export function executeInLitesvm(scenario: Scenario): Expected {
  const directory = mkdtempSync(join(tmpdir(), 'sbf-trace-'));
  process.env.SBF_TRACE_DIR = directory;
  const svm = new litesvm.LiteSvm();
  delete process.env.SBF_TRACE_DIR;
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  for (const { address, owner, lamports, data } of scenario.accounts)
    svm.setAccount(address, new litesvm.Account(lamports, data, owner, false, RENT_EPOCH));
  const result = svm.sendLegacyTransaction(transaction(scenario));
  const meta = 'meta' in result ? (result.meta as () => typeof result)() : result;
  const units = Number((meta as unknown as { computeUnitsConsumed(): bigint }).computeUnitsConsumed());
  const file = readdirSync(directory).find((name) => name.endsWith('.regs'))!;
  const words = readFileSync(join(directory, file));
  const rows = Array.from({ length: words.length / 96 }, (_, row) =>
    Array.from({ length: 12 }, (_, i) => words.readBigUInt64LE(96 * row + 8 * i)),
  );
  rmSync(directory, { recursive: true });
  const after = scenario.accounts.map(({ address }) => {
    const account = svm.getAccount(address);
    return { lamports: account?.lamports() ?? 0n, data: Uint8Array.from(account?.data() ?? []) };
  });
  return { succeeds: !('meta' in result), units, rows, after };
}

/** A legacy transaction: the payer pays and signs, other signers only sign. */
function transaction({ uses, data }: Scenario): Uint8Array {
  const keys = new Map<string, { address: Uint8Array; signer: boolean; writable: boolean }>();
  for (const use of [
    { address: PAYER, signer: true, writable: true },
    ...uses,
    { address: TOKEN, signer: false, writable: false },
  ]) {
    const known = keys.get(toHex(use.address));
    if (known === undefined) keys.set(toHex(use.address), { ...use });
    else {
      known.signer ||= use.signer;
      known.writable ||= use.writable;
    }
  }
  const rank = ({ signer, writable }: { signer: boolean; writable: boolean }) =>
    (signer ? 0 : 2) + (writable ? 0 : 1);
  const all = [...keys.values()].sort((a, b) => rank(a) - rank(b));
  const index = (address: Uint8Array) => all.findIndex((key) => toHex(key.address) === toHex(address));
  const count = (matches: (key: (typeof all)[number]) => boolean) => all.filter(matches).length;
  const signers = count(({ signer }) => signer);
  return concatBytes(
    Uint8Array.of(signers),
    new Uint8Array(64 * signers),
    Uint8Array.of(
      signers,
      count(({ signer, writable }) => signer && !writable),
      count(({ signer, writable }) => !signer && !writable),
      all.length,
    ),
    ...all.map(({ address }) => address),
    new Uint8Array(32),
    Uint8Array.of(1, index(TOKEN), uses.length, ...uses.map(({ address }) => index(address)), data.length),
    data,
  );
}

const FEE = 5_000n;

function rentSysvar(): Uint8Array {
  return new litesvm.LiteSvm()
    .getAccount(decodeBase58('SysvarRent111111111111111111111111111111111'))!
    .data();
}

/** Memory of an invocation of the token program: cells, and where its addresses are in them. */
export interface Image {
  cells: bigint[];
  regions: Region[];
  dataAddress: bigint;
  /** first cell of each account's record, in the scenario's order; undefined where it is not used */
  records: (number | undefined)[];
}

export function imageOf(scenario: Scenario, stack: readonly Region[] | undefined): Image {
  const cells: bigint[] = [];
  const regions: Region[] = [];
  const put = (start: bigint, bytes: Uint8Array, writable = true) => {
    const cell = cells.length;
    const padded = Buffer.alloc(8 * Math.ceil(bytes.length / 8));
    padded.set(bytes);
    for (let at = 0; at < padded.length; at += 8) cells.push(padded.readBigUInt64LE(at));
    regions.push({ start, length: bytes.length, cell, writable });
    return cell;
  };
  const u64 = (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const { program } = tokenProgram();
  put(INPUT, u64(scenario.uses.length));
  let at = INPUT + 8n;
  const records = new Map<string, { position: number; cell: number }>();
  const payer = (address: Uint8Array) => toHex(address) === toHex(PAYER);
  scenario.uses.forEach(({ address }, position) => {
    const repeated = records.get(toHex(address));
    if (repeated !== undefined) {
      put(at, Uint8Array.of(repeated.position, 0, 0, 0, 0, 0, 0, 0));
      at += 8n;
      return;
    }
    const account = scenario.accounts.find((candidate) => toHex(candidate.address) === toHex(address))!;
    const uses = scenario.uses.filter((use) => toHex(use.address) === toHex(address));
    const signer = payer(address) || uses.some((use) => use.signer);
    const writable = payer(address) || uses.some((use) => use.writable);
    const padded = 8 * Math.ceil(account.data.length / 8);
    const data = Buffer.alloc(padded);
    data.set(account.data);
    const record = concatBytes(
      Uint8Array.of(255, signer ? 1 : 0, writable ? 1 : 0, 0, 0, 0, 0, 0),
      address,
      account.owner,
      u64(account.lamports - (payer(address) ? FEE : 0n)),
      u64(account.data.length),
      data,
    );
    records.set(toHex(address), { position, cell: put(at, record) });
    at += BigInt(record.length + GROWTH);
    put(at, u64(RENT_EPOCH));
    at += 8n;
  });
  put(at, concatBytes(u64(scenario.data.length), scenario.data, TOKEN));
  const dataAddress = at + 8n;
  put(PRIVILEGED, rentSysvar(), false);
  for (const { start, length } of stack ??
    [0n, 1n, 2n, 3n].map((frame) => ({ start: STACK + 8192n * frame, length: 4096 })))
    put(start, new Uint8Array(length));
  const readOnly = stack === undefined ? program.readOnly.bytes : new Uint8Array(0);
  if (stack === undefined) put(program.readOnly.address, readOnly, false);
  return {
    cells,
    regions,
    dataAddress,
    records: scenario.accounts.map(({ address }) => records.get(toHex(address))?.cell),
  };
}

/** Executes the scenario in the machine, on as few cells as it touches. */
export function executeInMachine(
  scenario: Scenario,
  onStep?: (place: number, registers: readonly bigint[]) => void,
): { run: Run; image: Image } {
  const { entries, program } = tokenProgram();
  const start = (image: Image) =>
    runMachine({
      programs: [entries],
      invocations: [{ program: 1, data: image.dataAddress, regions: image.regions }],
      cells: image.cells,
      ...(onStep === undefined ? {} : { onStep }),
    });
  const wide = imageOf(scenario, undefined);
  const first = runMachine({
    programs: [entries],
    invocations: [{ program: 1, data: wide.dataAddress, regions: wide.regions }],
    cells: wide.cells,
  });
  const touched = first.rows.rows.words.map(({ fields }) => {
    const segment = first.segments[Number(fields.segment)]!;
    return segment.start + 8n * (fields.offset as bigint);
  });
  const stack = runsOf(touched.filter((address) => address >> 32n === 2n));
  const constants = runsOf(touched.filter((address) => address >> 32n === 1n));
  const image = imageOf(scenario, stack);
  for (const { start: address, length } of constants) {
    const at = Number(address - program.readOnly.address);
    const bytes = Buffer.alloc(length);
    bytes.set(program.readOnly.bytes.subarray(at, at + length));
    image.regions.push({ start: address, length, cell: image.cells.length, writable: false });
    for (let i = 0; i < length; i += 8) image.cells.push(bytes.readBigUInt64LE(i));
  }
  return { run: start(image), image };
}

/** Ranges of words that follow each other. */
function runsOf(addresses: readonly bigint[]): Region[] {
  const words = [...new Set(addresses)].sort((a, b) => (a < b ? -1 : 1));
  const runs: Region[] = [];
  for (const start of words) {
    const last = runs.at(-1);
    if (last !== undefined && start - last.start - BigInt(last.length) <= 32n)
      last.length = Number(start - last.start) + 8;
    else runs.push({ start, length: 8, cell: 0, writable: true });
  }
  return runs;
}
