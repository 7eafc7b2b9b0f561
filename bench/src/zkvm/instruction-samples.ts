import { toHex } from '@polyproof/base';
import type { Account } from '@polyproof/state';

/** An instruction that succeeds on the sample accounts: the payer signs, and who has to. */
export interface InstructionSample {
  accounts: readonly Uint8Array[];
  signers?: readonly Uint8Array[];
  data: readonly number[];
}

const bytes32 = (byte: number) => new Uint8Array(32).fill(byte);
export const PAYER = bytes32(1);
const OTHER = bytes32(2);
const MINT = bytes32(3);
const FROM = bytes32(4);
const TO = bytes32(5);
const FROZEN = bytes32(6);
const NATIVE = bytes32(7);
const NEW_MINT = bytes32(8);
const NEW_ACCOUNT = bytes32(9);
const EMPTY = bytes32(10);
const NOBODY = bytes32(11);
const LAMPORTS = 10n ** 10n;
const AMOUNT = 1_000n;

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** Accounts by address, in hex; the payer has authority over all of them. */
export function sampleAccounts(token: Uint8Array, nativeMint: Uint8Array): Map<string, Account> {
  const account = (address: Uint8Array, owner: Uint8Array, data: Uint8Array): [string, Account] => [
    toHex(address),
    { lamports: LAMPORTS, owner, data, executable: false, rentEpoch: (1n << 64n) - 1n },
  ];
  const mint = Buffer.alloc(82);
  mint.set([1, 0, 0, 0, ...PAYER, ...u64(10n ** 9n), 6, 1, 1, 0, 0, 0, ...PAYER]);
  const tokens = (of: Uint8Array, state = 1, amount = 10n ** 6n) => {
    const data = Buffer.alloc(165);
    data.set([...of, ...PAYER, ...u64(amount)]);
    data[108] = state;
    return data;
  };
  const native = tokens(nativeMint);
  native.set([1, 0, 0, 0, ...u64(2_039_280n)], 109);
  return new Map([
    account(PAYER, bytes32(0), new Uint8Array()),
    account(OTHER, bytes32(0), new Uint8Array()),
    account(MINT, token, mint),
    account(FROM, token, tokens(MINT)),
    account(TO, token, tokens(MINT)),
    account(FROZEN, token, tokens(MINT, 2)),
    account(EMPTY, token, tokens(MINT, 1, 0n)),
    account(NATIVE, token, native),
    account(NEW_MINT, token, new Uint8Array(82)),
    account(NEW_ACCOUNT, token, new Uint8Array(165)),
  ]);
}

/** One of each instruction that is proved. */
export const SAMPLES: Readonly<Record<string, InstructionSample>> = {
  'System CreateAccount': {
    accounts: [PAYER, NOBODY],
    signers: [NOBODY],
    data: [0, 0, 0, 0, ...u64(2_039_280n), ...u64(165n), ...MINT],
  },
  'System Assign': { accounts: [OTHER], signers: [OTHER], data: [1, 0, 0, 0, ...MINT] },
  'System Allocate': { accounts: [OTHER], signers: [OTHER], data: [8, 0, 0, 0, ...u64(8n)] },
  'System Transfer': { accounts: [PAYER, OTHER], data: [2, 0, 0, 0, ...u64(AMOUNT)] },
  'ComputeBudget SetComputeUnitLimit': { accounts: [], data: [2, ...u64(AMOUNT).subarray(0, 4)] },
  'ComputeBudget SetComputeUnitPrice': { accounts: [], data: [3, ...u64(AMOUNT)] },
  'SPL Token Transfer': { accounts: [FROM, TO, PAYER], data: [3, ...u64(AMOUNT)] },
  'SPL Token Approve': { accounts: [FROM, OTHER, PAYER], data: [4, ...u64(AMOUNT)] },
  'SPL Token Revoke': { accounts: [FROM, PAYER], data: [5] },
  'SPL Token SetAuthority': { accounts: [MINT, PAYER], data: [6, 0, 1, ...OTHER] },
  'SPL Token MintTo': { accounts: [MINT, TO, PAYER], data: [7, ...u64(AMOUNT)] },
  'SPL Token Burn': { accounts: [FROM, MINT, PAYER], data: [8, ...u64(AMOUNT)] },
  'SPL Token CloseAccount': { accounts: [EMPTY, OTHER, PAYER], data: [9] },
  'SPL Token FreezeAccount': { accounts: [FROM, MINT, PAYER], data: [10] },
  'SPL Token ThawAccount': { accounts: [FROZEN, MINT, PAYER], data: [11] },
  'SPL Token TransferChecked': { accounts: [FROM, MINT, TO, PAYER], data: [12, ...u64(AMOUNT), 6] },
  'SPL Token ApproveChecked': { accounts: [FROM, MINT, OTHER, PAYER], data: [13, ...u64(AMOUNT), 6] },
  'SPL Token MintToChecked': { accounts: [MINT, TO, PAYER], data: [14, ...u64(AMOUNT), 6] },
  'SPL Token BurnChecked': { accounts: [FROM, MINT, PAYER], data: [15, ...u64(AMOUNT), 6] },
  'SPL Token SyncNative': { accounts: [NATIVE], data: [17] },
  'SPL Token InitializeAccount3': { accounts: [NEW_ACCOUNT, MINT], data: [18, ...OTHER] },
  'SPL Token InitializeMint2': { accounts: [NEW_MINT], data: [20, 6, ...PAYER, 0] },
  'SPL Token InitializeImmutableOwner': { accounts: [NEW_ACCOUNT], data: [22] },
  'Memo Memo': { accounts: [PAYER], data: [...Buffer.from('an invoice, number 20,251,127')] },
};
