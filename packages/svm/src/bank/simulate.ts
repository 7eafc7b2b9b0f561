import { type Account, decodeAccount } from '@polyproof/state';
import { decodeMessage, encodeMessage } from '../message.js';
import { verifyStrict } from '../runtime/engine/strict-ed25519.js';
import { TransactionRejectedError } from '../runtime/resolve/transaction-rejected-error.js';
import type { BlockRuntime, RuntimeContext, RuntimeTransaction, TransactionMeta } from '../runtime/types.js';
import { decodeTransaction, encodeTransaction, type Transaction } from '../transaction.js';
import type { AccountStore } from './account-store.js';
import { byteString } from './keys.js';
import { decodeMeta } from './meta.js';
import type { SimulateOptions, Simulation } from './types.js';

/** What simulating needs of a bank. */
export interface SimulationBank {
  readonly latestBlockhash: Uint8Array;
  readonly lastValidBlockHeight: bigint;
  isBlockhashRecent(hash: Uint8Array): boolean;
  hasProcessed(transaction: Transaction): boolean;
  isPoisonous(transaction: Transaction): boolean;
  resolve(transaction: Transaction): RuntimeTransaction;
}

export interface SimulationModules {
  bank: SimulationBank;
  runtime: BlockRuntime;
  accounts: AccountStore;
  /** of the block to come */
  context: RuntimeContext;
}

/** @throws {TransactionDecodeError} */
export async function simulate(
  bytes: Uint8Array,
  options: SimulateOptions,
  modules: SimulationModules,
): Promise<Simulation> {
  const { bank, runtime, accounts, context } = modules;
  const given = decodeTransaction(bytes);
  const replaced = options.replaceRecentBlockhash === true;
  const transaction = replaced ? withBlockhash(given, bank.latestBlockhash) : given;
  const replacement = replaced
    ? {
        replacementBlockhash: {
          blockhash: bank.latestBlockhash,
          lastValidBlockHeight: bank.lastValidBlockHeight,
        },
      }
    : {};
  const refusal = (error: unknown): Simulation => ({
    error,
    computeUnits: 0n,
    feeLamports: 0n,
    meta: NO_META,
    ...replacement,
    account: (address) => accounts.getAccount(address),
  });
  const admitted = admit(transaction, bank);
  if ('error' in admitted) {
    // Agave looks at signatures first; the engine does too, where the transaction gets that far.
    const verify = options.verifySignatures === true && !replaced;
    return refusal(verify && !isSigned(transaction) ? 'SignatureFailure' : admitted.error);
  }
  const { outcome, accounts: changed } = await runtime.simulate(context, admitted.resolved, {
    verifySignatures: options.verifySignatures === true,
  });
  const after = new Map(changed.map(([address, account]) => [byteString(address), account]));
  const account = (address: Uint8Array): Account | undefined => {
    const found = after.get(byteString(address));
    if (found === undefined) return accounts.getAccount(address);
    return found === null ? undefined : decodeAccount(found);
  };
  return {
    ...(outcome.status === 'ok' ? {} : { error: outcome.error }),
    computeUnits: outcome.computeUnits,
    feeLamports: outcome.feeLamports,
    meta: outcome.meta.length === 0 ? NO_META : decodeMeta(outcome.meta),
    ...replacement,
    account,
  };
}

/**
 * Fee of a message in the next block, priority fee included; undefined where its blockhash is not a recent one.
 * @throws {TransactionDecodeError}
 */
export function feeForMessage(bank: SimulationBank, messageBytes: Uint8Array): bigint | undefined {
  const message = decodeMessage(messageBytes);
  const signatures = Array.from({ length: message.header.numRequiredSignatures }, () => new Uint8Array(64));
  const bytes = encodeTransaction(signatures, messageBytes);
  const admitted = admit({ signatures, messageBytes, message, bytes }, bank);
  if ('error' in admitted) return undefined;
  return admitted.resolved.baseFeeLamports + admitted.resolved.priorityFeeLamports;
}

function admit(
  transaction: Transaction,
  bank: SimulationBank,
): { resolved: RuntimeTransaction } | { error: unknown } {
  try {
    const resolved = bank.resolve(transaction);
    if (resolved.nonceAccount === undefined && !bank.isBlockhashRecent(transaction.message.recentBlockhash))
      return { error: 'BlockhashNotFound' };
    if (bank.hasProcessed(transaction)) return { error: 'AlreadyProcessed' };
    if (bank.isPoisonous(transaction)) return { error: 'CommitCancelled' };
    return { resolved };
  } catch (error) {
    if (!(error instanceof TransactionRejectedError)) throw error;
    return { error: error.transactionError };
  }
}

function isSigned({ signatures, message, messageBytes }: Transaction): boolean {
  return signatures.every((signature, i) => verifyStrict(message.accountKeys[i]!, messageBytes, signature));
}

function withBlockhash({ message, signatures }: Transaction, recentBlockhash: Uint8Array): Transaction {
  const messageBytes = encodeMessage({ ...message, recentBlockhash });
  return decodeTransaction(encodeTransaction(signatures, messageBytes));
}

const NO_META: TransactionMeta = {
  logs: [],
  innerInstructions: [],
  preBalances: [],
  postBalances: [],
  preTokenBalances: [],
  postTokenBalances: [],
  loadedAddresses: { writable: [], readonly: [] },
};
