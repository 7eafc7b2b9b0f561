import { type MethodContext, withContext } from '../context.js';
import { type AccountJsonOptions, accountJson } from '../encoding/account-json.js';
import { accountOptions, whenReady } from '../encoding/account-options.js';
import { base58Of, Params } from '../params.js';
import { readAccount } from '../runtime-accounts.js';
import type { RpcMethods } from '../server/dispatcher.js';

const MAX_ACCOUNTS = 100;

/**
 * Single accounts, as of the newest block, whatever the commitment; `context.slot` says which block that is. What is
 * verified on the base chain can be read with polyproof_getAccountProof.
 */
export function accountInfoMethods(context: MethodContext): RpcMethods {
  const { bank } = context;
  const encode = (address: Uint8Array, options: AccountJsonOptions) => {
    const account = readAccount(bank, address);
    return account === undefined ? null : accountJson(address, account, options, context);
  };
  return {
    getBalance: (values) => {
      const params = new Params(values);
      params.config(1).checkMinContextSlot(context);
      return withContext(context, readAccount(bank, params.bytes32(0, 'address'))?.lamports ?? 0n);
    },

    getAccountInfo: (values) => {
      const params = new Params(values);
      const address = params.bytes32(0, 'address');
      const options = accountOptions(params.config(1).checkMinContextSlot(context), 'binary');
      return whenReady(options, () => withContext(context, encode(address, options)));
    },

    getMultipleAccounts: (values) => {
      const params = new Params(values);
      const options = accountOptions(params.config(1).checkMinContextSlot(context), 'base64');
      const addresses = params.list(0, 'addresses', MAX_ACCOUNTS, (entry) => base58Of(entry, 32, 'address'));
      return whenReady(options, () =>
        withContext(
          context,
          addresses.map((address) => encode(address, options)),
        ),
      );
    },
  };
}
