import { PolyproofError } from '@polyproof/base';

/** `BAD_COMPACT_DATA`: bytes that are not compact batch data. `NOT_COMPACT`: messages that the format cannot hold. */
export class CompactDataError extends PolyproofError<'BAD_COMPACT_DATA' | 'NOT_COMPACT' | 'CIRCUIT_FULL'> {}

/** @param offset - of the byte that is wrong, or where one is missing */
export function badData(what: string, offset: number, details: Record<string, unknown> = {}) {
  const message = `the bytes are not compact batch data: at byte ${offset}, ${what}.`;
  return new CompactDataError('BAD_COMPACT_DATA', message, { ...details, offset });
}

/** @param transaction - index of the transaction that the format cannot hold */
export function notCompact(what: string, transaction: number) {
  const message = `compact batch data cannot hold transaction ${transaction}: ${what}.`;
  return new CompactDataError('NOT_COMPACT', message, { transaction });
}
