import { PolyproofError } from '@polyproof/base';
import { checkProvable, decodeTransaction, encodeBase58, type Simulation } from '@polyproof/svm';
import type { MethodContext } from '../context.js';
import { simulationJson } from '../encoding/simulation-json.js';
import { transactionErrorText } from '../encoding/transaction-error-text.js';
import { RpcError } from '../errors.js';
import { type Config, Params } from '../params.js';
import { refusalOf } from '../refusal.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { decodeWire, type WireEncoding } from '../wire.js';

/** Sending transactions. */
export function sendTransactionMethods(context: MethodContext): RpcMethods {
  const { bank, sequencer } = context;

  /** What the sequencer refuses without executing it is refused the same way without preflight. */
  const preflight = async (bytes: Uint8Array): Promise<void> => {
    if (bank.execution === 'zk') checkProvable(decodeTransaction(bytes).message);
    const simulation = await bank.simulate(bytes, { verifySignatures: true });
    if (simulation.error !== undefined) throw preflightFailure(bytes, simulation, bank);
  };

  return {
    // maxRetries makes no difference: an admitted transaction waits until it is in a block or its blockhash expires.
    sendTransaction: async (values) => {
      const params = new Params(values);
      const config = params.config(1).checkMinContextSlot(context);
      const bytes = wireTransaction(params.string(0, 'transaction'), config);
      const skipPreflight = config.boolean('skipPreflight');
      config.oneOf('preflightCommitment', ['processed', 'confirmed', 'finalized'], 'finalized');
      config.u64('maxRetries');
      try {
        if (!skipPreflight) await preflight(bytes);
        return encodeBase58(await sequencer.submitTransaction(bytes));
      } catch (error) {
        // Clients send the same bytes again until they are confirmed: only preflight tells them that they are late.
        if (skipPreflight && error instanceof PolyproofError && error.code === 'ALREADY_PROCESSED')
          return encodeBase58(decodeTransaction(bytes).signatures[0]!);
        throw refusalOf(error);
      }
    },
  };
}

/** The bytes of a transaction that is sent or simulated; base 58 where the configuration says nothing. */
export function wireTransaction(text: string, config: Config): Uint8Array {
  const encoding = config.oneOf<WireEncoding | 'binary'>(
    'encoding',
    ['binary', 'base58', 'base64'],
    'base58',
  );
  return decodeWire(text, encoding === 'binary' ? 'base58' : encoding, 'transaction');
}

function preflightFailure(bytes: Uint8Array, simulation: Simulation, bank: MethodContext['bank']): RpcError {
  if (simulation.error === 'SignatureFailure')
    return new RpcError('SIGNATURE_FAILURE', 'Transaction signature verification failure');
  return new RpcError(
    'TRANSACTION_REFUSED',
    `Transaction simulation failed: ${transactionErrorText(simulation.error)}`,
    { ...simulationJson(bytes, simulation, { bank }), ...NOT_IN_PREFLIGHT },
  );
}

/** What Agave leaves out of a failed preflight. */
const NOT_IN_PREFLIGHT = {
  accounts: null,
  innerInstructions: null,
  replacementBlockhash: null,
  preBalances: null,
  postBalances: null,
  preTokenBalances: null,
  postTokenBalances: null,
  loadedAddresses: null,
};
