import { encodeBase58 } from '@polyproof/svm';
import { type RpcContext, withContext } from '../context.js';
import { base58Of, Params } from '../params.js';
import { refusalOf } from '../refusal.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { transactionJson } from '../transaction-json.js';
import { decodeWire } from '../wire.js';

const MAX_SIGNATURES = 256;

/** Sending transactions and learning what became of them. */
export function transactionMethods(context: RpcContext): RpcMethods {
  const { bank, sequencer, settlement } = context;
  return {
    // skipPreflight makes no difference: what is refused here could never be included and proved.
    sendTransaction: async (values) => {
      const params = new Params(values);
      const config = params.config(1).checkMinContextSlot(context);
      const encoding = config.oneOf('encoding', ['base58', 'base64'], 'base58');
      const bytes = decodeWire(params.string(0, 'transaction'), encoding, 'transaction');
      try {
        return encodeBase58(await sequencer.submitTransaction(bytes));
      } catch (error) {
        throw refusalOf(error);
      }
    },

    getSignatureStatuses: (values) => {
      const decode = (entry: string) => base58Of(entry, 64, 'signature');
      const signatures = new Params(values).list(0, 'signatures', MAX_SIGNATURES, decode);
      const verifiedBatch = settlement.verifiedBatch();
      const statuses = signatures.map((signature) => {
        const record = bank.getTransactionStatus(signature);
        if (record === undefined) return null;
        const err = record.error ?? null;
        // A rejected transaction is in no block: it has a reason, and stays without confirmation.
        const included = record.status !== 'rejected';
        const finalized = included && record.batch <= verifiedBatch;
        return {
          slot: record.slot,
          confirmations: finalized ? null : Number(bank.slot - record.slot),
          err,
          status: err === null ? { Ok: null } : { Err: err },
          confirmationStatus: finalized ? 'finalized' : included ? 'confirmed' : 'processed',
        };
      });
      return withContext(context, statuses);
    },

    getTransaction: (values) => {
      const params = new Params(values);
      const signature = params.signature(0);
      const config = typeof values[1] === 'string' ? { encoding: values[1] } : values[1];
      const options = new Params([config]).config(0);
      const encoding = options.oneOf('encoding', ['json', 'jsonParsed', 'base58', 'base64'], 'json');
      const record = bank.getTransactionStatus(signature);
      if (record === undefined || record.status === 'rejected') return null;
      if (options.commitment === 'finalized' && record.batch > settlement.verifiedBatch()) return null;
      const version = options.u64('maxSupportedTransactionVersion');
      return transactionJson(record, encoding, version);
    },
  };
}
