import { PolyproofError } from '@polyproof/base';
import { decodeTransaction, type Simulation } from '@polyproof/svm';
import { type MethodContext, withContext } from '../context.js';
import { type AccountEncoding, accountJson } from '../encoding/account-json.js';
import { simulationJson } from '../encoding/simulation-json.js';
import { loadZstd } from '../encoding/zstd.js';
import { invalidParams, paramError } from '../errors.js';
import { base58Of, type Config, Params } from '../params.js';
import { runtimeAccount } from '../runtime-accounts.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { wireTransaction } from './send-transaction.js';

/** Executing a transaction without consequences. */
export function simulateTransactionMethods(context: MethodContext): RpcMethods {
  const { bank } = context;
  return {
    simulateTransaction: async (values) => {
      const params = new Params(values);
      const config = params.config(1).checkMinContextSlot(context);
      const bytes = wireTransaction(params.string(0, 'transaction'), config);
      const verifySignatures = config.boolean('sigVerify');
      const replaceRecentBlockhash = config.boolean('replaceRecentBlockhash');
      const innerInstructions = config.boolean('innerInstructions');
      if (verifySignatures && replaceRecentBlockhash)
        throw paramError('sigVerify may not be used with replaceRecentBlockhash');
      const wanted = wantedAccounts(config);

      const simulation = await simulate(bank, bytes, { verifySignatures, replaceRecentBlockhash });
      const accounts = wanted === undefined ? null : await accountsAfter(bytes, simulation, wanted, context);
      return withContext(context, {
        ...simulationJson(bytes, simulation, { bank, innerInstructions }),
        accounts,
      });
    },
  };
}

interface WantedAccounts {
  addresses: Uint8Array[];
  encoding: AccountEncoding;
}

async function simulate(
  bank: MethodContext['bank'],
  bytes: Uint8Array,
  options: { verifySignatures: boolean; replaceRecentBlockhash: boolean },
): Promise<Simulation> {
  try {
    return await bank.simulate(bytes, options);
  } catch (error) {
    if (error instanceof PolyproofError && error.code === 'TRANSACTION_DECODE')
      throw invalidParams(`failed to deserialize the transaction: ${error.message}`);
    throw error;
  }
}

function wantedAccounts(config: Config): WantedAccounts | undefined {
  const value = config.get('accounts');
  if (value === undefined || value === null) return undefined;
  const wanted = new Params([value]).config(0);
  const encoding = wanted.oneOf<AccountEncoding>(
    'encoding',
    ['binary', 'base58', 'base64', 'base64+zstd', 'jsonParsed'],
    'base64',
  );
  if (encoding === 'binary' || encoding === 'base58') throw paramError('base58 encoding not supported');
  const addresses = new Params([wanted.get('addresses')]).list(0, 'addresses', 256, (entry) =>
    base58Of(entry, 32, 'address'),
  );
  return { addresses, encoding };
}

async function accountsAfter(
  bytes: Uint8Array,
  simulation: Simulation,
  { addresses, encoding }: WantedAccounts,
  { bank }: MethodContext,
): Promise<unknown[]> {
  const { accountKeys } = decodeTransaction(bytes).message;
  const { writable, readonly } = simulation.meta.loadedAddresses;
  const most = accountKeys.length + writable.length + readonly.length;
  if (addresses.length > most) throw paramError(`Too many accounts provided; max ${most}`);
  if (simulation.error !== undefined) return addresses.map(() => null);
  if (encoding === 'base64+zstd') await loadZstd();
  // Parsers see the mints as they are after the transaction too.
  const after = {
    getAccount: (address: Uint8Array) => simulation.account(address),
    unixTimestamp: bank.unixTimestamp,
  };
  return addresses.map((address) => {
    const account = simulation.account(address) ?? runtimeAccount(bank, address);
    return account === undefined ? null : accountJson(address, account, { encoding }, { bank: after });
  });
}
