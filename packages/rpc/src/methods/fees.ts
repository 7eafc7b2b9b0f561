import { PolyproofError } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import { type MethodContext, withContext } from '../context.js';
import { invalidParams, RpcError } from '../errors.js';
import { base58Of, Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { decodeWire } from '../wire.js';

/** Agave's MAX_TX_ACCOUNT_LOCKS. */
const MAX_ADDRESSES = 128;
/** Agave's MAX_PERMITTED_DATA_LENGTH: 10 MiB. */
const MAX_DATA_BYTES = 10n * 1024n * 1024n;

/** Blockhashes, fees and rent: what a client needs to build a transaction. */
export function feeMethods(context: MethodContext): RpcMethods {
  const { bank } = context;
  // The text of the newest blockhash: asked for more often than blocks are made.
  let newest: { hash?: Uint8Array; text: string } = { text: '' };
  return {
    // Always the newest, whatever the commitment: an older one would only expire sooner.
    getLatestBlockhash: (values) => {
      new Params(values).config(0).checkMinContextSlot(context);
      const hash = bank.latestBlockhash;
      if (hash !== newest.hash) newest = { hash, text: encodeBase58(hash) };
      return withContext(context, {
        blockhash: newest.text,
        lastValidBlockHeight: bank.lastValidBlockHeight,
      });
    },

    isBlockhashValid: (values) => {
      const params = new Params(values);
      params.config(1).checkMinContextSlot(context);
      return withContext(context, bank.isBlockhashRecent(params.bytes32(0, 'blockhash')));
    },

    getFeeForMessage: (values) => {
      const params = new Params(values);
      params.config(1).checkMinContextSlot(context);
      const bytes = decodeWire(params.string(0, 'message'), 'base64', 'message');
      return withContext(context, feeOf(bank, bytes) ?? null);
    },

    getRecentPrioritizationFees: (values) => {
      const given = values[0] ?? [];
      const addresses = new Params([given]).list(0, 'addresses', MAX_ADDRESSES, (entry) =>
        base58Of(entry, 32, 'address'),
      );
      return bank.recentPrioritizationFees(addresses);
    },

    getMinimumBalanceForRentExemption: (values) => {
      const bytes = new Params(values).u64(0, 'data length');
      if (bytes > MAX_DATA_BYTES)
        throw new RpcError(
          'INVALID_REQUEST',
          `Invalid request: an account has at most ${MAX_DATA_BYTES} bytes.`,
        );
      return bank.minimumBalanceForRentExemption(bytes);
    },
  };
}

function feeOf(bank: MethodContext['bank'], messageBytes: Uint8Array): bigint | undefined {
  try {
    return bank.feeForMessage(messageBytes);
  } catch (error) {
    if (error instanceof PolyproofError && error.code === 'TRANSACTION_DECODE')
      throw invalidParams(`failed to deserialize the message: ${error.message}`);
    throw error;
  }
}
