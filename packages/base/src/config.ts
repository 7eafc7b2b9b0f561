import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { errorMessage, PolyproofError } from './errors.js';

export class ConfigError extends PolyproofError<'CONFIG'> {}

/**
 * Reads and validates configuration: defaults of the schema, then the JSON file, then overrides
 * (from the environment or the command line).
 * @throws {ConfigError} naming every field that is wrong
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  options: { file?: string; overrides?: Record<string, unknown> } = {},
): z.output<S> {
  let fromFile: unknown = {};
  if (options.file !== undefined) {
    try {
      fromFile = JSON.parse(readFileSync(options.file, 'utf8'));
    } catch (error) {
      throw new ConfigError(
        'CONFIG',
        `cannot read the configuration ${options.file}: ${errorMessage(error)}`,
      );
    }
  }
  if (typeof fromFile !== 'object' || fromFile === null || Array.isArray(fromFile))
    throw new ConfigError('CONFIG', `the configuration ${options.file} is not a JSON object: give {...}.`);
  const parsed = schema.safeParse({ ...fromFile, ...options.overrides });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((i) => `${i.path.join('.') || '(root)'}: ${i.message}`).join('; ');
  throw new ConfigError('CONFIG', `the configuration is not valid: ${problems}`);
}
