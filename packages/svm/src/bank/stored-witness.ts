import { concatBytes } from '@polyproof/base';
import { decodeAccount, decodeNode, encodeAccount, encodeNode } from '@polyproof/state';
import type { BatchWitness } from '../witness.js';
import { RecordReader, RecordWriter } from './record.js';

const VERSION = 2;
const SIGNATURE_BYTES = 64;

/** A witness as the bank stores it; between machines it travels as JSON (witness-codec.ts). */
export function encodeStoredWitness(witness: BatchWitness): Buffer {
  const { config } = witness;
  const record = new RecordWriter(VERSION)
    .u64(witness.batchNumber)
    .u64(config.rollupId)
    .raw(config.collector)
    .u64(config.lamportsPerSignature)
    .field(witness.prevStateRoot)
    .field(witness.newStateRoot)
    .field(witness.prevDataHash)
    .field(witness.newDataHash)
    .bytes(witness.data)
    .u32(witness.signatures.length);
  for (const signatures of witness.signatures) record.bytes(concatBytes(...signatures));
  record.u32(witness.blocks.length);
  for (const { slot, unixTimestamp } of witness.blocks) record.u64(slot).u64(unixTimestamp);
  record.u32(witness.accounts.length);
  for (const [address, account] of witness.accounts)
    record.raw(address).bytes(account === null ? new Uint8Array() : encodeAccount(account));
  record.u32(witness.nodes.length);
  for (const node of witness.nodes) record.bytes(encodeNode(node));
  return record.end();
}

export function decodeStoredWitness(bytes: Buffer): BatchWitness {
  const reader = new RecordReader('a witness', VERSION, bytes);
  return {
    batchNumber: reader.u64(),
    config: {
      rollupId: reader.u64(),
      collector: reader.raw(32),
      lamportsPerSignature: reader.u64(),
    },
    prevStateRoot: reader.field(),
    newStateRoot: reader.field(),
    prevDataHash: reader.field(),
    newDataHash: reader.field(),
    data: reader.bytes(),
    signatures: list(reader, () => {
      const bytes = reader.bytes();
      return Array.from({ length: bytes.length / SIGNATURE_BYTES }, (_, i) =>
        bytes.subarray(SIGNATURE_BYTES * i, SIGNATURE_BYTES * (i + 1)),
      );
    }),
    blocks: list(reader, () => ({ slot: reader.u64(), unixTimestamp: reader.u64() })),
    accounts: list(reader, () => {
      const address = reader.raw(32);
      const account = reader.bytes();
      return [address, account.length === 0 ? null : decodeAccount(account)];
    }),
    nodes: list(reader, () => decodeNode(reader.bytes())),
  };
}

function list<T>(reader: RecordReader, item: () => T): T[] {
  return Array.from({ length: reader.u32() }, item);
}
