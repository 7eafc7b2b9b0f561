/**
 * The base of every error that Polyproof throws on purpose.
 *
 * `code` is stable and meant for programs; the message is meant for people and says what was wrong, with
 * which value, and what to do about it.
 */
export class PolyproofError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }

  /** A plain object that survives a process boundary; bigint and bytes become strings. */
  toObject(): SerializedError {
    return { name: this.name, code: this.code, message: this.message, details: plain(this.details) };
  }
}

export interface SerializedError {
  name: string;
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** Raised when code reaches a state that its own logic excludes: a defect in Polyproof, not bad input. */
export class InvariantError extends PolyproofError<'INVARIANT'> {
  constructor(message: string, details: Record<string, unknown> = {}) {
    super('INVARIANT', `${message}. This is a defect in Polyproof: please report it.`, details);
  }
}

/** Rebuilds an error that another process sent with {@link PolyproofError.toObject}. */
export function fromSerializedError(error: SerializedError): PolyproofError {
  return new PolyproofError(error.code, error.message, error.details);
}

/** Any thrown value as a serialisable error; unknown errors get the code `UNEXPECTED`. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof PolyproofError) return error.toObject();
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { name, code: 'UNEXPECTED', message, details: {} };
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function plain(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_key, v: unknown) =>
      typeof v === 'bigint' ? v.toString() : v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v,
    ),
  ) as Record<string, unknown>;
}
