/**
 * JSON whose integers keep every digit. Solana's API carries u64 values as JSON numbers; `JSON.parse` and
 * `JSON.stringify` would round those above 2^53, and Node 20 has no `JSON.rawJSON`.
 */

const MARKER = '\u0000integer:';
const MARKED = new RegExp(`^${MARKER}(-?\\d+)$`);
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Parses JSON; an integer that a double cannot hold becomes a `bigint`. Throws SyntaxError like JSON.parse. */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return plain;
  // Only reached by valid JSON, so the expression below sees whole strings and whole numbers.
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"\\u0000integer:${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) => {
    const digits = typeof value === 'string' ? MARKED.exec(value)?.[1] : undefined;
    return digits === undefined ? value : BigInt(digits);
  });
}

/** Writes JSON with `bigint` as exact digits. Members that are `undefined` are left out, as in JSON.stringify. */
export function stringifyJson(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(stringifyJson).join(',')}]`;
      const members: string[] = [];
      for (const [key, member] of Object.entries(value))
        if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringifyJson(member)}`);
      return `{${members.join(',')}}`;
    }
    default:
      return JSON.stringify(value) ?? 'null';
  }
}
