const WORD_BYTES = 8;

/** Words of bytes, little-endian: as many as hold them, or `count`, the last ones filled up with zeros. */
export function words(bytes: Uint8Array, count = Math.ceil(bytes.length / WORD_BYTES)): bigint[] {
  const padded = new Uint8Array(WORD_BYTES * count);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Array.from({ length: count }, (_, i) => view.getBigUint64(WORD_BYTES * i, true));
}
