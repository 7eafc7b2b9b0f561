/** Hashes many messages at once: see `HashPool.hashMany`. */
export interface Hasher {
  hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array>;
  /** Compresses four fields at a time, as `compressFields` would. */
  compressMany(fields: Uint8Array): Promise<Uint8Array>;
}
