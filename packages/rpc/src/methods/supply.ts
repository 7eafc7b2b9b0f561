import { type MethodContext, withContext } from '../context.js';
import { Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';

/** Nothing is locked up: all lamports circulate. Absent where the bank does not count them. */
export function supplyMethods(context: MethodContext): RpcMethods {
  if (context.bank.totalLamports === undefined) return {};
  return {
    getSupply: (values) => {
      new Params(values).config(0).boolean('excludeNonCirculatingAccountsList');
      const total = context.bank.totalLamports;
      return withContext(context, {
        total,
        circulating: total,
        nonCirculating: 0,
        nonCirculatingAccounts: [],
      });
    },
  };
}
