import { encodeBase58, type StoredBlock, type StoredTransaction } from '@polyproof/svm';
import { type MethodContext, slotAt } from '../context.js';
import { TRANSACTION_ENCODINGS, transactionJson } from '../encoding/transaction-json.js';
import { paramError, RpcError } from '../errors.js';
import { type Config, Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { Turns } from '../turns.js';

const MAX_BLOCKS = 500_000n;
/** Agave's MAX_LOCKOUT_HISTORY and the slot itself. */
const COMMITMENT_SLOTS = 32;

/** Blocks and transactions that have been. */
export function historyMethods(context: MethodContext): RpcMethods {
  const { bank, finality } = context;

  /** @throws {RpcError} where the block is not there: not yet, not at this commitment, or no more */
  const blockAt = (slot: bigint, newest: bigint): StoredBlock => {
    if (slot < bank.firstAvailableSlot)
      throw new RpcError(
        'BLOCK_CLEANED_UP',
        `Block ${slot} cleaned up, does not exist on node. First available block: ${bank.firstAvailableSlot}`,
      );
    const block = slot > newest ? undefined : bank.getBlock(slot);
    if (block === undefined)
      throw new RpcError('BLOCK_NOT_AVAILABLE', `Block not available for slot ${slot}`);
    return block;
  };

  const slots = (first: bigint, last: bigint): bigint[] => {
    const start = first > bank.firstAvailableSlot ? first : bank.firstAvailableSlot;
    return last < start ? [] : Array.from({ length: Number(last - start) + 1 }, (_, i) => start + BigInt(i));
  };

  return {
    getTransaction: (values) => {
      const params = new Params(values);
      const signature = params.signature(0);
      const config = params.configOrEncoding(1);
      const encoding = config.oneOf('encoding', TRANSACTION_ENCODINGS, 'json');
      const commitment = config.historyCommitment;
      const maxSupportedTransactionVersion = config.u64('maxSupportedTransactionVersion');
      const stored = bank.getTransaction(signature);
      if (stored === undefined || (commitment === 'finalized' && !finality.has(stored.batch))) return null;
      return {
        slot: stored.slot,
        ...transactionJson(stored, { encoding, maxSupportedTransactionVersion }),
        blockTime: stored.unixTimestamp,
        transactionIndex: stored.index,
      };
    },

    getBlock: async (values) => {
      const params = new Params(values);
      const slot = params.u64(0, 'slot');
      const config = params.configOrEncoding(1);
      const block = blockAt(slot, slotAt(context, config.historyCommitment));
      const showRewards = config.boolean('rewards', true);
      return {
        previousBlockhash: encodeBase58(block.previousBlockhash),
        blockhash: encodeBase58(block.blockhash),
        parentSlot: slot === 0n ? 0n : slot - 1n,
        ...(await transactionsJson(() => bank.getBlockTransactions(slot), config, showRewards)),
        // The collector's fees are no rewards: it is credited as any account is.
        ...(showRewards ? { rewards: [] } : {}),
        blockTime: block.unixTimestamp,
        blockHeight: slot,
      };
    },

    getBlocks: (values) => {
      const params = new Params(values);
      const first = params.u64(0, 'start slot');
      // Either [start, end, config] or [start, config].
      const withoutEnd = typeof values[1] === 'object' && values[1] !== null;
      const config = params.config(withoutEnd ? 1 : 2).checkMinContextSlot(context);
      const newest = slotAt(context, config.historyCommitment);
      const end = (withoutEnd ? undefined : params.optionalU64(1, 'end slot')) ?? first + MAX_BLOCKS;
      const last = end < newest ? end : newest;
      if (last - first > MAX_BLOCKS) throw paramError(`Slot range too large; max ${MAX_BLOCKS}`);
      return slots(first, last);
    },

    getBlocksWithLimit: (values) => {
      const params = new Params(values);
      const [first, limit] = [params.u64(0, 'start slot'), params.u64(1, 'limit')];
      const config = params.config(2).checkMinContextSlot(context);
      const newest = slotAt(context, config.historyCommitment);
      if (limit > MAX_BLOCKS) throw paramError(`Limit too large; max ${MAX_BLOCKS}`);
      const start = first > bank.firstAvailableSlot ? first : bank.firstAvailableSlot;
      const end = start + limit - 1n;
      return slots(start, end < newest ? end : newest);
    },

    getBlockTime: (values) => blockAt(new Params(values).u64(0, 'slot'), bank.slot).unixTimestamp,

    // Nobody votes: what is known of a block is whether it is there.
    getBlockCommitment: (values) => {
      const known = bank.getBlock(new Params(values).u64(0, 'slot')) !== undefined;
      return { commitment: known ? Array<number>(COMMITMENT_SLOTS).fill(0) : null, totalStake: 0 };
    },
  };
}

async function transactionsJson(
  read: () => StoredTransaction[],
  config: Config,
  showRewards: boolean,
): Promise<{ transactions?: unknown[]; signatures?: string[] }> {
  const encoding = config.oneOf('encoding', TRANSACTION_ENCODINGS, 'json');
  const maxSupportedTransactionVersion = config.u64('maxSupportedTransactionVersion');
  const details = config.oneOf(
    'transactionDetails',
    ['full', 'accounts', 'signatures', 'none'] as const,
    'full',
  );
  if (details === 'none') return {};
  if (details === 'signatures')
    return { signatures: read().map(({ bytes }) => encodeBase58(bytes.subarray(1, 65))) };
  const options = {
    encoding: details === 'accounts' ? ('accounts' as const) : encoding,
    maxSupportedTransactionVersion,
    showRewards,
  };
  const turns = new Turns();
  const transactions: unknown[] = [];
  for (const stored of read()) {
    if (turns.isOver) await turns.next();
    transactions.push(transactionJson(stored, options));
  }
  return { transactions };
}
