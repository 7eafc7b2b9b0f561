const BLOCK_BYTES = 128;

/** Blocks of SHA-512 that a message takes, with its padding. */
export const blocksOf = (message: Uint8Array): number => Math.ceil((message.length + 17) / BLOCK_BYTES);

/**
 * A message of SHA-512 as the circuits take it: padded as FIPS 180-4 has it, in words of 64 bits, then blocks of zeros.
 * @throws InvalidInputError where the blocks have no room for it
 */
export function paddedWords(message: Uint8Array, blocks: number): string[][] {
  const used = blocksOf(message);
  if (used > blocks)
    throw new TypeError(
      `a message of ${message.length} bytes takes ${used} blocks of SHA-512, there are ${blocks}`,
    );
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(used * BLOCK_BYTES - 4, 8 * message.length);
  return Array.from({ length: blocks }, (_, block) =>
    Array.from({ length: 16 }, (_, i) => `0x${view.getBigUint64(block * BLOCK_BYTES + 8 * i).toString(16)}`),
  );
}
