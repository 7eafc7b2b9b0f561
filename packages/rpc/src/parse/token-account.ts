import type { Account } from '@polyproof/state';
import { decodeBase58 } from '@polyproof/svm';
import { DataReader, NotParsableError } from './data-reader.js';
import { type TokenUnit, tokenUnit, uiTokenAmount } from './token-amount.js';
import { extensionJson } from './token-extensions.js';
import {
  type Extension,
  type MintState,
  MULTISIG_BYTES,
  readMint,
  readTokenAccount,
  type TokenAccountState,
} from './token-state.js';

/** What parsers read beside the account itself. */
export interface ParseBank {
  getAccount(address: Uint8Array): Account | undefined;
  readonly unixTimestamp: bigint;
}

const MAX_SIGNERS = 11;

/** An account of one of the token programs (Agave: account-decoder's parse_token_v3). */
export function parseTokenData(data: Uint8Array, bank: ParseBank): unknown {
  const account = readTokenAccount(data);
  if (account !== undefined) {
    const unit = unitOfMint(decodeBase58(account.mint), bank);
    if (unit === undefined) throw new NotParsableError('its mint is not known');
    return { type: 'account', info: accountInfo(account, unit) };
  }
  const mint = readMint(data);
  if (mint !== undefined) return { type: 'mint', info: mintInfo(mint) };
  if (data.length === MULTISIG_BYTES) return { type: 'multisig', info: multisigInfo(data) };
  throw new NotParsableError('neither account nor mint nor multisig');
}

/** How amounts of a mint are shown now; `undefined` where there is no such mint. */
export function unitOfMint(mint: Uint8Array, bank: ParseBank): TokenUnit | undefined {
  const account = bank.getAccount(mint);
  const state = account === undefined ? undefined : readMint(account.data);
  return state === undefined ? undefined : tokenUnit(state, bank.unixTimestamp);
}

function accountInfo(account: TokenAccountState, unit: TokenUnit) {
  const { delegate, closeAuthority, nativeReserve } = account;
  return {
    mint: account.mint,
    owner: account.owner,
    tokenAmount: uiTokenAmount(account.amount, unit),
    ...(delegate === null ? {} : { delegate, delegatedAmount: uiTokenAmount(account.delegatedAmount, unit) }),
    state: account.state,
    isNative: nativeReserve !== null,
    ...(nativeReserve === null ? {} : { rentExemptReserve: uiTokenAmount(nativeReserve, unit) }),
    ...(closeAuthority === null ? {} : { closeAuthority }),
    ...extensionsInfo(account.extensions),
  };
}

function mintInfo(mint: MintState) {
  return {
    mintAuthority: mint.mintAuthority,
    supply: mint.supply.toString(),
    decimals: mint.decimals,
    isInitialized: true,
    freezeAuthority: mint.freezeAuthority,
    ...extensionsInfo(mint.extensions),
  };
}

function extensionsInfo(extensions: readonly Extension[]) {
  return extensions.length === 0 ? {} : { extensions: extensions.map(extensionJson) };
}

function multisigInfo(data: Uint8Array) {
  const reader = new DataReader(data);
  const [numRequiredSigners, numValidSigners, isInitialized] = [reader.u8(), reader.u8(), reader.bool()];
  if (!isInitialized) throw new NotParsableError('the multisig is not initialised');
  const signers = Array.from({ length: MAX_SIGNERS }, () => reader.nonZeroAddress());
  return {
    numRequiredSigners,
    numValidSigners,
    isInitialized,
    signers: signers.filter((signer) => signer !== null),
  };
}
