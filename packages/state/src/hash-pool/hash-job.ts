/** Messages to hash, as they travel to another thread. */
export interface HashJob {
  id: number;
  /** fields of the messages, one after the other, 32 big-endian bytes each */
  fields: Uint8Array<ArrayBuffer>;
  /** fields of each message; undefined where four at a time are to be compressed */
  counts: Uint32Array<ArrayBuffer> | undefined;
}

/** A part of the tree to change: see account-tree/part-codec.ts. */
export interface TreeJob {
  id: number;
  part: Uint8Array<ArrayBuffer>;
}

/** What a thread hashed since its last answer. */
export interface HashStatistics {
  hashes: number;
  permutations: number;
  /** spent hashing */
  seconds: number;
}

/** What a thread answers: hashes, or the changed part; or why it failed. */
export interface JobResult {
  id: number;
  result: Uint8Array<ArrayBuffer>;
  statistics: HashStatistics;
}

export interface JobFailure {
  id: number;
  failure: string;
}
