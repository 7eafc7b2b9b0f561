/** Hashes many messages at once: see `HashPool.hashMany`. */
export interface Hasher {
  hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array>;
}
