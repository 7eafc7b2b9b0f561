import { InvariantError, serializeError } from '@polyproof/base';
import { Engine } from './engine.js';
import type { EngineCall, EngineRequest, EngineResponse } from './engine-protocol.js';
import type { BlockResult } from './executor.js';

/** Entry of the process that holds the execution engine: see ProcessExecutor. */

let engine: Engine | undefined;

function handle(call: EngineCall): BlockResult | undefined {
  if (call.method === 'reset') {
    engine = new Engine();
    return undefined;
  }
  if (engine === undefined) throw new InvariantError(`engine call ${call.method} before reset`);
  if (call.method === 'executeBlock') return engine.executeBlock(call.block);
  for (const [address, account] of call.accounts) engine.setAccount(address, account);
  return undefined;
}

process.on('message', ({ id, call }: EngineRequest) => {
  let response: EngineResponse;
  try {
    response = { id, result: handle(call) };
  } catch (error) {
    response = { id, error: serializeError(error) };
  }
  process.send?.(response);
});
// The parent may have died without a word.
process.on('disconnect', () => process.exit(0));
