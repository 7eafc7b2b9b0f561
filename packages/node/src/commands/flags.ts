import { parseArgs } from 'node:util';
import { errorMessage, loadConfig } from '@polyproof/base';
import { DEVNET_CONFIG, type DevnetConfig } from '../config.js';
import { NodeError } from '../errors.js';

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const FIELDS = Object.keys(DEVNET_CONFIG.shape);

/** The flags of a command: those named here, and with `devnet` every field of the configuration. */
export function parseFlags(
  args: string[],
  own: Record<string, { type: 'string' | 'boolean' }>,
  options: { devnet?: boolean } = {},
): { flags: Record<string, string | boolean | undefined>; config: DevnetConfig } {
  const fields = options.devnet === true ? FIELDS : ['cacheDirectory', 'srs'];
  const configFlags = Object.fromEntries(fields.map((name) => [kebab(name), { type: 'string' as const }]));
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args, options: { ...configFlags, config: { type: 'string' }, ...own } }));
  } catch (error) {
    // Of Node's message the first sentence says it all; the rest is advice on positional arguments.
    const [what] = errorMessage(error).split(/\. |\.$/);
    throw new NodeError('USAGE', `${what}: see \`polyproof help\`.`);
  }
  const overrides: Record<string, unknown> = {};
  for (const name of fields) {
    const given =
      values[kebab(name)] ?? process.env[`POLYPROOF_${kebab(name).replaceAll('-', '_').toUpperCase()}`];
    if (given !== undefined) overrides[name] = typed(name, String(given));
  }
  const file = values.config;
  const config = loadConfig(DEVNET_CONFIG, { ...(typeof file === 'string' ? { file } : {}), overrides });
  return { flags: values, config };
}

/** What the field takes as text stays text; numbers and booleans become such. */
function typed(name: string, text: string): unknown {
  const schema = DEVNET_CONFIG.shape[name as keyof DevnetConfig];
  if (schema.safeParse(text).success) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** The configuration's fields with their defaults, for the help text. */
export function configHelp(): string {
  const defaults = DEVNET_CONFIG.parse({}) as Record<string, unknown>;
  return FIELDS.map(
    (name) => `  --${kebab(name).padEnd(26)} ${defaults[name] ?? 'all cores, in turns'}`,
  ).join('\n');
}
