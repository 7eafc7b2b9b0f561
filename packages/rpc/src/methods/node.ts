import { encodeBase58 } from '@polyproof/svm';
import { API_VERSION, type MethodContext, slotAt, withContext } from '../context.js';
import { invalidParams, paramError, RpcError } from '../errors.js';
import { Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { SLOTS_IN_EPOCH } from './slots.js';

const MAX_SLOT_LEADERS = 5_000n;
/** Lamports that Agave asks of a delegation while the feature that raises it is not active. */
const MIN_DELEGATION = 1n;

/**
 * The node, and the cluster that it is alone in: whoever collects the fees is the identity of the node, leads every slot
 * and is the only validator.
 */
export function nodeMethods(context: MethodContext): RpcMethods {
  const { bank, sequencer, options } = context;
  const identity = encodeBase58(options.identity);
  let allSlots: number[] | undefined;
  const isIdentity = (address: Uint8Array | undefined) =>
    address === undefined || encodeBase58(address) === identity;
  return {
    getVersion: () => ({ 'solana-core': API_VERSION, 'feature-set': 0 }),

    getHealth: () => {
      const reason = sequencer.unhealthyReason;
      if (reason !== undefined)
        throw new RpcError('NODE_UNHEALTHY', `Node is unhealthy: ${reason}`, { numSlotsBehind: null });
      return 'ok';
    },

    getIdentity: () => ({ identity }),
    getGenesisHash: () => encodeBase58(bank.genesisBlockhash),

    getClusterNodes: () => {
      const { rpc, pubsub } = options.addresses?.() ?? { rpc: null, pubsub: null };
      return [
        {
          pubkey: identity,
          gossip: null,
          tvu: null,
          tpu: null,
          tpuQuic: null,
          tpuForwards: null,
          tpuForwardsQuic: null,
          tpuVote: null,
          serveRepair: null,
          rpc,
          pubsub,
          version: API_VERSION,
          clientId: null,
          featureSet: 0,
          shredVersion: null,
        },
      ];
    },

    getVoteAccounts: (values) => {
      const wanted = new Params(values).config(0).address('votePubkey');
      const epoch = bank.slot / SLOTS_IN_EPOCH;
      const account = {
        votePubkey: identity,
        nodePubkey: identity,
        activatedStake: 0,
        commission: 100,
        inflationRewardsCommissionBps: 10_000,
        epochVoteAccount: true,
        epochCredits: [[epoch, bank.slot, epoch * SLOTS_IN_EPOCH]],
        lastVote: bank.slot,
        rootSlot: slotAt(context, 'finalized'),
      };
      return { current: isIdentity(wanted) ? [account] : [], delinquent: [] };
    },

    getSlotLeader: (values) => {
      new Params(values).config(0).checkMinContextSlot(context);
      return identity;
    },

    getSlotLeaders: (values) => {
      const params = new Params(values);
      params.u64(0, 'start slot');
      const limit = params.u64(1, 'limit');
      if (limit > MAX_SLOT_LEADERS) throw paramError(`Invalid limit; max ${MAX_SLOT_LEADERS}`);
      return Array<string>(Number(limit)).fill(identity);
    },

    getLeaderSchedule: (values) => {
      // Either [slot, config] or [config].
      const alone = typeof values[0] === 'object' && values[0] !== null;
      const params = new Params(values);
      if (!alone) params.optionalU64(0, 'slot');
      const wanted = params.config(alone ? 0 : 1).address('identity');
      if (!isIdentity(wanted)) return {};
      allSlots ??= Array.from({ length: Number(SLOTS_IN_EPOCH) }, (_, i) => i);
      return { [identity]: allSlots };
    },

    getBlockProduction: (values) => {
      const config = new Params(values).config(0);
      const wanted = config.address('identity');
      const newest = slotAt(context, config.commitment);
      const { firstSlot, lastSlot } = productionRange(config.get('range'), newest);
      const slots = lastSlot - firstSlot + 1n;
      return withContext(context, {
        byIdentity: isIdentity(wanted) ? { [identity]: [slots, slots] } : {},
        range: { firstSlot, lastSlot },
      });
    },

    getHighestSnapshotSlot: () => {
      throw new RpcError('NO_SNAPSHOT', 'No snapshot');
    },

    getStakeMinimumDelegation: () => withContext(context, MIN_DELEGATION),
  };
}

function productionRange(value: unknown, newest: bigint): { firstSlot: bigint; lastSlot: bigint } {
  if (value === undefined || value === null)
    return { firstSlot: newest - (newest % SLOTS_IN_EPOCH), lastSlot: newest };
  const range = new Params([value]).config(0);
  const firstSlot = range.u64('firstSlot');
  const lastSlot = range.u64('lastSlot') ?? newest;
  if (firstSlot === undefined) throw invalidParams('range must have a firstSlot.');
  if (lastSlot < firstSlot)
    throw paramError(`lastSlot, ${lastSlot}, cannot be less than firstSlot, ${firstSlot}`);
  if (lastSlot > newest) throw paramError(`lastSlot, ${lastSlot}, is too large; max ${newest}`);
  return { firstSlot, lastSlot };
}
