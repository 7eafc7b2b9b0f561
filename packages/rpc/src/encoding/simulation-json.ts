import { decodeTransaction, encodeBase58, type Simulation } from '@polyproof/svm';
import type { RpcBank } from '../ports.js';
import { loadedDataBytes } from './loaded-data-bytes.js';
import { accountTexts } from './message-accounts.js';
import {
  loadedAddressesJson,
  parsedInnerInstructions,
  returnDataJson,
  tokenBalanceJson,
} from './transaction-json.js';

/**
 * The result of a simulation as Solana's API shows it (Agave: RpcSimulateTransactionResult), without accounts.
 * @param bytes - the transaction that was simulated
 */
export function simulationJson(
  bytes: Uint8Array,
  simulation: Simulation,
  { bank, innerInstructions = false }: { bank: Pick<RpcBank, 'getAccount'>; innerInstructions?: boolean },
) {
  const { error, meta, computeUnits, feeLamports, replacementBlockhash } = simulation;
  const { message } = decodeTransaction(bytes);
  // Without balances, it was refused before anything was executed.
  const executed = meta.preBalances.length > 0;
  const keys = accountTexts(message, meta.loadedAddresses);
  return {
    err: error ?? null,
    logs: meta.logs,
    unitsConsumed: computeUnits,
    loadedAccountsDataSize: executed ? loadedDataBytes(message, meta.loadedAddresses, bank) : 0,
    returnData: meta.returnData === undefined ? null : returnDataJson(meta.returnData),
    innerInstructions: innerInstructions && executed ? parsedInnerInstructions(meta, keys) : null,
    replacementBlockhash:
      replacementBlockhash === undefined
        ? null
        : {
            blockhash: encodeBase58(replacementBlockhash.blockhash),
            lastValidBlockHeight: replacementBlockhash.lastValidBlockHeight,
          },
    fee: executed ? feeLamports : null,
    preBalances: executed ? meta.preBalances : null,
    postBalances: executed ? meta.postBalances : null,
    preTokenBalances: executed ? meta.preTokenBalances.map(tokenBalanceJson) : null,
    postTokenBalances: executed ? meta.postTokenBalances.map(tokenBalanceJson) : null,
    loadedAddresses: loadedAddressesJson(meta.loadedAddresses),
  };
}
