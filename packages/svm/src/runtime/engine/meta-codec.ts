import { equalBytes, InvariantError } from '@polyproof/base';
import type { InnerInstruction, TokenBalance, TransactionMeta } from '../types.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { EngineCodecError } from './engine-codec-error.js';

const VERSION = 1;
const ADDRESS_BYTES = 32;

/** Return data may be left out or undefined. */
type EncodableMeta = Omit<TransactionMeta, 'returnData'> & {
  returnData?: TransactionMeta['returnData'] | undefined;
};

const writer = new ByteWriter();

/**
 * Transaction metadata as bytes: version, logs, inner instructions, return data, balances, token balances (their
 * addresses by index into a table, because the same few occur again and again), loaded addresses.
 */
export function encodeMeta(meta: EncodableMeta): Buffer {
  writer.clear();
  writeMeta(writer, meta);
  return writer.take();
}

function writeMeta(out: ByteWriter, meta: EncodableMeta): void {
  out.u8(VERSION);
  out.u16(meta.logs.length);
  for (const line of meta.logs) out.text(line);
  writeInner(out, meta.innerInstructions);
  const { returnData } = meta;
  out.u8(returnData === undefined ? 0 : 1);
  if (returnData !== undefined) {
    out.bytes(returnData.programId);
    out.u16(returnData.data.length);
    out.bytes(returnData.data);
  }
  if (meta.preBalances.length !== meta.postBalances.length)
    throw new InvariantError(
      `${meta.preBalances.length} balances before a transaction and ${meta.postBalances.length} after it`,
    );
  out.u16(meta.preBalances.length);
  for (const lamports of meta.preBalances) out.u64(lamports);
  for (const lamports of meta.postBalances) out.u64(lamports);
  writeTokenBalances(out, meta.preTokenBalances, meta.postTokenBalances);
  const { writable, readonly } = meta.loadedAddresses;
  out.u8(writable.length);
  out.u8(readonly.length);
  for (const address of writable) out.bytes(address);
  for (const address of readonly) out.bytes(address);
}

/**
 * The inverse of {@link encodeMeta}; byte arrays are views of `bytes`.
 * @throws {EngineCodecError} when the bytes are not what it writes
 */
export function decodeMeta(bytes: Uint8Array): TransactionMeta {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) throw new EngineCodecError(`version ${version} of transaction metadata`);
  const logs = list(reader.u16(), () => reader.text());
  const innerInstructions = readInner(reader);
  const hasReturnData = reader.u8();
  if (hasReturnData > 1) throw new EngineCodecError(`flag ${hasReturnData} of return data`);
  const returnData =
    hasReturnData === 1
      ? { programId: reader.bytes(ADDRESS_BYTES), data: reader.bytes(reader.u16()) }
      : undefined;
  const keys = reader.u16();
  const preBalances = list(keys, () => reader.u64());
  const postBalances = list(keys, () => reader.u64());
  const [preTokenBalances, postTokenBalances] = readTokenBalances(reader);
  const writableCount = reader.u8();
  const readonlyCount = reader.u8();
  const loadedAddresses = {
    writable: list(writableCount, () => reader.bytes(ADDRESS_BYTES)),
    readonly: list(readonlyCount, () => reader.bytes(ADDRESS_BYTES)),
  };
  reader.end();
  return {
    logs,
    innerInstructions,
    ...(returnData === undefined ? {} : { returnData }),
    preBalances,
    postBalances,
    preTokenBalances,
    postTokenBalances,
    loadedAddresses,
  };
}

function writeInner(out: ByteWriter, groups: TransactionMeta['innerInstructions']): void {
  out.u8(groups.length);
  for (const { index, instructions } of groups) {
    out.u8(index);
    out.u16(instructions.length);
    for (const { programIdIndex, stackHeight, accountIndexes, data } of instructions) {
      out.u8(programIdIndex);
      out.u8(stackHeight);
      out.u16(accountIndexes.length);
      out.bytes(accountIndexes);
      out.u16(data.length);
      out.bytes(data);
    }
  }
}

function readInner(reader: ByteReader): TransactionMeta['innerInstructions'] {
  return list(reader.u8(), () => ({
    index: reader.u8(),
    instructions: list(reader.u16(), (): InnerInstruction => {
      const programIdIndex = reader.u8();
      const stackHeight = reader.u8();
      const accountIndexes = reader.bytes(reader.u16());
      return { programIdIndex, stackHeight, accountIndexes, data: reader.bytes(reader.u16()) };
    }),
  }));
}

function writeTokenBalances(
  out: ByteWriter,
  pre: readonly TokenBalance[],
  post: readonly TokenBalance[],
): void {
  const table: Uint8Array[] = [];
  const indexes: number[] = [];
  const add = (address: Uint8Array) => {
    // Mostly the very same array: to compare bytes costs much more.
    let index = table.indexOf(address);
    if (index === -1)
      index = table.findIndex((known) => known[0] === address[0] && equalBytes(known, address));
    indexes.push(index === -1 ? table.push(address) - 1 : index);
  };
  for (const balances of [pre, post])
    for (const { mint, owner, programId } of balances) {
      add(mint);
      add(owner);
      add(programId);
    }
  out.u16(table.length);
  for (const address of table) out.bytes(address);
  out.u8(pre.length);
  out.u8(post.length);
  let at = 0;
  for (const balances of [pre, post])
    for (const { accountIndex, amount, decimals } of balances) {
      out.u8(accountIndex);
      for (const end = at + 3; at < end; at++) out.u16(indexes[at]!);
      out.u64(amount);
      out.u8(decimals);
    }
}

function readTokenBalances(reader: ByteReader): [pre: TokenBalance[], post: TokenBalance[]] {
  const table = list(reader.u16(), () => reader.bytes(ADDRESS_BYTES));
  let used = 0;
  const address = () => {
    const index = reader.u16();
    // Addresses stand in the order of their first use, so that there is one encoding only.
    if (index > used || index >= table.length)
      throw new EngineCodecError(`address ${index} of ${table.length} where ${used} are in use`);
    if (index === used) used++;
    return table[index]!;
  };
  const balance = (): TokenBalance => ({
    accountIndex: reader.u8(),
    mint: address(),
    owner: address(),
    programId: address(),
    amount: reader.u64(),
    decimals: reader.u8(),
  });
  const preCount = reader.u8();
  const postCount = reader.u8();
  const pre = list(preCount, balance);
  const post = list(postCount, balance);
  if (used !== table.length)
    throw new EngineCodecError(`${table.length - used} addresses of token balances are not used`);
  return [pre, post];
}

function list<T>(length: number, item: () => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < length; i++) out.push(item());
  return out;
}
