import { DataReader, NotParsableError, parsed } from './data-reader.js';

/**
 * State of the SPL Token program (spl_token::state), and of Token-2022, which puts extensions behind it
 * (spl_token_2022::extension).
 */
export interface TokenAccountState {
  mint: string;
  owner: string;
  amount: bigint;
  delegate: string | null;
  state: AccountState;
  /** lamports that stay in the account, where it holds wrapped SOL */
  nativeReserve: bigint | null;
  delegatedAmount: bigint;
  closeAuthority: string | null;
  extensions: Extension[];
}

export interface MintState {
  mintAuthority: string | null;
  supply: bigint;
  decimals: number;
  freezeAuthority: string | null;
  extensions: Extension[];
}

/** An extension of Token-2022, not decoded yet. */
export interface Extension {
  type: number;
  data: Uint8Array;
}

export type AccountState = (typeof ACCOUNT_STATES)[number];

export const ACCOUNT_STATES = ['uninitialized', 'initialized', 'frozen'] as const;
export const TOKEN_ACCOUNT_BYTES = 165;
export const MINT_BYTES = 82;
export const MULTISIG_BYTES = 355;
const STATE_AT = 108;
const TYPE_MINT = 1;
const TYPE_ACCOUNT = 2;
/** The newest extension that there is a number for. */
const LAST_EXTENSION = 28;

/** Whether data is that of an initialised token account of either program (Agave: Token-2022's valid_account_data). */
export function isTokenAccountData(data: Uint8Array): boolean {
  if (data.length < TOKEN_ACCOUNT_BYTES || data[STATE_AT] === 0) return false;
  if (data.length === TOKEN_ACCOUNT_BYTES) return true;
  return data.length !== MULTISIG_BYTES && data[TOKEN_ACCOUNT_BYTES] === TYPE_ACCOUNT;
}

/** An initialised token account; `undefined` where the data is not one. */
export function readTokenAccount(data: Uint8Array): TokenAccountState | undefined {
  return parsed(() => {
    const extensions = extensionsOf(data, TOKEN_ACCOUNT_BYTES, TYPE_ACCOUNT);
    const reader = new DataReader(data.subarray(0, TOKEN_ACCOUNT_BYTES));
    const account = {
      mint: reader.address(),
      owner: reader.address(),
      amount: reader.u64(),
      delegate: reader.packedOption(() => reader.address()),
      state: accountState(reader.u8()),
      nativeReserve: reader.packedOption(() => reader.u64()),
      delegatedAmount: reader.u64(),
      closeAuthority: reader.packedOption(() => reader.address()),
      extensions,
    };
    if (account.state === 'uninitialized') throw new NotParsableError('the account is not initialised');
    return account;
  });
}

/** An initialised mint; `undefined` where the data is not one. */
export function readMint(data: Uint8Array): MintState | undefined {
  return parsed(() => {
    const extensions = extensionsOf(data, MINT_BYTES, TYPE_MINT);
    const reader = new DataReader(data.subarray(0, MINT_BYTES));
    const mintAuthority = reader.packedOption(() => reader.address());
    const [supply, decimals, initialised] = [reader.u64(), reader.u8(), reader.bool()];
    if (!initialised) throw new NotParsableError('the mint is not initialised');
    return {
      mintAuthority,
      supply,
      decimals,
      freezeAuthority: reader.packedOption(() => reader.address()),
      extensions,
    };
  });
}

export function accountState(byte: number): AccountState {
  const state = ACCOUNT_STATES[byte];
  if (state === undefined) throw new NotParsableError(`${byte} is no state of an account`);
  return state;
}

/** Checks what stands behind the base of an account or mint (Token-2022: StateWithExtensions::unpack). */
function extensionsOf(data: Uint8Array, baseBytes: number, type: number): Extension[] {
  if (data.length < baseBytes || data.length === MULTISIG_BYTES)
    throw new NotParsableError(`${data.length} bytes`);
  if (data.length === baseBytes) return [];
  // Whatever the base, the type stands where the longer one, an account, ends.
  if (data.length <= TOKEN_ACCOUNT_BYTES || data[TOKEN_ACCOUNT_BYTES] !== type)
    throw new NotParsableError('another type of account');
  if (data.subarray(baseBytes, TOKEN_ACCOUNT_BYTES).some((byte) => byte !== 0))
    throw new NotParsableError('the padding of a mint is not zero');
  // Damaged extensions are as good as none.
  return parsed(() => readExtensions(new DataReader(data.subarray(TOKEN_ACCOUNT_BYTES + 1)))) ?? [];
}

function readExtensions(reader: DataReader): Extension[] {
  const extensions: Extension[] = [];
  while (reader.remaining >= 2) {
    const type = reader.u16();
    if (type === 0) break;
    if (type > LAST_EXTENSION) throw new NotParsableError(`extension ${type}`);
    extensions.push({ type, data: reader.bytes(reader.u16()) });
  }
  return extensions;
}
