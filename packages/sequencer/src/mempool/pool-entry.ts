import type { RuntimeTransaction } from '@polyproof/svm';

/** A transaction in the pool. */
export interface PoolEntry {
  /** see {@link signatureKey} */
  readonly key: string;
  readonly transaction: RuntimeTransaction;
  readonly priority: number;
  /** counts admissions: the smaller the earlier */
  readonly arrival: number;
  /** what it takes of the pool's bytes */
  readonly bytes: number;
  readonly payer: string;
  /** the recent blockhash; undefined where a nonce takes its place */
  readonly blockhash: string | undefined;
  /** the nonce account, where it has one */
  readonly nonce: string | undefined;
  /** `taken`: in a block that is being made; `gone`: no longer in the pool */
  state: 'waiting' | 'taken' | 'gone';
  /** one bit for the ranking and one for the line, where they hold it */
  rankings: number;
}

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;
/** Called on the bytes at hand: a Buffer around them costs more than the text. */
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Latin1Slice };

/** Bytes as a key of maps: one character each. */
export function bytesKey(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.length);
}

/** What identifies a transaction in the pool: its first signature. */
export function signatureKey({ transaction }: RuntimeTransaction): string {
  return bytesKey(transaction.signatures[0]!);
}
