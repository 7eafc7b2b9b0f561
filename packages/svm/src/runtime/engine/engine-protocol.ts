import { InvariantError, type SerializedError } from '@polyproof/base';
import type {
  AccountEntry,
  EngineOutcome,
  EngineTransaction,
  GroupResult,
  GroupWork,
  LoadedAddresses,
  RuntimeContext,
  SimulationResult,
  SimulationWork,
} from '../types.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { EngineCodecError } from './engine-codec-error.js';
import { type WireTransaction, wireTransaction } from './wire-message.js';

/** Frames between an executor and its engine: a kind, a number that the answer repeats, and what the kind says. */

const ADDRESS_BYTES = 32;
const HASH_BYTES = 32;
/** stands for an account that does not exist; an encoded account is longer */
const NO_ACCOUNT = 0;
const NO_NONCE = 0xffff;

const KIND = { beginBlock: 1, execute: 2, simulate: 3, result: 4, simulation: 5, failure: 6 } as const;
const STATUSES = ['ok', 'failed', 'rejected'] as const;

export interface EngineSimulation {
  accounts: AccountEntry[];
  transaction: WireTransaction;
  verifySignatures: boolean;
}

export type EngineRequest =
  | { kind: 'beginBlock'; context: RuntimeContext }
  | { kind: 'execute'; id: number; accounts: AccountEntry[]; transactions: WireTransaction[] }
  | ({ kind: 'simulate'; id: number } & EngineSimulation);

export type EngineReply =
  | { kind: 'result'; id: number; result: GroupResult }
  | { kind: 'simulation'; id: number; result: SimulationResult }
  | { kind: 'failure'; id: number; error: SerializedError };

const writer = new ByteWriter();

export function encodeBeginBlock(context: RuntimeContext): Buffer {
  writer.clear();
  writer.u8(KIND.beginBlock);
  writer.u64(context.slot);
  writer.i64(context.unixTimestamp);
  writer.u16(context.blockhashes.length);
  for (const hash of context.blockhashes) writer.bytes(hash);
  writer.u16(context.slotHashes.length);
  for (const [slot, hash] of context.slotHashes) {
    writer.u64(slot);
    writer.bytes(hash);
  }
  return writer.take();
}

export function encodeExecute(id: number, { accounts, transactions }: GroupWork): Buffer {
  writer.clear();
  writer.u8(KIND.execute);
  writer.u32(id);
  writeAccounts(accounts);
  writer.u16(transactions.length);
  for (const transaction of transactions) writeTransaction(transaction);
  return writer.take();
}

export function encodeSimulate(id: number, work: SimulationWork): Buffer {
  writer.clear();
  writer.u8(KIND.simulate);
  writer.u32(id);
  writeAccounts(work.accounts);
  writer.u8(work.verifySignatures ? 1 : 0);
  writeTransaction(work.transaction);
  return writer.take();
}

/** Byte arrays are views of the frame. */
export function decodeRequest(frame: Buffer): EngineRequest {
  const reader = new ByteReader(frame);
  const request = readRequest(reader);
  reader.end();
  return request;
}

export function encodeReply(reply: EngineReply): Buffer {
  writer.clear();
  writer.u8(KIND[reply.kind]);
  writer.u32(reply.id);
  if (reply.kind === 'failure') {
    writer.text(JSON.stringify(reply.error));
  } else if (reply.kind === 'simulation') {
    writeOutcome(reply.result.outcome);
    writeAccounts(reply.result.accounts);
  } else {
    writer.u16(reply.result.outcomes.length);
    for (const outcome of reply.result.outcomes) writeOutcome(outcome);
    writeAccounts(reply.result.accounts);
  }
  return writer.take();
}

/** Byte arrays are views of the frame. */
export function decodeReply(frame: Buffer): EngineReply {
  const reader = new ByteReader(frame);
  const reply = readReply(reader);
  reader.end();
  return reply;
}

function readRequest(reader: ByteReader): EngineRequest {
  const kind = reader.u8();
  if (kind === KIND.beginBlock) {
    const slot = reader.u64();
    const unixTimestamp = reader.i64();
    const blockhashes = list(reader.u16(), () => reader.bytes(HASH_BYTES));
    const slotHashes = list(reader.u16(), () => [reader.u64(), reader.bytes(HASH_BYTES)] as const);
    return { kind: 'beginBlock', context: { slot, unixTimestamp, blockhashes, slotHashes } };
  }
  const id = reader.u32();
  const accounts = readAccounts(reader);
  if (kind === KIND.execute)
    return { kind: 'execute', id, accounts, transactions: list(reader.u16(), () => readTransaction(reader)) };
  if (kind === KIND.simulate) {
    const verifySignatures = reader.u8() === 1;
    return { kind: 'simulate', id, accounts, verifySignatures, transaction: readTransaction(reader) };
  }
  throw new EngineCodecError(`request of kind ${kind}`);
}

function readReply(reader: ByteReader): EngineReply {
  const kind = reader.u8();
  const id = reader.u32();
  if (kind === KIND.failure)
    return { kind: 'failure', id, error: JSON.parse(reader.text()) as SerializedError };
  if (kind === KIND.simulation) {
    const outcome = readOutcome(reader);
    return { kind: 'simulation', id, result: { outcome, accounts: readAccounts(reader) } };
  }
  if (kind !== KIND.result) throw new EngineCodecError(`reply of kind ${kind}`);
  const outcomes = list(reader.u16(), () => readOutcome(reader));
  return { kind: 'result', id, result: { outcomes, accounts: readAccounts(reader) } };
}

function writeAccounts(accounts: readonly AccountEntry[]): void {
  writer.u32(accounts.length);
  for (const [address, account] of accounts) {
    if (address.length !== ADDRESS_BYTES)
      throw new InvariantError(`an address of ${address.length} bytes for the execution engine`);
    writer.bytes(address);
    writer.u32(account?.length ?? NO_ACCOUNT);
    if (account !== null) writer.bytes(account);
  }
}

function readAccounts(reader: ByteReader): AccountEntry[] {
  return list(reader.u32(), () => {
    const address = reader.bytes(ADDRESS_BYTES);
    const length = reader.u32();
    return [address, length === NO_ACCOUNT ? null : reader.bytes(length)] as const;
  });
}

function writeTransaction(transaction: EngineTransaction): void {
  const { bytes } = transaction.transaction;
  const { writable, readonly } = transaction.loadedAddresses;
  writer.u16(bytes.length);
  writer.bytes(bytes);
  writer.u8(writable.length);
  writer.u8(readonly.length);
  for (const address of writable) writer.bytes(address);
  for (const address of readonly) writer.bytes(address);
  writer.u16(transaction.writable.length);
  for (const flag of transaction.writable) writer.u8(flag ? 1 : 0);
  writer.u64(transaction.baseFeeLamports);
  writer.u64(transaction.priorityFeeLamports);
  writer.u16(transaction.nonceAccount ?? NO_NONCE);
}

function readTransaction(reader: ByteReader): WireTransaction {
  const wire = reader.bytes(reader.u16());
  const writableCount = reader.u8();
  const readonlyCount = reader.u8();
  const loadedAddresses: LoadedAddresses = {
    writable: list(writableCount, () => reader.bytes(ADDRESS_BYTES)),
    readonly: list(readonlyCount, () => reader.bytes(ADDRESS_BYTES)),
  };
  const writable = list(reader.u16(), () => reader.u8() === 1);
  const baseFeeLamports = reader.u64();
  const priorityFeeLamports = reader.u64();
  const nonceAccount = reader.u16();
  return wireTransaction(wire, {
    writable,
    loadedAddresses,
    baseFeeLamports,
    priorityFeeLamports,
    nonceAccount: nonceAccount === NO_NONCE ? undefined : nonceAccount,
  });
}

function writeOutcome(outcome: EngineOutcome): void {
  writer.u8(STATUSES.indexOf(outcome.status));
  if (outcome.status !== 'ok') writer.text(JSON.stringify(outcome.error));
  writer.u64(outcome.computeUnits);
  writer.u64(outcome.feeLamports);
  writer.u32(outcome.meta.length);
  writer.bytes(outcome.meta);
}

function readOutcome(reader: ByteReader): EngineOutcome {
  const status = STATUSES[reader.u8()];
  if (status === undefined) throw new EngineCodecError('an unknown status of a transaction');
  const error = status === 'ok' ? {} : { error: JSON.parse(reader.text()) as unknown };
  const computeUnits = reader.u64();
  const feeLamports = reader.u64();
  return { status, ...error, computeUnits, feeLamports, meta: reader.bytes(reader.u32()) };
}

function list<T>(length: number, item: () => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < length; i++) out.push(item());
  return out;
}
