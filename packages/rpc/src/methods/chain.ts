import { encodeBase58 } from '@polyproof/svm';
import { API_VERSION, type RpcContext, slotAt } from '../context.js';
import { RpcError } from '../errors.js';
import { Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';

const SLOTS_IN_EPOCH = 432_000n;

/** The node and the chain as a whole. Every slot has a block, so block height and slot are the same number. */
export function chainMethods(context: RpcContext): RpcMethods {
  const slot = (values: readonly unknown[]) =>
    slotAt(context, new Params(values).config(0).checkMinContextSlot(context).commitment);
  return {
    getVersion: () => ({ 'solana-core': API_VERSION, 'feature-set': 0 }),

    getHealth: () => {
      const reason = context.sequencer.unhealthyReason;
      if (reason !== undefined) throw new RpcError('NODE_UNHEALTHY', `Node is unhealthy: ${reason}`, {});
      return 'ok';
    },

    getGenesisHash: () => encodeBase58(context.bank.genesisBlockhash),
    getSlot: slot,
    getBlockHeight: slot,
    getTransactionCount: () => context.bank.transactionCount,

    getEpochInfo: (values) => {
      const absoluteSlot = slot(values);
      return {
        absoluteSlot,
        blockHeight: absoluteSlot,
        epoch: absoluteSlot / SLOTS_IN_EPOCH,
        slotIndex: absoluteSlot % SLOTS_IN_EPOCH,
        slotsInEpoch: SLOTS_IN_EPOCH,
        transactionCount: context.bank.transactionCount,
      };
    },
  };
}
