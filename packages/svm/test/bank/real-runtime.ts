import { silentLogger } from '@polyproof/base';
import { ProcessRuntimeExecutor } from '../../src/runtime/engine/process-runtime-executor.js';
import { ParallelRuntime } from '../../src/runtime/schedule/parallel-runtime.js';
import type { AccountSource, BlockRuntime } from '../../src/runtime/types.js';

/** Makes a runtime with engines in processes of their own. */
export function realRuntime(accounts: AccountSource): BlockRuntime {
  const engine = () => new ProcessRuntimeExecutor({}, { logger: silentLogger });
  return new ParallelRuntime(
    {},
    { executors: [engine()], simulator: engine(), accounts, logger: silentLogger },
  );
}
