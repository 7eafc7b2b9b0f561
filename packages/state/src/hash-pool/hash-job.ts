/** A part of a batch, as it travels to a hashing thread. */
export interface HashJob {
  id: number;
  /** fields of the messages, one after the other, 32 big-endian bytes each */
  fields: Uint8Array<ArrayBuffer>;
  /** fields of each message */
  counts: Uint32Array<ArrayBuffer>;
}

/** What a hashing thread answers. */
export interface HashResult {
  id: number;
  hashes: Uint8Array<ArrayBuffer>;
  /** spent hashing */
  seconds: number;
}
