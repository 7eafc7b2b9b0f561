import type { Account } from '@polyproof/state';
import { encodeBase58, type TokenAccountFilter } from '@polyproof/svm';
import { type MethodContext, withContext } from '../context.js';
import { accountOptions } from '../encoding/account-options.js';
import { addressText } from '../encoding/address-text.js';
import { invalidParams, paramError } from '../errors.js';
import { base58Of, type Config, Params } from '../params.js';
import { isTokenProgram } from '../parse/program-ids.js';
import { unitOfMint } from '../parse/token-account.js';
import { type TokenUnit, tokenUnit, uiTokenAmount } from '../parse/token-amount.js';
import { isTokenAccountData, type MintState, readMint, readTokenAccount } from '../parse/token-state.js';
import type { RpcMethods } from '../server/dispatcher.js';
import { answeredBytes, collect, type Entry, keyedAccounts, scan } from './scan.js';

const LARGEST = 20;

/** Accounts and mints of the token programs. */
export function tokenMethods(context: MethodContext): RpcMethods {
  const { bank } = context;
  const unitOf = (mint: MintState): TokenUnit => tokenUnit(mint, bank.unixTimestamp);

  const list = async (
    values: readonly unknown[],
    read: (address: Uint8Array, filter: TokenAccountFilter) => Iterable<Entry>,
  ) => {
    const params = new Params(values);
    const address = params.bytes32(0, 'address');
    const filter = tokenFilter(bank, params.config(1));
    const config = params.config(2).checkMinContextSlot(context);
    const options = accountOptions(config, 'binary');
    const found = await collect(
      read(address, filter),
      { matches: () => true, bytesOf: answeredBytes(options) },
      context.options,
    );
    return withContext(context, await keyedAccounts(found, options, context));
  };

  return {
    getTokenAccountBalance: (values) => {
      const params = new Params(values);
      const account = tokenOwned(bank, params.bytes32(0, 'address'), 'Token account');
      const state = readTokenAccount(account.data);
      if (state === undefined) throw invalidParam('not a Token account');
      const unit = unitOfMint(base58Of(state.mint, 32, 'mint'), bank);
      if (unit === undefined) throw invalidParam('could not find mint');
      return withContext(context, uiTokenAmount(state.amount, unit));
    },

    getTokenSupply: (values) => {
      const params = new Params(values);
      const { data } = tokenOwned(bank, params.bytes32(0, 'mint'), 'Token mint');
      const mint = readMint(data);
      if (mint === undefined) throw invalidParam('mint could not be unpacked');
      return withContext(context, uiTokenAmount(mint.supply, unitOf(mint)));
    },

    getTokenLargestAccounts: async (values) => {
      const address = new Params(values).bytes32(0, 'mint');
      const { data } = tokenOwned(bank, address, 'Token mint');
      const mint = readMint(data);
      if (mint === undefined) throw invalidParam('mint could not be unpacked');
      const unit = unitOf(mint);
      const largest = new Largest(LARGEST);
      await scan(bank.getTokenAccountsByMint(address), (entry) => {
        if (isTokenAccountData(entry[1].data)) largest.add(entry);
      });
      const value = largest.sorted.map(([account, amount]) => ({
        address: encodeBase58(account),
        ...uiTokenAmount(amount, unit),
      }));
      return withContext(context, value);
    },

    getTokenAccountsByOwner: (values) =>
      list(values, (address, filter) => bank.getTokenAccountsByOwner(address, filter)),
    getTokenAccountsByDelegate: (values) =>
      list(values, (address, filter) => bank.getTokenAccountsByDelegate(address, filter)),
  };
}

/** The accounts with the largest amounts, of all that are added. */
class Largest {
  readonly #count: number;
  #entries: [address: Uint8Array, amount: bigint][] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** Largest first. */
  get sorted(): readonly [Uint8Array, bigint][] {
    return this.#entries;
  }

  add([address, { data }]: Entry): void {
    const amount = Buffer.from(data.buffer, data.byteOffset, data.length).readBigUInt64LE(64);
    const smallest = this.#entries.at(-1);
    if (this.#entries.length === this.#count && smallest !== undefined && amount <= smallest[1]) return;
    this.#entries.push([address, amount]);
    this.#entries.sort(([, a], [, b]) => (a > b ? -1 : a < b ? 1 : 0));
    this.#entries = this.#entries.slice(0, this.#count);
  }
}

function tokenFilter(bank: MethodContext['bank'], config: Config): TokenAccountFilter {
  const mint = config.address('mint');
  if (mint !== undefined) {
    const { data } = tokenOwned(bank, mint, 'Token mint');
    if (readMint(data) === undefined) throw invalidParam('mint could not be unpacked');
    return { mint };
  }
  const programId = config.address('programId');
  if (programId === undefined) throw invalidParams('give {mint} or {programId} (parameter 2).');
  if (!isTokenProgram(addressText(programId))) throw invalidParam('unrecognized Token program id');
  return { programId };
}

function tokenOwned(bank: MethodContext['bank'], address: Uint8Array, what: string): Account {
  const account = bank.getAccount(address);
  if (account === undefined)
    throw invalidParam(what === 'Token mint' ? 'could not find mint' : 'could not find account');
  if (!isTokenProgram(addressText(account.owner))) throw invalidParam(`not a ${what}`);
  return account;
}

function invalidParam(what: string) {
  return paramError(`Invalid param: ${what}`);
}
