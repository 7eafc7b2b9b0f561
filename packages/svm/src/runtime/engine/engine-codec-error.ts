import { PolyproofError } from '@polyproof/base';

/** Bytes that are not what the encoders of the engine's messages and of transaction metadata write. */
export class EngineCodecError extends PolyproofError<'BAD_ENGINE_BYTES'> {
  constructor(what: string, details: Record<string, unknown> = {}) {
    super('BAD_ENGINE_BYTES', `the bytes are not in the execution engine's format: ${what}.`, details);
  }
}
