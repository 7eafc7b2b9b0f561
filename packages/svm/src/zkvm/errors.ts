import { PolyproofError } from '@polyproof/base';

/** An execution that the machine cannot follow, or that does not fit in a circuit. */
export class ZkvmError extends PolyproofError<'NOT_PROVABLE_EXECUTION' | 'CIRCUIT_FULL'> {}
