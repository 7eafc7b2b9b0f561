/** bytes of a block of SHA-512 */
export const BLOCK_BYTES = 128;
/** R and the key, which are hashed in front of a message */
export const PREFIX_BYTES = 64;
/** one bit that is set, and the length, in whole bytes */
const LEAST_PADDING = 17;

/** Blocks of SHA-512 that a signature of a message takes. */
export function hashBlocks(messageBytes: number): number {
  return Math.ceil((PREFIX_BYTES + messageBytes + LEAST_PADDING) / BLOCK_BYTES);
}
