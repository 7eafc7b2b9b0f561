import { equalBytes } from '@polyproof/base';
import { decodeTransaction } from '../transaction.js';
import { type BlockRecord, decodeBlock, encodeBlock } from './block-record.js';
import { ADDRESS_BYTES, addressNumberKey, afterPrefix, byteString, numberKey, readNumber } from './keys.js';
import { memoOf } from './memo.js';
import { StoredTransactionRecord } from './stored-transaction.js';
import type { BankTables } from './tables.js';
import {
  CHUNK_TRANSACTIONS,
  decodeChunk,
  encodeChunks,
  type IncludedTransaction,
  type TransactionRow,
} from './transaction-chunk.js';
import type { SignatureInfo, SignatureSearch, SignatureStatus, StoredTransaction } from './types.js';
import type { WriteSet } from './write-set.js';

const SIGNATURE_BYTES = 64;
const INDEX_BYTES = 4;
/** entries of one address's history that are read at once */
const HISTORY_PAGE = 64;

/** Place of a transaction. */
interface Place {
  slot: bigint;
  index: number;
}

/** Blocks, their transactions, and where to find them by signature and by address. */
export class BlockHistory {
  readonly #tables: BankTables;

  constructor(modules: { tables: BankTables }) {
    this.#tables = modules.tables;
  }

  getBlock(slot: bigint): BlockRecord | undefined {
    if (slot < 0n) return undefined;
    const bytes = this.#tables.blocks.get(numberKey(slot));
    return bytes === undefined ? undefined : decodeBlock(bytes);
  }

  write(writes: WriteSet, block: BlockRecord, included: readonly IncludedTransaction[]): void {
    const { slot } = block;
    const tables = this.#tables;
    this.writeHeader(writes, block);
    encodeChunks(included).forEach((chunk, i) => {
      writes.put(tables.transactions, chunkKey(slot, i), chunk);
    });
    included.forEach(({ transaction: { transaction } }, index) => {
      writes.put(tables.signatures, transaction.signatures[0]!, encodePlace({ slot, index }));
    });
    const { addresses, indexes } = namedBy(included);
    if (addresses.length === 0) return;
    addresses.forEach((address, i) => {
      writes.put(tables.history, addressNumberKey(address, slot), encodeIndexes(indexes[i]!));
    });
    writes.put(tables.blockAddresses, numberKey(slot), Buffer.concat(addresses));
  }

  writeHeader(writes: WriteSet, block: BlockRecord): void {
    writes.put(this.#tables.blocks, numberKey(block.slot), encodeBlock(block));
  }

  /** Removes a block and everything that leads to it; `header` false keeps the header. */
  remove(writes: WriteSet, slot: bigint): void {
    const tables = this.#tables;
    const block = this.getBlock(slot);
    if (block === undefined) return;
    this.#rows(block).forEach(({ bytes }) => {
      writes.remove(tables.signatures, firstSignature(bytes));
    });
    const chunks = Math.ceil(block.transactions / CHUNK_TRANSACTIONS);
    for (let i = 0; i < chunks; i++) writes.remove(tables.transactions, chunkKey(slot, i));
    const addresses = tables.blockAddresses.get(numberKey(slot));
    if (addresses !== undefined) {
      for (let at = 0; at < addresses.length; at += ADDRESS_BYTES)
        writes.remove(tables.history, addressNumberKey(addresses.subarray(at, at + ADDRESS_BYTES), slot));
      writes.remove(tables.blockAddresses, numberKey(slot));
    }
    writes.remove(tables.blocks, numberKey(slot));
  }

  getTransactions(slot: bigint): StoredTransaction[] {
    const block = this.getBlock(slot);
    if (block === undefined) return [];
    return this.#rows(block).map((row, index) => new StoredTransactionRecord(row, index, block));
  }

  getTransaction(signature: Uint8Array): StoredTransaction | undefined {
    const found = this.#find(signature);
    return found && new StoredTransactionRecord(found.row, found.place.index, found.block);
  }

  getStatus(signature: Uint8Array): SignatureStatus | undefined {
    const found = this.#find(signature);
    if (found === undefined) return undefined;
    const { place, block, row } = found;
    return { ...place, batch: block.batch, ...('error' in row ? { error: row.error } : {}) };
  }

  /** As Solana's getSignaturesForAddress: nothing where `before` is not known. */
  search(address: Uint8Array, { limit, before, until }: SignatureSearch): SignatureInfo[] {
    if (address.length !== ADDRESS_BYTES) return [];
    const start = before === undefined ? undefined : this.#placeOf(before);
    if (before !== undefined && start === undefined) return [];
    const stop = until === undefined ? undefined : this.#placeOf(until);
    const found: SignatureInfo[] = [];
    for (const place of this.#placesOf(address, start)) {
      if (found.length === limit) break;
      if (stop !== undefined && !isBefore(stop, place)) break;
      const info = this.#info(place);
      if (info !== undefined) found.push(info);
    }
    return found;
  }

  /** Places of an address's transactions, newest first, from the one behind `start`. */
  *#placesOf(address: Uint8Array, start: Place | undefined): Generator<Place> {
    let top = start === undefined ? afterPrefix(address) : addressNumberKey(address, start.slot + 1n);
    const bottom = Buffer.from(address);
    for (;;) {
      const range = { end: bottom, reverse: true, limit: HISTORY_PAGE, exclusiveStart: true };
      const page = [...this.#tables.history.getRange(top === undefined ? range : { ...range, start: top })];
      for (const { key, value } of page) {
        const slot = readNumber(key, ADDRESS_BYTES);
        for (const index of decodeIndexes(value).reverse()) {
          const place = { slot, index };
          if (start === undefined || isBefore(place, start)) yield place;
        }
      }
      if (page.length < HISTORY_PAGE) return;
      top = page.at(-1)!.key;
    }
  }

  #info(place: Place): SignatureInfo | undefined {
    const block = this.getBlock(place.slot);
    const row = block === undefined ? undefined : this.#row(place);
    if (block === undefined || row === undefined) return undefined;
    const { batch, unixTimestamp } = block;
    const { signatures, message } = decodeTransaction(row.bytes);
    return {
      ...place,
      batch,
      unixTimestamp,
      signature: signatures[0]!,
      memo: memoOf(message),
      ...('error' in row ? { error: row.error } : {}),
    };
  }

  #find(signature: Uint8Array): { place: Place; block: BlockRecord; row: TransactionRow } | undefined {
    const place = this.#placeOf(signature);
    const block = place && this.getBlock(place.slot);
    const row = place && this.#row(place);
    // A signature says nothing of the transaction's later signatures: only the whole one identifies it.
    if (block === undefined || row === undefined || !equalBytes(firstSignature(row.bytes), signature))
      return undefined;
    return { place: place!, block, row };
  }

  #placeOf(signature: Uint8Array): Place | undefined {
    if (signature.length !== SIGNATURE_BYTES) return undefined;
    const bytes = this.#tables.signatures.get(signature as Buffer);
    return bytes === undefined ? undefined : { slot: readNumber(bytes), index: bytes.readUInt32BE(8) };
  }

  #row({ slot, index }: Place): TransactionRow | undefined {
    const chunk = this.#tables.transactions.get(chunkKey(slot, Math.floor(index / CHUNK_TRANSACTIONS)));
    return chunk === undefined ? undefined : decodeChunk(chunk)[index % CHUNK_TRANSACTIONS];
  }

  #rows({ slot, transactions }: BlockRecord): TransactionRow[] {
    const rows: TransactionRow[] = [];
    for (let i = 0; rows.length < transactions; i++) {
      const chunk = this.#tables.transactions.get(chunkKey(slot, i));
      if (chunk === undefined) break;
      rows.push(...decodeChunk(chunk));
    }
    return rows;
  }
}

/** The first of a wire transaction's signatures: their number is one byte, because at most 127 ever fit. */
export function firstSignature(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(1, 1 + SIGNATURE_BYTES);
}

/** The message of a wire transaction. */
export function messageBytesOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(1 + SIGNATURE_BYTES * bytes[0]!);
}

/** Every address that transactions name, and their indexes: a list only where there are several, which is rare. */
function namedBy(included: readonly IncludedTransaction[]): {
  addresses: Uint8Array[];
  indexes: (number | number[])[];
} {
  const positions = new Map<string, number>();
  const addresses: Uint8Array[] = [];
  const indexes: (number | number[])[] = [];
  included.forEach(({ transaction }, index) => {
    for (const address of transaction.accountKeys) {
      const name = byteString(address);
      const position = positions.get(name);
      if (position === undefined) {
        positions.set(name, addresses.length);
        addresses.push(address);
        indexes.push(index);
        continue;
      }
      const known = indexes[position]!;
      if (typeof known === 'number') indexes[position] = [known, index];
      else known.push(index);
    }
  });
  return { addresses, indexes };
}

function isBefore(a: Place, b: Place): boolean {
  return a.slot < b.slot || (a.slot === b.slot && a.index < b.index);
}

function chunkKey(slot: bigint, chunk: number): Buffer {
  const key = Buffer.allocUnsafe(12);
  key.writeBigUInt64BE(slot);
  key.writeUInt32BE(chunk, 8);
  return key;
}

function encodePlace({ slot, index }: Place): Buffer {
  const value = Buffer.allocUnsafe(8 + INDEX_BYTES);
  value.writeBigUInt64BE(slot);
  value.writeUInt32BE(index, 8);
  return value;
}

function encodeIndexes(indexes: number | readonly number[]): Buffer {
  if (typeof indexes === 'number') return encodeIndex(indexes);
  const value = Buffer.allocUnsafe(indexes.length * INDEX_BYTES);
  indexes.forEach((index, i) => {
    value.writeUInt32BE(index, i * INDEX_BYTES);
  });
  return value;
}

const singles: Buffer[] = [];

/** The same ones are needed for every block. */
function encodeIndex(index: number): Buffer {
  for (let next = singles.length; next <= index; next++) {
    const value = Buffer.allocUnsafe(INDEX_BYTES);
    value.writeUInt32BE(next);
    singles.push(value);
  }
  return singles[index]!;
}

function decodeIndexes(value: Buffer): number[] {
  return Array.from({ length: value.length / INDEX_BYTES }, (_, i) => value.readUInt32BE(i * INDEX_BYTES));
}
