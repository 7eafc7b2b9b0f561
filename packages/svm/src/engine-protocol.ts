import type { SerializedError } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import type { BlockResult } from './executor.js';

/** A transaction for the engine, with what its message says already read. */
export interface EngineTransaction {
  bytes: Uint8Array;
  feePayer: Uint8Array;
  writable: Uint8Array[];
  signatures: number;
}

export interface EngineBlock {
  slot: bigint;
  unixTimestamp: bigint;
  transactions: EngineTransaction[];
  verifySignatures: boolean;
  collector: Uint8Array;
}

/** Calls of the parent to the engine's process, over the channel of `fork`. */
export type EngineCall =
  | { method: 'reset' }
  | { method: 'load'; accounts: [Uint8Array, Account][] }
  | { method: 'executeBlock'; block: EngineBlock };

export interface EngineRequest {
  id: number;
  call: EngineCall;
}

export type EngineResponse =
  | { id: number; result: BlockResult | undefined }
  | { id: number; error: SerializedError };
