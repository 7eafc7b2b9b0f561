import { ed25519 } from '@noble/curves/ed25519.js';
import { fieldToHex } from '@polyproof/base';
import { type CompactLinks, compactLinks } from '../compact-data/circuit-inputs.js';
import { entriesOf } from '../compact-data/decode.js';
import { readTables } from '../compact-data/read-tables.js';
import { splitProvedData } from '../deposits.js';
import { WitnessError } from '../errors.js';
import { SIGNATURE_LIMITS } from '../generated/circuit-limits.js';
import { type PaddedData, paddedData } from '../padded-data.js';
import type { BatchWitness } from '../witness.js';
import { fill } from '../zkvm/fill.js';
import { BLOCK_BYTES, hashBlocks, PREFIX_BYTES } from './hash-blocks.js';
import { type SplitInput, splitPoint } from './split-point.js';

export type SignatureLimits = { readonly [limit in keyof typeof SIGNATURE_LIMITS]: number };

/** `SignedBatch` in circuits/lib/src/signed/mod.nr. */
export interface SignedBatchInput {
  data: PaddedData;
  links: CompactLinks;
  messages: number[];
  message_blocks: string[];
  signatures: { key: number; r: number[]; s: number[]; split: SplitInput }[];
  keys: { bytes: number[]; split: SplitInput }[];
  transaction_of_signature: string[];
  signature_of_block: string[];
  last_blocks: string[];
}

/** One signature, and what it signs: blocks of the messages. */
interface Signed {
  key: Uint8Array;
  signature: Uint8Array;
  transaction: number;
  blocks: number;
}

/**
 * Inputs of the circuit of signatures. Whether the signatures are right only the circuit says.
 * @throws {CompactDataError} {@link ZkvmError} `CIRCUIT_FULL` where the batch, or its signatures, do not fit
 * @throws {WitnessError} `WRONG_SIGNATURES` where the witness does not have as many as messages ask for
 */
export function signatureCircuitInputs(
  witness: BatchWitness,
  limits: SignatureLimits = SIGNATURE_LIMITS,
): { batch: SignedBatchInput; statement: Record<string, string> } {
  const tables = readTables(splitProvedData(witness.data).messages);
  const messages = entriesOf(tables);
  const counts = messages.map(({ messageBytes }) => hashBlocks(messageBytes.length));
  const signed = messages.flatMap(({ message }, transaction): Signed[] => {
    const signatures = witness.signatures[transaction] ?? [];
    if (signatures.length !== message.header.numRequiredSignatures)
      throw new WitnessError(
        'WRONG_SIGNATURES',
        `transaction ${transaction} of the batch has ${signatures.length} signatures instead of ${message.header.numRequiredSignatures}.`,
        { transaction },
      );
    const blocks = counts[transaction]!;
    return signatures.map((signature, place) => ({
      key: message.accountKeys[place]!,
      signature,
      transaction,
      blocks,
    }));
  });
  const rows = signed.length === 0 ? [ofNothing()] : signed;
  const keys = [...new Set(rows.map(({ key }) => Buffer.from(key).toString('hex')))];
  let end = 0;
  const last = rows.map(({ blocks }) => {
    end += blocks;
    return end - 1;
  });
  const signatures = rows.map(({ key, signature }) => ({
    key: keys.indexOf(Buffer.from(key).toString('hex')),
    r: [...signature.subarray(0, 32)],
    s: [...signature.subarray(32)],
    split: splitPoint(signature.subarray(0, 32)),
  }));
  const shown = keys.map((key) => {
    const bytes = Buffer.from(key, 'hex');
    return { bytes: [...bytes], split: splitPoint(bytes) };
  });
  const owners = signed.flatMap(({ blocks }, row) => Array.from({ length: blocks }, () => String(row)));
  // First of all, whether there is room.
  const signatureOfBlock = fill('blocks of SHA-512', owners, limits.hashBlocks, String(limits.signatures));
  return {
    batch: {
      data: paddedData(witness.data, limits.dataBytes),
      links: compactLinks(tables, { ...limits, accounts: limits.named }),
      messages: messageStream(
        messages.map(({ messageBytes }) => messageBytes),
        limits.hashBlocks,
      ),
      message_blocks: fill('transactions', counts.map(String), limits.transactions, '0'),
      signatures: fill('signatures', signatures, limits.signatures, signatures[0]!),
      keys: fill('keys', shown, limits.keys, shown[0]!),
      transaction_of_signature: fill(
        'signatures',
        signed.map(({ transaction }) => String(transaction)),
        limits.signatures,
        String(limits.transactions),
      ),
      signature_of_block: signatureOfBlock,
      last_blocks: fill('signatures', last.map(String), limits.signatures, String(last[0]!)),
    },
    statement: {
      prev_state_root: fieldToHex(0n),
      new_state_root: fieldToHex(0n),
      prev_data_hash: fieldToHex(witness.prevDataHash),
      new_data_hash: fieldToHex(witness.newDataHash),
      first_batch: fieldToHex(witness.batchNumber),
      last_batch: fieldToHex(witness.batchNumber),
      exit_root: fieldToHex(0n),
      config_hash: fieldToHex(0n),
      key_set_root: fieldToHex(0n),
    },
  };
}

/** All messages, each in blocks of its own behind room for R and a key, with SHA-512's padding; without any, the empty one. */
function messageStream(messages: readonly Uint8Array[], blocks: number): number[] {
  const stream = new Uint8Array(BLOCK_BYTES * blocks);
  const view = new DataView(stream.buffer);
  let block = 0;
  for (const message of messages.length === 0 ? [new Uint8Array()] : messages) {
    const at = BLOCK_BYTES * block + PREFIX_BYTES;
    block += hashBlocks(message.length);
    stream.set(message, at);
    stream[at + message.length] = 0x80;
    view.setUint16(BLOCK_BYTES * block - 2, 8 * (PREFIX_BYTES + message.length));
  }
  return [...stream];
}

/** A batch may hold deposits alone. The circuit verifies a signature all the same: one of the empty message, by anybody. */
function ofNothing(): Signed {
  const secret = new Uint8Array(32);
  const signature = ed25519.sign(new Uint8Array(), secret);
  return { key: ed25519.getPublicKey(secret), signature, transaction: 0, blocks: 1 };
}
