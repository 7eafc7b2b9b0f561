import { encodeBase58 } from './base58.js';
import { SYSTEM_PROGRAM } from './reserved.js';
import { COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAM, TOKEN_PROGRAM } from './runtime/resolve/native-programs.js';

/** Instructions of a program, by their number, and which of them batches prove. */
export interface ProgramCoverage {
  name: string;
  /** base58 */
  address: string;
  /** bytes of the number in front of the instruction's data, little-endian; without any there is one instruction, 0 */
  numberBytes: 0 | 1 | 4;
  instructions: readonly (readonly [name: string, number: number])[];
  /** numbers of those that are proved, each with the bytes that its data has where it has no other length */
  proved: ReadonlyMap<number, number | undefined>;
}

const numbered = (names: readonly string[], first = 0) => names.map((name, i) => [name, first + i] as const);

const SYSTEM: ProgramCoverage = {
  name: 'System',
  address: encodeBase58(SYSTEM_PROGRAM),
  numberBytes: 4,
  instructions: numbered([
    'CreateAccount',
    'Assign',
    'Transfer',
    'CreateAccountWithSeed',
    'AdvanceNonceAccount',
    'WithdrawNonceAccount',
    'InitializeNonceAccount',
    'AuthorizeNonceAccount',
    'Allocate',
    'AllocateWithSeed',
    'AssignWithSeed',
    'TransferWithSeed',
    'UpgradeNonceAccount',
    'CreateAccountAllowPrefund',
  ]),
  proved: new Map([
    [0, 52],
    [1, 36],
    [2, 12],
    [8, 12],
  ]),
};

const COMPUTE_BUDGET: ProgramCoverage = {
  name: 'ComputeBudget',
  address: encodeBase58(COMPUTE_BUDGET_PROGRAM),
  numberBytes: 1,
  instructions: numbered(
    ['RequestHeapFrame', 'SetComputeUnitLimit', 'SetComputeUnitPrice', 'SetLoadedAccountsDataSizeLimit'],
    1,
  ),
  proved: new Map([
    [2, 5],
    [3, 9],
  ]),
};

const TOKEN: ProgramCoverage = {
  name: 'SPL Token',
  address: encodeBase58(TOKEN_PROGRAM),
  numberBytes: 1,
  instructions: [
    ...numbered([
      'InitializeMint',
      'InitializeAccount',
      'InitializeMultisig',
      'Transfer',
      'Approve',
      'Revoke',
      'SetAuthority',
      'MintTo',
      'Burn',
      'CloseAccount',
      'FreezeAccount',
      'ThawAccount',
      'TransferChecked',
      'ApproveChecked',
      'MintToChecked',
      'BurnChecked',
      'InitializeAccount2',
      'SyncNative',
      'InitializeAccount3',
      'InitializeMultisig2',
      'InitializeMint2',
      'GetAccountDataSize',
      'InitializeImmutableOwner',
      'AmountToUiAmount',
      'UiAmountToAmount',
    ]),
    ['WithdrawExcessLamports', 38],
    ['UnwrapLamports', 45],
    ['Batch', 255],
  ],
  proved: new Map(
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 20, 22].map((number) => [number, undefined]),
  ),
};

const MEMO: ProgramCoverage = {
  name: 'Memo',
  address: encodeBase58(MEMO_PROGRAM),
  numberBytes: 0,
  instructions: [['Memo', 0]],
  proved: new Map([[0, undefined]]),
};

/** What batches prove; everything else is refused before it gets into one. */
export const COVERAGE: readonly ProgramCoverage[] = [SYSTEM, COMPUTE_BUDGET, TOKEN, MEMO];
