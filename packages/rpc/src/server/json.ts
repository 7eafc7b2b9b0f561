/**
 * JSON whose integers keep every digit. Solana's API carries u64 values as JSON numbers; `JSON.parse` and
 * `JSON.stringify` would round those above 2^53, and Node 20 has no `JSON.rawJSON`.
 */

const MARKER = '\u0000integer:';
const MARKED = new RegExp(`^${MARKER}(-?\\d+)$`);
/** Every integer that a double cannot hold has at least as many digits. */
const MANY_DIGITS = /\d{16}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;
const BARE_KEY = /^[A-Za-z_$][\w$]*$/;

/** Parses JSON; an integer that a double cannot hold becomes a `bigint`. Throws SyntaxError like JSON.parse. */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!MANY_DIGITS.test(text)) return plain;
  // Only reached by valid JSON, so the expression below sees whole strings and whole numbers.
  let marks = 0;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (!LONG_INTEGER.test(token) || Number.isSafeInteger(Number(token))) return token;
    marks++;
    return `"\\u0000integer:${token}"`;
  });
  return marks === 0 ? plain : unmark(JSON.parse(marked));
}

/** Puts the marked integers in. Without recursion: requests may be nested as deeply as their sender likes. */
function unmark(root: unknown): unknown {
  const holder: unknown[] = [root];
  const open: object[] = [holder];
  for (let container = open.pop(); container !== undefined; container = open.pop())
    for (const key of Object.keys(container)) {
      const value = (container as Record<string, unknown>)[key];
      if (typeof value === 'object' && value !== null) open.push(value);
      else if (typeof value === 'string' && value.startsWith(MARKER)) {
        const digits = MARKED.exec(value)?.[1];
        if (digits === undefined) continue;
        // Not an assignment: that would do something else for the key `__proto__`.
        const entry = { value: BigInt(digits), writable: true, enumerable: true, configurable: true };
        Object.defineProperty(container, key, entry);
      }
    }
  return holder[0];
}

/** Writes JSON with `bigint` as exact digits. Members that are `undefined` are left out, as in JSON.stringify. */
export function stringifyJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'bigint':
    case 'boolean':
      return `${value}`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? stringifyArray(value) : stringifyObject(value as Record<string, unknown>);
    default:
      return 'null';
  }
}

function stringifyArray(values: readonly unknown[]): string {
  if (values.length === 0) return '[]';
  let text = `[${stringifyJson(values[0])}`;
  for (let i = 1; i < values.length; i++) text += `,${stringifyJson(values[i])}`;
  return `${text}]`;
}

function stringifyObject(members: Record<string, unknown>): string {
  let text = '';
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (member === undefined) continue;
    text += text === '' ? '{' : ',';
    text += BARE_KEY.test(key) ? `"${key}":` : `${JSON.stringify(key)}:`;
    text += stringifyJson(member);
  }
  return text === '' ? '{}' : `${text}}`;
}
