import type { Account } from '@polyproof/state';
import { encodeBase58 } from '@polyproof/svm';
import { type RpcContext, withContext } from '../context.js';
import { invalidParams } from '../errors.js';
import { base58Of, type Config, Params } from '../params.js';
import type { RpcMethods } from '../server/dispatcher.js';

const MAX_ACCOUNTS = 100;
/** Solana refuses base 58 for more: the encoding takes quadratic time. */
const MAX_BASE58_BYTES = 128;

/**
 * Accounts as of the newest block, whatever the commitment; `context.slot` says which block that is. What is
 * verified on the base chain can be read with polyproof_getAccountProof.
 */
export function accountMethods(context: RpcContext): RpcMethods {
  const { bank } = context;
  return {
    getBalance: (values) => {
      const params = new Params(values);
      params.config(1).checkMinContextSlot(context);
      return withContext(context, bank.getAccount(params.bytes32(0, 'address'))?.lamports ?? 0n);
    },

    getAccountInfo: (values) => {
      const params = new Params(values);
      const config = params.config(1).checkMinContextSlot(context);
      return withContext(context, accountJson(bank.getAccount(params.bytes32(0, 'address')), config));
    },

    getMultipleAccounts: (values) => {
      const params = new Params(values);
      const config = params.config(1).checkMinContextSlot(context);
      const accounts = params
        .list(0, 'addresses', MAX_ACCOUNTS, (entry) => base58Of(entry, 32, 'address'))
        .map((address) => accountJson(bank.getAccount(address), config, 'base64'));
      return withContext(context, accounts);
    },

    // Solana's rent: two years at 3,480 lamports a byte and year, on the data and 128 bytes of overhead.
    getMinimumBalanceForRentExemption: (values) =>
      (new Params(values).u64(0, 'data length') + 128n) * 3_480n * 2n,
  };
}

type Encoding = 'binary' | 'base58' | 'base64' | 'jsonParsed';

function accountJson(account: Account | undefined, config: Config, otherwise: Encoding = 'binary') {
  const encoding = config.oneOf<Encoding>(
    'encoding',
    ['binary', 'base58', 'base64', 'jsonParsed'],
    otherwise,
  );
  const slice = sliceOf(config);
  if (account === undefined) return null;
  const end = slice === undefined ? account.data.length : slice.offset + slice.length;
  return {
    data: dataJson(account.data.subarray(slice?.offset ?? 0, end), encoding),
    executable: account.executable,
    lamports: account.lamports,
    owner: encodeBase58(account.owner),
    rentEpoch: account.rentEpoch,
    space: account.data.length,
  };
}

function dataJson(data: Uint8Array, encoding: Encoding): unknown {
  if (encoding === 'binary') return base58(data); // Solana's oldest form, still its default
  if (encoding === 'base58') return [base58(data), 'base58'];
  // No program's accounts are parsed yet: Solana answers in base 64 then.
  return [Buffer.from(data).toString('base64'), 'base64'];
}

function base58(data: Uint8Array): string {
  if (data.length > MAX_BASE58_BYTES)
    throw invalidParams(
      `Encoded binary (base 58) data should be less than ${MAX_BASE58_BYTES} bytes, please use Base64 encoding.`,
    );
  return encodeBase58(data);
}

function sliceOf(config: Config): { offset: number; length: number } | undefined {
  const slice = config.get('dataSlice') as { offset?: unknown; length?: unknown } | null | undefined;
  if (slice === undefined || slice === null) return undefined;
  const [offset, length] = [Number(slice.offset), Number(slice.length)];
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw invalidParams('dataSlice must be {offset, length}, both integers from 0.');
  return { offset, length };
}
