import { CompactDataError } from './compact-data/errors.js';

/** bytes of the previous data hash, which SHA-256 takes in front of the data */
const PREFIX_BYTES = 32;
const BLOCK_BYTES = 64;

/** `Data` in circuits/lib/src/data.nr. */
export interface PaddedData {
  stream: number[];
  length: number;
  blocks: number;
}

/**
 * The data with SHA-256's padding as if the 32-byte prefix stood in front of it.
 * @param room - bytes of data that the circuit has room for
 * @throws {CompactDataError} `CIRCUIT_FULL`
 */
export function paddedData(data: Uint8Array, room: number): PaddedData {
  if (data.length > room)
    throw new CompactDataError(
      'CIRCUIT_FULL',
      `the batch does not fit in the circuit: ${data.length} bytes of data, at most ${room} are possible.`,
      { bytes: data.length },
    );
  const blocks = blocksOf(data.length);
  const stream = new Uint8Array(blocksOf(room) * BLOCK_BYTES - PREFIX_BYTES);
  stream.set(data);
  stream[data.length] = 0x80;
  new DataView(stream.buffer).setUint32(
    blocks * BLOCK_BYTES - PREFIX_BYTES - 4,
    (PREFIX_BYTES + data.length) * 8,
  );
  return { stream: Array.from(stream), length: data.length, blocks };
}

function blocksOf(bytes: number): number {
  return Math.ceil((PREFIX_BYTES + bytes + 9) / BLOCK_BYTES);
}
