import { encodeBase58 } from '@polyproof/svm';
import { invalidParams, RpcError } from '../errors.js';
import { type Faucet, FaucetError } from '../faucet.js';
import { Params } from '../params.js';
import { refusalOf } from '../refusal.js';
import type { RpcMethods } from '../server/dispatcher.js';

/** Development funds. Absent from the API when no faucet is configured. */
export function airdropMethods(faucet: Faucet): RpcMethods {
  return {
    requestAirdrop: async (values) => {
      const params = new Params(values);
      const [address, lamports] = [params.bytes32(0, 'address'), params.u64(1, 'lamports')];
      try {
        return encodeBase58(await faucet.request(address, lamports));
      } catch (error) {
        if (!(error instanceof FaucetError)) throw refusalOf(error);
        if (error.code === 'FAUCET_BUSY') throw new RpcError('NODE_UNHEALTHY', error.message, {});
        throw invalidParams(error.message);
      }
    },
  };
}
