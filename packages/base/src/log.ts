import { pino } from 'pino';

/** Structured logging: message first, then context, then the error that caused it. */
export interface Logger {
  debug(message: string, context?: Record<string, unknown>, error?: unknown): void;
  info(message: string, context?: Record<string, unknown>, error?: unknown): void;
  warn(message: string, context?: Record<string, unknown>, error?: unknown): void;
  error(message: string, context?: Record<string, unknown>, error?: unknown): void;
  child(context: Record<string, unknown>): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on standard error (or into `file`), so that standard output stays free for results. */
export function createLogger(options: { level?: LogLevel; file?: string; name?: string } = {}): Logger {
  const instance = pino(
    {
      level: options.level ?? 'info',
      base: options.name === undefined ? null : { name: options.name },
      serializers: { error: pino.stdSerializers.err },
    },
    options.file === undefined
      ? pino.destination({ dest: 2, sync: true })
      : pino.destination({ dest: options.file, sync: true, mkdir: true }),
  );
  return wrap(instance);
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

function wrap(instance: pino.Logger): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, context: Record<string, unknown> = {}, error?: unknown) =>
      instance[level](error === undefined ? printable(context) : { ...printable(context), error }, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (context) => wrap(instance.child(context)),
  };
}

function printable(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? value.toString() : value,
    ]),
  );
}
