const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** MurmurHash3 (x86, 32 bits, seed 0): the key of system calls by name, and in v0 of functions by their place. */
export function murmur3(key: Uint8Array): number {
  const blocks = key.length >> 2;
  let hash = 0;
  for (let i = 0; i < blocks; i++) {
    const at = 4 * i;
    const block = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    hash = (Math.imul(rotate(hash ^ mix(block), 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = key.length - 1; i >= 4 * blocks; i--) tail = (tail << 8) | key[i]!;
  if (key.length > 4 * blocks) hash ^= mix(tail);
  hash ^= key.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(block: number): number {
  return Math.imul(rotate(Math.imul(block, C1), 15), C2);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
