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

/** Rebuilds an error that another process sent with {@link PolyproofError.toObject}; its class is lost, not its name. */
export function fromSerializedError(error: SerializedError): PolyproofError {
  const rebuilt = new PolyproofError(error.code, error.message, error.details);
  rebuilt.name = error.name;
  return rebuilt;
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
    JSON.stringify(value, function (this: Record<string, unknown>, key, v: unknown) {
      // A Buffer arrives here as what its own toJSON made of it.
      const raw = this[key];
      if (raw instanceof Uint8Array) return Buffer.from(raw).toString('hex');
      return typeof v === 'bigint' ? v.toString() : v;
    }),
  ) as Record<string, unknown>;
}
