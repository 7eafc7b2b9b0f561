import { type MethodContext, slotAt } from '../context.js';
import { paramError } from '../errors.js';
import { base58Of, Params } from '../params.js';
import type { PerformanceSamples } from '../performance-samples.js';
import type { RpcMethods } from '../server/dispatcher.js';

export const SLOTS_IN_EPOCH = 432_000n;

const MAX_SAMPLES = 720n;
const MAX_ADDRESSES = 1_000;

/** Slots, epochs and what is counted in them. Every slot has a block, so block height and slot are the same number. */
export function slotMethods(context: MethodContext, modules: { samples: PerformanceSamples }): RpcMethods {
  const { bank } = context;
  const slot = (values: readonly unknown[]) =>
    slotAt(context, new Params(values).config(0).checkMinContextSlot(context).commitment);
  return {
    getSlot: slot,
    getBlockHeight: slot,
    getTransactionCount: (values) => {
      new Params(values).config(0).checkMinContextSlot(context);
      return bank.transactionCount;
    },

    getEpochInfo: (values) => {
      const absoluteSlot = slot(values);
      return {
        absoluteSlot,
        blockHeight: absoluteSlot,
        epoch: absoluteSlot / SLOTS_IN_EPOCH,
        slotIndex: absoluteSlot % SLOTS_IN_EPOCH,
        slotsInEpoch: SLOTS_IN_EPOCH,
        transactionCount: bank.transactionCount,
      };
    },

    getEpochSchedule: () => ({
      slotsPerEpoch: SLOTS_IN_EPOCH,
      leaderScheduleSlotOffset: SLOTS_IN_EPOCH,
      warmup: false,
      firstNormalEpoch: 0,
      firstNormalSlot: 0,
    }),

    // Nothing is ever minted: there is neither inflation nor stake.
    getInflationGovernor: () => ({ foundation: 0, foundationTerm: 0, initial: 0, taper: 0, terminal: 0 }),
    getInflationRate: () => ({
      epoch: bank.slot / SLOTS_IN_EPOCH,
      foundation: 0,
      total: 0,
      validator: 0,
    }),
    getInflationReward: (values) =>
      new Params(values)
        .list(0, 'addresses', MAX_ADDRESSES, (entry) => base58Of(entry, 32, 'address'))
        .map(() => null),

    getFirstAvailableBlock: () => bank.firstAvailableSlot,
    minimumLedgerSlot: () => bank.firstAvailableSlot,
    getMaxRetransmitSlot: () => bank.slot,
    getMaxShredInsertSlot: () => bank.slot,

    getRecentPerformanceSamples: (values) => {
      const limit = new Params(values).optionalU64(0, 'limit') ?? MAX_SAMPLES;
      if (limit > MAX_SAMPLES) throw paramError(`Invalid limit; max ${MAX_SAMPLES}`);
      return modules.samples.newest(Number(limit));
    },
  };
}
