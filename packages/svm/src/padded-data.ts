import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';

/** bytes of the previous data hash, which SHA-256 takes in front of the data */
const PREFIX_BYTES = 32;
const BLOCK_BYTES = 64;
const BLOCKS = Math.ceil((PREFIX_BYTES + CIRCUIT_LIMITS.dataBytes + 9) / BLOCK_BYTES);

/** `Data` in circuits/lib/src/data.nr. */
export interface PaddedData {
  stream: number[];
  length: number;
  blocks: number;
}

/** The data with SHA-256's padding as if the 32-byte prefix stood in front of it. */
export function paddedData(data: Uint8Array): PaddedData {
  const blocks = Math.ceil((PREFIX_BYTES + data.length + 9) / BLOCK_BYTES);
  const stream = new Uint8Array(BLOCKS * BLOCK_BYTES - PREFIX_BYTES);
  stream.set(data);
  stream[data.length] = 0x80;
  new DataView(stream.buffer).setUint32(
    blocks * BLOCK_BYTES - PREFIX_BYTES - 4,
    (PREFIX_BYTES + data.length) * 8,
  );
  return { stream: Array.from(stream), length: data.length, blocks };
}
