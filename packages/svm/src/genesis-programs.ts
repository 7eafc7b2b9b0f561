import { createRequire } from 'node:module';
import { type Account, decodeAccount, encodeAccount } from '@polyproof/state';
import type Litesvm from 'litesvm/dist/internal.js';
import { decodeBase58 } from './base58.js';

/** SPL programs that every dApp expects at these addresses. */
const SPL_PROGRAMS = [
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', // p-token, as on mainnet
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb', // Token-2022
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL', // Associated Token
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
];
const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111';
/** The mint that wrapped lamports belong to: part of the genesis of every Solana cluster. */
const NATIVE_MINT = 'So11111111111111111111111111111111111111112';
const NATIVE_MINT_LAMPORTS = 1_000_000_000n;
const TOKEN_PROGRAM = SPL_PROGRAMS[0]!;
const MAX_U64 = 2n ** 64n - 1n;
const MINT_BYTES = 82;
const MINT_DECIMALS_AT = 44;
const MINT_INITIALISED_AT = 45;
/** bincode tag of `UpgradeableLoaderState::Program`, in front of the programdata address */
const PROGRAM_STATE_TAG = 2;

let accounts: readonly (readonly [address: Uint8Array, account: Uint8Array])[] | undefined;

/**
 * Accounts of the SPL programs at the start of a rollup that executes any program: those that the execution engine
 * brings, each with its programdata account where it was deployed by the upgradeable loader, and the native mint.
 */
export function genesisPrograms(): [address: Uint8Array, account: Account][] {
  accounts ??= [...readPrograms(), nativeMint()].map(([address, account]) => [
    address,
    encodeAccount(account),
  ]);
  // Copies, because callers may do with accounts what they like.
  return accounts.map(([address, bytes]) => [Uint8Array.from(address), decodeAccount(bytes)]);
}

/** Only read: nothing is executed in this process. Loaded on demand, because most processes never need it. */
function readPrograms(): [Uint8Array, Account][] {
  const { LiteSvm } = createRequire(import.meta.url)('litesvm/dist/internal.js') as typeof Litesvm;
  const svm = new LiteSvm();
  const loader = decodeBase58(UPGRADEABLE_LOADER);
  const read = (address: Uint8Array): [Uint8Array, Account] => {
    const found = svm.getAccount(address)!;
    const account: Account = {
      lamports: found.lamports(),
      data: Uint8Array.from(found.data()),
      owner: Uint8Array.from(found.owner()),
      executable: found.executable(),
      rentEpoch: found.rentEpoch(),
    };
    return [address, account];
  };
  return SPL_PROGRAMS.flatMap((name) => {
    const program = read(decodeBase58(name));
    const { data, owner } = program[1];
    const upgradeable = Buffer.compare(owner, loader) === 0 && data[0] === PROGRAM_STATE_TAG;
    return upgradeable ? [program, read(data.slice(4, 36))] : [program];
  });
}

function nativeMint(): [Uint8Array, Account] {
  const data = new Uint8Array(MINT_BYTES);
  data[MINT_DECIMALS_AT] = 9;
  data[MINT_INITIALISED_AT] = 1;
  const account: Account = {
    lamports: NATIVE_MINT_LAMPORTS,
    data,
    owner: decodeBase58(TOKEN_PROGRAM),
    executable: false,
    rentEpoch: MAX_U64,
  };
  return [decodeBase58(NATIVE_MINT), account];
}
