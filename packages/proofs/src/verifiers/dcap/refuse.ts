import { ProofError } from '../../errors.js';

/** @throws {ProofError} `QUOTE_REFUSED` unless it holds */
export function ensure(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new ProofError('QUOTE_REFUSED', `the quote is refused: ${reason}.`);
}

/** What `read` gives. @throws {ProofError} `QUOTE_REFUSED` where it throws anything */
export function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProofError) throw error;
    throw new ProofError('QUOTE_REFUSED', `the quote is refused: ${what} cannot be read.`);
  }
}
