import {
  type CompiledInstruction,
  decodeTransaction,
  encodeBase58,
  type InnerInstruction,
  type LoadedAddresses,
  type Message,
  type StoredTransaction,
  type TokenBalance,
  type Transaction,
  type TransactionMeta,
} from '@polyproof/svm';
import { RpcError } from '../errors.js';
import { parseInstruction } from '../parse/parse-instruction.js';
import { uiTokenAmount } from '../parse/token-amount.js';
import { addressText } from './address-text.js';
import { accountTexts, messageAccounts } from './message-accounts.js';

/** `binary` is Solana's oldest form, base 58 without its name. */
export type TransactionEncoding = 'binary' | 'base58' | 'base64' | 'json' | 'jsonParsed';

export const TRANSACTION_ENCODINGS: readonly TransactionEncoding[] = [
  'binary',
  'base58',
  'base64',
  'json',
  'jsonParsed',
];

export interface TransactionJsonOptions {
  /** `accounts`: only signatures and accounts (getBlock's transactionDetails). */
  encoding: TransactionEncoding | 'accounts';
  /** Highest transaction version that the client understands; undefined: only legacy. */
  maxSupportedTransactionVersion?: bigint | undefined;
  /** Default true. */
  showRewards?: boolean;
}

/** Stack height of an instruction that the transaction itself makes. */
const TOP = 1;

/**
 * A transaction with its metadata (Agave: transaction-status's EncodedTransactionWithStatusMeta).
 * @throws {RpcError} UNSUPPORTED_TRANSACTION_VERSION
 */
export function transactionJson(stored: StoredTransaction, options: TransactionJsonOptions) {
  const transaction = decodeTransaction(stored.bytes);
  const version = versionOf(transaction.message, options.maxSupportedTransactionVersion);
  return {
    transaction: encodeTransaction(transaction, stored.meta, options.encoding),
    meta: metaJson(stored, transaction, options),
    ...(version === undefined ? {} : { version }),
  };
}

/** What is shown of inner instructions in words, by simulations too. */
export function parsedInnerInstructions(meta: TransactionMeta, keys: readonly string[]) {
  return meta.innerInstructions.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map((inner) => parsedJson(inner, keys, inner.stackHeight)),
  }));
}

export function tokenBalanceJson(balance: TokenBalance) {
  return {
    accountIndex: balance.accountIndex,
    mint: addressText(balance.mint),
    uiTokenAmount: uiTokenAmount(balance.amount, { decimals: balance.decimals }),
    owner: addressText(balance.owner),
    programId: addressText(balance.programId),
  };
}

export function loadedAddressesJson({ writable, readonly }: LoadedAddresses) {
  return { writable: writable.map(addressText), readonly: readonly.map(addressText) };
}

export function returnDataJson({ programId, data }: NonNullable<TransactionMeta['returnData']>) {
  return { programId: addressText(programId), data: [Buffer.from(data).toString('base64'), 'base64'] };
}

/** Old clients cannot handle a version at all: they are told none, and get no transaction that has one. */
function versionOf({ version }: Message, max: bigint | undefined): Message['version'] | undefined {
  if (version === 'legacy') return max === undefined ? undefined : version;
  if (max !== undefined && BigInt(version) <= max) return version;
  throw new RpcError(
    'UNSUPPORTED_TRANSACTION_VERSION',
    `Transaction version (${version}) is not supported by the requesting client. Please try the request ` +
      `again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
}

function encodeTransaction(
  transaction: Transaction,
  meta: TransactionMeta,
  encoding: TransactionJsonOptions['encoding'],
): unknown {
  const { bytes, message } = transaction;
  switch (encoding) {
    case 'binary':
      return encodeBase58(bytes);
    case 'base58':
      return [encodeBase58(bytes), 'base58'];
    case 'base64':
      return [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), 'base64'];
    default:
  }
  const signatures = transaction.signatures.map(encodeBase58);
  if (encoding === 'json') return { signatures, message: rawMessage(message) };
  const keys = accountTexts(message, meta.loadedAddresses);
  const accountKeys = messageAccounts(message, meta.loadedAddresses, keys);
  if (encoding === 'accounts') return { signatures, accountKeys };
  return {
    signatures,
    message: {
      accountKeys,
      recentBlockhash: encodeBase58(message.recentBlockhash),
      instructions: message.instructions.map((instruction) => parsedJson(instruction, keys, TOP)),
      ...lookupsJson(message),
    },
  };
}

function rawMessage(message: Message) {
  const { numRequiredSignatures, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = message.header;
  return {
    header: { numRequiredSignatures, numReadonlySignedAccounts, numReadonlyUnsignedAccounts },
    accountKeys: message.accountKeys.map(addressText),
    recentBlockhash: encodeBase58(message.recentBlockhash),
    instructions: message.instructions.map((instruction) => compiledJson(instruction, TOP)),
    ...lookupsJson(message),
  };
}

function lookupsJson({ version, addressTableLookups }: Message) {
  if (version === 'legacy') return {};
  return {
    addressTableLookups: addressTableLookups.map(({ accountKey, writableIndexes, readonlyIndexes }) => ({
      accountKey: addressText(accountKey),
      writableIndexes: [...writableIndexes],
      readonlyIndexes: [...readonlyIndexes],
    })),
  };
}

function compiledJson({ programIdIndex, accountIndexes, data }: CompiledInstruction, stackHeight: number) {
  return { programIdIndex, accounts: [...accountIndexes], data: encodeBase58(data), stackHeight };
}

/** In words where there is a parser, else with addresses in place of indexes. */
function parsedJson(
  { programIdIndex, accountIndexes, data }: CompiledInstruction | InnerInstruction,
  keys: readonly string[],
  stackHeight: number,
) {
  const programId = keys[programIdIndex]!;
  const accounts = Array.from(accountIndexes, (index) => keys[index]!);
  const parsed = parseInstruction(programId, accounts, data);
  return parsed === undefined
    ? { programId, accounts, data: encodeBase58(data), stackHeight }
    : { program: parsed.program, programId, parsed: parsed.parsed, stackHeight };
}

function metaJson(
  { error, feeLamports, computeUnits, meta }: StoredTransaction,
  { message }: Transaction,
  { encoding, showRewards = true }: TransactionJsonOptions,
) {
  const err = error ?? null;
  const simple = {
    err,
    status: err === null ? { Ok: null } : { Err: err },
    fee: feeLamports,
    preBalances: meta.preBalances,
    postBalances: meta.postBalances,
    preTokenBalances: meta.preTokenBalances.map(tokenBalanceJson),
    postTokenBalances: meta.postTokenBalances.map(tokenBalanceJson),
  };
  // No transaction earns anybody a reward here.
  if (encoding === 'accounts') return { ...simple, ...(showRewards ? { rewards: [] } : {}) };
  const parsed = encoding === 'jsonParsed';
  return {
    ...simple,
    innerInstructions: parsed
      ? parsedInnerInstructions(meta, accountTexts(message, meta.loadedAddresses))
      : meta.innerInstructions.map(({ index, instructions }) => ({
          index,
          instructions: instructions.map((inner) => compiledJson(inner, inner.stackHeight)),
        })),
    logMessages: meta.logs,
    rewards: showRewards ? [] : null,
    ...(parsed ? {} : { loadedAddresses: loadedAddressesJson(meta.loadedAddresses) }),
    ...(meta.returnData === undefined ? {} : { returnData: returnDataJson(meta.returnData) }),
    computeUnitsConsumed: computeUnits,
  };
}
