import { type MethodContext, withContext } from '../context.js';
import { accountOptions } from '../encoding/account-options.js';
import { addressText } from '../encoding/address-text.js';
import { type AccountFilter, decodeFilters, matchesFilters } from '../encoding/filters.js';
import { paramError } from '../errors.js';
import { Params } from '../params.js';
import { isTokenProgram } from '../parse/program-ids.js';
import { TOKEN_ACCOUNT_BYTES } from '../parse/token-state.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { answeredBytes, collect, type Entry, keyedAccounts } from './scan.js';

/** Where a token account says what it is of. */
const MINT_AT = 0;
const OWNER_AT = 32;

/** All accounts of a program. */
export function programAccountMethods(context: MethodContext): RpcMethods {
  const { bank } = context;
  return {
    getProgramAccounts: async (values) => {
      const params = new Params(values);
      const program = params.bytes32(0, 'program');
      const config = params.config(1).checkMinContextSlot(context);
      const filters = decodeFilters(config.get('filters'));
      const options = accountOptions(config, 'binary');
      const sorted = config.boolean('sortResults', true);
      const inContext = config.boolean('withContext');
      const found = await collect(
        candidates(bank, program, filters),
        {
          matches: (account) => matchesFilters(account, filters),
          bytesOf: answeredBytes(options),
        },
        context.options,
      );
      // Indexes are in order already; asking for it must not depend on that.
      if (sorted) found.sort(([a], [b]) => Buffer.compare(a, b));
      const accounts = await keyedAccounts(found, options, context);
      return inContext ? withContext(context, accounts) : accounts;
    },
  };
}

/**
 * The accounts that filters may be about: for token accounts of one owner or mint there is an index
 * (Agave: get_spl_token_owner_filter, get_spl_token_mint_filter).
 */
function candidates(
  bank: MethodContext['bank'],
  program: Uint8Array,
  filters: readonly AccountFilter[],
): Iterable<Entry> {
  const text = addressText(program);
  if (!isTokenProgram(text)) return bank.getProgramAccounts(program);
  const isAccounts = filters.some(
    (filter) =>
      filter.kind === 'tokenAccountState' ||
      (filter.kind === 'dataSize' && filter.bytes === TOKEN_ACCOUNT_BYTES),
  );
  if (!isAccounts) return bank.getProgramAccounts(program);
  const owner = addressAt(filters, OWNER_AT, 'owner');
  if (owner !== undefined) return bank.getTokenAccountsByOwner(owner, { programId: program });
  const mint = addressAt(filters, MINT_AT, 'mint');
  return mint === undefined ? bank.getProgramAccounts(program) : ofProgram(bank, mint, text);
}

function* ofProgram(bank: MethodContext['bank'], mint: Uint8Array, program: string): Iterable<Entry> {
  for (const entry of bank.getTokenAccountsByMint(mint))
    if (addressText(entry[1].owner) === program) yield entry;
}

function addressAt(filters: readonly AccountFilter[], at: number, name: string): Uint8Array | undefined {
  for (const filter of filters) {
    if (filter.kind !== 'memcmp' || filter.offset !== at) continue;
    if (filter.bytes.length === 32) return filter.bytes;
    throw paramError(
      `Incorrect byte length ${filter.bytes.length} for SPL token ${name} filter, expected 32`,
    );
  }
  return undefined;
}
