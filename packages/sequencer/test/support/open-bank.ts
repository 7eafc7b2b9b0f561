import { type Logger, silentLogger } from '@polyproof/base';
import { Bank, type BankOptions, ParallelRuntime, ProcessRuntimeExecutor } from '@polyproof/svm';

/** A bank with real engines, and what tests do to the one that executes blocks. */
export async function openBank(
  options: BankOptions,
  logger: Logger = silentLogger,
): Promise<{ bank: Bank; executor: ProcessRuntimeExecutor }> {
  const executor = new ProcessRuntimeExecutor({}, { logger });
  const simulator = new ProcessRuntimeExecutor({}, { logger });
  const bank = await Bank.open(options, {
    runtime: (accounts) => new ParallelRuntime({}, { executors: [executor], simulator, accounts, logger }),
    logger,
  });
  return { bank, executor };
}
