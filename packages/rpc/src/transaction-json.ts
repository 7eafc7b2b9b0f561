import {
  decodeTransaction,
  encodeBase58,
  isWritable,
  type Message,
  type Transaction,
  type TransactionRecord,
} from '@polyproof/svm';
import { RpcError } from './errors.js';

export type TransactionEncoding = 'json' | 'jsonParsed' | 'base58' | 'base64';

/**
 * The result of getTransaction.
 *
 * Balances before and after are not kept, so `preBalances` and `postBalances` are empty lists.
 * @param maxVersion - highest transaction version that the client understands; `undefined`: only legacy
 */
export function transactionJson(
  record: TransactionRecord,
  encoding: TransactionEncoding,
  maxVersion: bigint | undefined,
) {
  const transaction = decodeTransaction(record.bytes);
  const { version } = transaction.message;
  if (version !== 'legacy' && (maxVersion === undefined || maxVersion < BigInt(version)))
    throw new RpcError(
      'UNSUPPORTED_TRANSACTION_VERSION',
      `Transaction version (${version}) is not supported by the requesting client. Please try the request ` +
        `again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
    );
  const err = record.error ?? null;
  return {
    slot: record.slot,
    blockTime: record.unixTimestamp,
    ...(maxVersion === undefined ? {} : { version }),
    transaction: encoded(transaction, encoding),
    meta: {
      err,
      status: err === null ? { Ok: null } : { Err: err },
      fee: record.feeLamports,
      preBalances: [],
      postBalances: [],
      preTokenBalances: [],
      postTokenBalances: [],
      innerInstructions: [],
      logMessages: record.logs,
      rewards: [],
      computeUnitsConsumed: record.computeUnits,
      ...(maxVersion === undefined ? {} : { loadedAddresses: { readonly: [], writable: [] } }),
    },
  };
}

function encoded(transaction: Transaction, encoding: TransactionEncoding): unknown {
  if (encoding === 'base64') return [Buffer.from(transaction.bytes).toString('base64'), 'base64'];
  if (encoding === 'base58') return [encodeBase58(transaction.bytes), 'base58'];
  const { message } = transaction;
  return {
    signatures: transaction.signatures.map(encodeBase58),
    message: encoding === 'json' ? rawMessage(message) : parsedMessage(message),
  };
}

function rawMessage(message: Message) {
  const { header } = message;
  return {
    header: {
      numRequiredSignatures: header.numRequiredSignatures,
      numReadonlySignedAccounts: header.numReadonlySignedAccounts,
      numReadonlyUnsignedAccounts: header.numReadonlyUnsignedAccounts,
    },
    accountKeys: message.accountKeys.map(encodeBase58),
    recentBlockhash: encodeBase58(message.recentBlockhash),
    instructions: message.instructions.map((instruction) => ({
      programIdIndex: instruction.programIdIndex,
      accounts: [...instruction.accountIndexes],
      data: encodeBase58(instruction.data),
      stackHeight: 1,
    })),
    ...(message.version === 'legacy' ? {} : { addressTableLookups: [] }),
  };
}

/** The jsonParsed form, with every instruction in its partially decoded shape: no program has a parser here. */
function parsedMessage(message: Message) {
  const keys = message.accountKeys.map(encodeBase58);
  return {
    accountKeys: keys.map((pubkey, i) => ({
      pubkey,
      signer: i < message.header.numRequiredSignatures,
      writable: isWritable(message, i),
      source: 'transaction',
    })),
    recentBlockhash: encodeBase58(message.recentBlockhash),
    instructions: message.instructions.map((instruction) => ({
      programId: keys[instruction.programIdIndex],
      accounts: [...instruction.accountIndexes].map((index) => keys[index]),
      data: encodeBase58(instruction.data),
      stackHeight: 1,
    })),
    ...(message.version === 'legacy' ? {} : { addressTableLookups: [] }),
  };
}
