import type { Logger } from './log.js';

/** One id for all that is done for a sequence, the same in every process: in logs, under `trace`. */
export function sequenceTrace(settlementId: string, sequence: bigint | number): string {
  return `${settlementId}/${sequence}`;
}

/** A logger that adds the trace to every line that names a sequence. */
export function traced(logger: Logger, settlementId: string): Logger {
  const context = (given: Record<string, unknown> = {}) => {
    const { sequence } = given;
    return typeof sequence === 'bigint' || typeof sequence === 'number'
      ? { ...given, trace: sequenceTrace(settlementId, sequence) }
      : given;
  };
  return {
    debug: (message, given, error) => logger.debug(message, context(given), error),
    info: (message, given, error) => logger.info(message, context(given), error),
    warn: (message, given, error) => logger.warn(message, context(given), error),
    error: (message, given, error) => logger.error(message, context(given), error),
    child: (given) => traced(logger.child(context(given)), settlementId),
  };
}
