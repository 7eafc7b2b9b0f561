import type litesvm from 'litesvm/dist/internal.js';
import type { TransactionMeta } from '../types.js';

export type RuntimeMeta = InstanceType<typeof litesvm.TransactionMetadata>;

/** What the runtime itself tells of a transaction. */
export interface ExecutionTrace extends Pick<TransactionMeta, 'logs' | 'innerInstructions'> {
  returnData: TransactionMeta['returnData'] | undefined;
}

export const NO_TRACE: ExecutionTrace = { logs: [], innerInstructions: [], returnData: undefined };

const RETURN_PREFIX = 'Program return: ';
const TRUNCATED = 'Log truncated';

/** @param flat - no program can have called another: saves asking */
export function readTrace(meta: RuntimeMeta, flat: boolean): ExecutionTrace {
  const logs = meta.logs();
  const innerInstructions = flat ? [] : readInner(meta);
  // Agave logs return data whenever a program ends that has set any.
  const returns = logs.some((line) => line.startsWith(RETURN_PREFIX) || line === TRUNCATED);
  if (!returns) return { logs, innerInstructions, returnData: undefined };
  const returned = meta.returnData();
  const data = Uint8Array.from(returned.data());
  if (data.length === 0) return { logs, innerInstructions, returnData: undefined };
  return { logs, innerInstructions, returnData: { programId: Uint8Array.from(returned.programId()), data } };
}

function readInner(meta: RuntimeMeta): TransactionMeta['innerInstructions'] {
  return meta
    .innerInstructions()
    .map((inner, index) => ({
      index,
      instructions: inner.map((item) => {
        const instruction = item.instruction();
        return {
          programIdIndex: instruction.programIdIndex(),
          accountIndexes: Uint8Array.from(instruction.accounts()),
          data: Uint8Array.from(instruction.data()),
          stackHeight: item.stackHeight(),
        };
      }),
    }))
    .filter(({ instructions }) => instructions.length > 0);
}
