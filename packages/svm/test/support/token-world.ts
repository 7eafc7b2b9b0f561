import { concatBytes, u64le } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { decodeBase58, systemAccount } from '../../src/index.js';
import {
  type AccountMeta,
  address,
  type Instruction,
  mintAccount,
  readonly,
  SOL,
  signing,
  TOKEN,
  tokenAccount,
  writable,
} from './engine-transactions.js';

/** Accounts that instructions of a token program work on, and one of its instructions each. */

export const NATIVE_MINT = decodeBase58('So11111111111111111111111111111111111111112');
const RENT = decodeBase58('SysvarRent111111111111111111111111111111111');

const at = (name: string) => address(`token world ${name}`);
export const MINT = at('mint');
export const FROZEN_MINT = at('mint with a freezer');
export const NEW_MINT = at('new mint');
export const A = at('a');
export const B = at('b');
export const FROZEN = at('frozen');
export const NATIVE = at('native');
export const EMPTY = at('empty');
export const NEW = at('new account');
export const MULTISIG = at('multisig');
export const NEW_MULTISIG = at('new multisig');
export const SHARED = at('owned by the multisig');
export const OWNER = address('owner');
export const DELEGATE = address('delegate');
export const OTHER = address('other');

const blank = (bytes: number, lamports: bigint): Account => ({
  ...systemAccount(lamports),
  data: new Uint8Array(bytes),
  owner: TOKEN,
});

/** Sets bytes of an account's data. */
function patched(account: Account, ...patches: [offset: number, bytes: Uint8Array][]): Account {
  for (const [offset, bytes] of patches) account.data.set(bytes, offset);
  return account;
}

const SOME = Uint8Array.of(1, 0, 0, 0);
const RENT_OF_TOKEN_ACCOUNT = 2_039_280n;

export function tokenWorld(): [Uint8Array, Account][] {
  const multisig = blank(355, 3_361_680n);
  multisig.data.set([2, 3, 1], 0);
  [OWNER, DELEGATE, OTHER].forEach((signer, index) => {
    multisig.data.set(signer, 3 + 32 * index);
  });
  return [
    [address('payer'), systemAccount(10n * SOL)],
    [OWNER, systemAccount(10n * SOL)],
    [DELEGATE, systemAccount(SOL)],
    [OTHER, systemAccount(SOL)],
    [MINT, mintAccount(OWNER, 1_000_000n, 6)],
    [FROZEN_MINT, patched(mintAccount(OWNER, 1_000_000n, 2), [46, SOME], [50, OWNER])],
    [NEW_MINT, blank(82, 1_461_600n)],
    [A, patched(tokenAccount(MINT, OWNER, 1_000n), [72, SOME], [76, DELEGATE], [121, u64le(300n)])],
    [B, tokenAccount(MINT, OTHER, 500n)],
    [FROZEN, patched(tokenAccount(FROZEN_MINT, OWNER, 100n), [108, Uint8Array.of(2)])],
    [
      NATIVE,
      {
        ...patched(tokenAccount(NATIVE_MINT, OWNER, SOL), [109, SOME], [113, u64le(RENT_OF_TOKEN_ACCOUNT)]),
        lamports: SOL + RENT_OF_TOKEN_ACCOUNT + 5n,
      },
    ],
    [EMPTY, tokenAccount(MINT, OWNER, 0n)],
    [NEW, blank(165, RENT_OF_TOKEN_ACCOUNT)],
    [MULTISIG, multisig],
    [NEW_MULTISIG, blank(355, 3_361_680n)],
    [SHARED, tokenAccount(MINT, MULTISIG, 50n)],
  ];
}

const token = (name: string, accounts: AccountMeta[], ...data: (number | Uint8Array)[]) => ({
  name,
  instruction: {
    program: TOKEN,
    accounts,
    data: concatBytes(...data.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part))),
  } satisfies Instruction,
});

const seven = u64le(7n);

/** Every instruction of p-token, as it succeeds in the world above. */
export function tokenInstructions(): { name: string; instruction: Instruction }[] {
  const owner = signing(OWNER);
  const rent = readonly(RENT);
  return [
    token('initializeMint', [writable(NEW_MINT), rent], 0, 9, OWNER, 0),
    token('initializeMint with a freezer', [writable(NEW_MINT), rent], 0, 9, OWNER, 1, OTHER),
    token('initializeAccount', [writable(NEW), readonly(MINT), readonly(OWNER), rent], 1),
    token('initializeMultisig', [writable(NEW_MULTISIG), rent, readonly(OWNER), readonly(OTHER)], 2, 2),
    token('transfer', [writable(A), writable(B), owner], 3, seven),
    token('transfer without a delegate', [writable(B), writable(A), signing(OTHER)], 3, seven),
    token('transfer by the delegate', [writable(A), writable(B), signing(DELEGATE)], 3, seven),
    token('transfer to itself', [writable(A), writable(A), owner], 3, seven),
    token(
      'transfer by a multisig',
      [writable(SHARED), writable(B), readonly(MULTISIG), owner, signing(DELEGATE)],
      3,
      seven,
    ),
    token('approve', [writable(A), readonly(OTHER), owner], 4, seven),
    token('revoke', [writable(A), owner], 5),
    token('setAuthority of an account', [writable(A), owner], 6, 2, 1, OTHER),
    token('setAuthority to nobody', [writable(MINT), owner], 6, 0, 0),
    token('mintTo', [writable(MINT), writable(A), owner], 7, seven),
    token('burn', [writable(A), writable(MINT), owner], 8, seven),
    token('closeAccount', [writable(EMPTY), writable(OTHER), owner], 9),
    token('closeAccount with lamports', [writable(NATIVE), writable(OTHER), owner], 9),
    token('freezeAccount', [writable(FROZEN), readonly(FROZEN_MINT), owner], 10),
    token('thawAccount', [writable(FROZEN), readonly(FROZEN_MINT), owner], 11),
    token('transferChecked', [writable(A), readonly(MINT), writable(B), owner], 12, seven, 6),
    token('approveChecked', [writable(A), readonly(MINT), readonly(OTHER), owner], 13, seven, 6),
    token('mintToChecked', [writable(MINT), writable(A), owner], 14, seven, 6),
    token('burnChecked', [writable(A), writable(MINT), owner], 15, seven, 6),
    token('initializeAccount2', [writable(NEW), readonly(MINT), rent], 16, OWNER),
    token('syncNative', [writable(NATIVE)], 17),
    token('initializeAccount3', [writable(NEW), readonly(MINT)], 18, OWNER),
    token('initializeMultisig2', [writable(NEW_MULTISIG), readonly(OWNER), readonly(OTHER)], 19, 1),
    token('initializeMint2', [writable(NEW_MINT)], 20, 9, OWNER, 1, OTHER),
    token('getAccountDataSize', [readonly(MINT)], 21),
    token('initializeImmutableOwner', [writable(NEW)], 22),
    token('amountToUiAmount', [readonly(MINT)], 23, u64le(1_234_567n)),
    token('uiAmountToAmount', [readonly(MINT)], 24, new TextEncoder().encode('1.25')),
    token('withdrawExcessLamports', [writable(MINT), writable(OTHER), owner], 38),
    token('unwrapLamports', [writable(NATIVE), writable(OTHER), owner], 45, 1, seven),
    token(
      'batch',
      [writable(A), writable(B), owner, writable(MINT), writable(A), owner],
      255,
      Uint8Array.of(3, 9, 3),
      seven,
      Uint8Array.of(3, 9, 7),
      seven,
    ),
  ];
}
