import type { Logger } from '@polyproof/base';
import {
  Bank,
  type BankOptions,
  ParallelRuntime,
  type ParallelRuntimeOptions,
  ProcessRuntimeExecutor,
  StatelessExecutor,
} from '@polyproof/svm';

export interface ProcessBankOptions extends BankOptions {
  /** engine processes that execute blocks; one more simulates */
  executors: number;
  runtime?: ParallelRuntimeOptions;
}

/** A bank that executes in processes of its own. They start when there is work for them and end with the bank. */
export function openProcessBank(
  { executors, runtime = {}, ...options }: ProcessBankOptions,
  { logger, now }: { logger: Logger; now?: () => number },
): Promise<Bank> {
  const engine = (name: string) => new ProcessRuntimeExecutor({}, { logger: logger.child({ engine: name }) });
  return Bank.open(options, {
    runtime: (accounts) =>
      new ParallelRuntime(runtime, {
        executors: Array.from({ length: executors }, (_, i) => engine(`executor ${i + 1}`)),
        simulator: engine('simulator'),
        accounts,
        logger,
      }),
    logger,
    ...(now === undefined ? {} : { now }),
  });
}

/** Executes witnesses in a process of its own. */
export function processStatelessExecutor({ logger }: { logger: Logger }): StatelessExecutor {
  const engine = () => new ProcessRuntimeExecutor({}, { logger });
  return new StatelessExecutor({
    runtime: (accounts) =>
      new ParallelRuntime({}, { executors: [engine()], simulator: engine(), accounts, logger }),
  });
}
