import { serializeError, serveFrames } from '@polyproof/base';
import { decodeRequest, type EngineReply, encodeReply } from './engine-protocol.js';
import { RuntimeEngine } from './runtime-engine.js';

/** Entry of the process that holds the execution engine: see ProcessRuntimeExecutor. */

const engine = new RuntimeEngine();

function reply(frame: Buffer): EngineReply | undefined {
  const request = decodeRequest(frame);
  if (request.kind === 'beginBlock') {
    engine.beginBlock(request.context);
    return undefined;
  }
  const { id } = request;
  try {
    if (request.kind === 'simulate') return { kind: 'simulation', id, result: engine.simulate(request) };
    return { kind: 'result', id, result: engine.execute(request.accounts, request.transactions) };
  } catch (error) {
    return { kind: 'failure', id, error: serializeError(error) };
  }
}

serveFrames((frame) => {
  const answer = reply(frame);
  return answer === undefined ? undefined : encodeReply(answer);
});
