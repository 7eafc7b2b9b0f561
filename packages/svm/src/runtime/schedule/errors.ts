import { PolyproofError } from '@polyproof/base';

export class RuntimeError extends PolyproofError<
  /** engines died again and again, and no single transaction is to blame */
  'ENGINE_UNSTABLE' | 'CLOSED'
> {}
