import { errorMessage } from '@polyproof/base';
import { decodeMessage, encodeBase58 } from '@polyproof/svm';
import { type RpcContext, withContext } from '../context.js';
import { invalidParams } from '../errors.js';
import { Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { decodeWire } from '../wire.js';

/** Blockhashes and fees: what a client needs to build a transaction. */
export function blockhashMethods(context: RpcContext): RpcMethods {
  const { bank } = context;
  return {
    // Always the newest, whatever the commitment: an older one would only expire sooner.
    getLatestBlockhash: (values) => {
      new Params(values).config(0).checkMinContextSlot(context);
      return withContext(context, {
        blockhash: encodeBase58(bank.latestBlockhash),
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
      const message = messageOf(params.string(0, 'message'));
      const fee = bank.isBlockhashRecent(message.recentBlockhash)
        ? BigInt(message.header.numRequiredSignatures) * context.lamportsPerSignature
        : null;
      return withContext(context, fee);
    },
  };
}

function messageOf(text: string) {
  try {
    return decodeMessage(decodeWire(text, 'base64', 'message'));
  } catch (error) {
    throw invalidParams(`failed to deserialize the message: ${errorMessage(error)}`);
  }
}
