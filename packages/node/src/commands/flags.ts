import { parseArgs } from 'node:util';
import { errorMessage, loadConfig } from '@polyproof/base';
import type { z } from 'zod';
import { DEVNET_CONFIG, type DevnetConfig } from '../config.js';
import { NodeError } from '../errors.js';

type OwnFlags = Record<string, { type: 'string' | 'boolean' }>;
type FlagValues = Record<string, string | boolean | undefined>;

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const fieldsOf = (schema: z.ZodObject) => Object.keys(schema.shape);

/** The flags of a command that has no configuration. @throws {NodeError} `USAGE` */
export function parseOwnFlags(args: string[], options: OwnFlags): FlagValues {
  try {
    return parseArgs({ args, options }).values as FlagValues;
  } catch (error) {
    // Of Node's message the first sentence says it all; the rest is advice on positional arguments.
    const [what] = errorMessage(error).split(/\. |\.$/);
    throw new NodeError('USAGE', `${what}: see \`polyproof help\`.`);
  }
}

/** The flags of a command: those named here, and with `devnet` every field of the configuration. */
export function parseFlags(
  args: string[],
  own: OwnFlags,
  options: { devnet?: boolean } = {},
): { flags: FlagValues; config: DevnetConfig } {
  const fields = options.devnet === true ? fieldsOf(DEVNET_CONFIG) : ['cacheDirectory', 'srs'];
  return parseConfigFlags(DEVNET_CONFIG, args, { own, fields });
}

/**
 * A configuration from its defaults, a file named by --config, the environment, and flags; the later win.
 * @param options.own - flags beside those of the configuration
 * @param options.fields - fields that have a flag. Default: all.
 * @throws {NodeError} `USAGE`; {@link ConfigError}
 */
export function parseConfigFlags<S extends z.ZodObject>(
  schema: S,
  args: string[],
  { own = {}, fields = fieldsOf(schema) }: { own?: OwnFlags; fields?: string[] } = {},
): { flags: FlagValues; config: z.output<S> } {
  const configFlags = Object.fromEntries(fields.map((name) => [kebab(name), { type: 'string' as const }]));
  const values = parseOwnFlags(args, { ...configFlags, config: { type: 'string' }, ...own });
  const overrides: Record<string, unknown> = {};
  for (const name of fields) {
    const given =
      values[kebab(name)] ?? process.env[`POLYPROOF_${kebab(name).replaceAll('-', '_').toUpperCase()}`];
    if (given !== undefined) overrides[name] = typed(schema.shape[name] as z.ZodType, String(given));
  }
  const file = values.config;
  const config = loadConfig(schema, { ...(typeof file === 'string' ? { file } : {}), overrides });
  return { flags: values, config };
}

/** What the field takes as text stays text; numbers and booleans become such. */
function typed(field: z.ZodType, text: string): unknown {
  if (field.safeParse(text).success) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** A configuration's fields with their defaults, for the help text. @param automatic - what stands for a missing default */
export function configHelp(schema: z.ZodObject, automatic: Record<string, string> = {}): string {
  const defaults = schema.parse({}) as Record<string, unknown>;
  return fieldsOf(schema)
    .map((name) => `  --${kebab(name).padEnd(26)} ${defaults[name] ?? automatic[name] ?? ''}`)
    .join('\n');
}
