import type { Logger } from '@polyproof/base';
import {
  ProcessRuntimeExecutor,
  type ProcessRuntimeExecutorOptions,
} from './engine/process-runtime-executor.js';
import { ParallelRuntime, type ParallelRuntimeOptions } from './schedule/parallel-runtime.js';
import type { AccountSource } from './types.js';

export interface ProcessRuntimeOptions extends ParallelRuntimeOptions, ProcessRuntimeExecutorOptions {
  /** Engine processes. Default 1; one more starts with the first simulation. */
  executors?: number;
}

/** A runtime whose engines are processes of their own, which start when they are first needed. */
export function processRuntime(
  options: ProcessRuntimeOptions,
  modules: { accounts: AccountSource; logger: Logger },
): ParallelRuntime {
  const executor = () => new ProcessRuntimeExecutor(options, modules);
  return new ParallelRuntime(options, {
    ...modules,
    executors: Array.from({ length: options.executors ?? 1 }, executor),
    simulator: executor(),
  });
}
