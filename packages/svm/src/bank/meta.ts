import { InvariantError } from '@polyproof/base';
import type { TransactionMeta } from '../runtime/types.js';

/** Decodes what the engine tells of a transaction. */
export function decodeMeta(_bytes: Uint8Array): TransactionMeta {
  throw new InvariantError('metadata of transactions cannot be decoded yet');
}
