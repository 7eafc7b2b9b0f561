import type { BatchAccount } from '../../packages/svm/src/zkvm/transaction-layout.js';
import type { ProvableBlock } from '../../packages/svm/src/zkvm/transaction-rows.js';
import { TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import {
  AT,
  accounts,
  allocate,
  assign,
  block,
  closeTokens,
  create,
  initializeAccount,
  initializeMint,
  limitUnits,
  memo,
  mintTokens,
  moveTokens,
  pay,
  RESERVE,
  syncNative,
  wrapped,
} from './sbpf-transactions.js';

/** Blocks, which of their transactions fail, and the accounts before them where those are others than usual. */
export type Case = [string, ProvableBlock[], boolean[], BatchAccount[]?];

const MINT_LAMPORTS = 1_461_600n;
const EMPTY_TOKENS = accounts();
const tokens = EMPTY_TOKENS[AT.FROM]!.account!;
EMPTY_TOKENS[AT.FROM] = {
  address: EMPTY_TOKENS[AT.FROM]!.address,
  account: { ...tokens, data: tokens.data.map((byte, at) => (at >= 64 && at < 72 ? 0 : byte)) },
};

const newMint = (lamports = MINT_LAMPORTS) => create(AT.NEW, lamports, 82);
const newTokens = (account: number = AT.NEW, lamports = RESERVE) => create(account, lamports, 165);

/** Accounts that come, change hands and go. */
const CHANGES: Case[] = [
  ['a new mint', [block([newMint(), initializeMint(AT.NEW)])], [false]],
  [
    'a new token account that gets tokens, and gives some away',
    [
      block(
        [newTokens(), initializeAccount(AT.NEW, AT.MINT), mintTokens(12n, AT.MINT, AT.NEW, 'w')],
        [moveTokens(AT.NEW, AT.TO, 5n)],
      ),
    ],
    [false, false],
  ],
  [
    'a new mint and a token account of it, in two blocks',
    [
      block([newMint(), initializeMint(AT.NEW)]),
      block([newTokens(AT.LAST), initializeAccount(AT.LAST, AT.NEW), mintTokens(3n, AT.NEW, AT.LAST)]),
    ],
    [false, false],
  ],
  ['lamports to a new mint', [block([newMint(), pay(AT.OTHER, AT.NEW, 7n)])], [false]],
  ['an account of no bytes', [block([create(AT.NEW, 890_880n, 0)])], [false]],
  [
    'allocate and assign of an account that there is',
    [block([allocate(AT.OTHER, 82), assign(AT.OTHER)], [initializeMint(AT.OTHER)])],
    [false, false],
  ],
  ['assign alone', [block([assign(AT.OTHER)])], [false]],
  [
    'lamports for a new account, which is then allocated and assigned',
    [block([pay(AT.PAYER, AT.NEW, RESERVE), allocate(AT.NEW, 165), assign(AT.NEW)])],
    [false],
  ],
  ['creation of an account that there is', [block([create(AT.OTHER, MINT_LAMPORTS, 82)])], [true]],
  ['creation of an account of the token program', [block([create(AT.FROM, MINT_LAMPORTS, 82)])], [true]],
  [
    'creation of an account that does not sign',
    [block([create(AT.NEW, MINT_LAMPORTS, 82, { flags: 'w' })])],
    [true],
  ],
  ['creation of an account that is too large', [block([create(AT.NEW, MINT_LAMPORTS, 10_485_761)])], [true]],
  ['creation with more lamports than there are', [block([create(AT.NEW, 10n ** 12n, 82)])], [true]],
  ['creation with too little', [block([newMint(MINT_LAMPORTS - 1n)])], [true]],
  [
    'creation at the expense of a token account',
    [block([create(AT.NEW, MINT_LAMPORTS, 82, { payer: AT.FROM })])],
    [true],
  ],
  ['creation twice', [block([newMint()], [newMint()])], [false, true]],
  ['assign of who does not sign', [block([assign(AT.OTHER, TOKEN, 'w')])], [true]],
  ['assign of a token account', [block([assign(AT.FROM, new Uint8Array(32))])], [true]],
  ['allocate of too much', [block([allocate(AT.OTHER, 10_485_761)])], [true]],
  ['allocate of a token account', [block([allocate(AT.FROM, 200)])], [true]],
  [
    'allocate with too little',
    [block([create(AT.NEW, 890_880n, 0, { owner: new Uint8Array(32) })], [allocate(AT.NEW, 9)])],
    [false, true],
  ],
  ['a close', [block([closeTokens(AT.FROM, AT.OTHER)])], [false], EMPTY_TOKENS],
  ['a close that holds tokens', [block([closeTokens(AT.FROM, AT.OTHER)])], [true]],
  [
    'lamports for an account that is closed',
    [
      block(
        [closeTokens(AT.FROM, AT.OTHER), pay(AT.OTHER, AT.FROM, 900_000n)],
        [moveTokens(AT.FROM, AT.TO, 0n)],
      ),
    ],
    [false, true],
    EMPTY_TOKENS,
  ],
  [
    'an account that is created, closed and created again',
    [
      block(
        [newTokens(), initializeAccount(AT.NEW, AT.MINT)],
        [closeTokens(AT.NEW, AT.OTHER)],
        [newMint(), initializeMint(AT.NEW)],
      ),
    ],
    [false, false, false],
  ],
];

/** Wrapped lamports. */
const WRAPPED: Case[] = [
  ['a transfer of wrapped lamports', [block([moveTokens(AT.FROM, AT.TO, 1_000n)])], [false], wrapped()],
  [
    'a transfer of more wrapped lamports than there are',
    [block([moveTokens(AT.FROM, AT.TO, 5_000_001n)])],
    [true],
    wrapped(),
  ],
  [
    'lamports that are wrapped',
    [block([pay(AT.PAYER, AT.FROM, 99n), syncNative(AT.FROM)])],
    [false],
    wrapped(),
  ],
  ['a close of wrapped lamports', [block([closeTokens(AT.FROM, AT.OTHER)])], [false], wrapped()],
  [
    'an account that wraps lamports and is closed',
    [
      block(
        [newTokens(AT.NEW, RESERVE + 500n), initializeAccount(AT.NEW, AT.LAST)],
        [pay(AT.OTHER, AT.NEW, 7n), syncNative(AT.NEW), moveTokens(AT.NEW, AT.TO, 3n)],
        [closeTokens(AT.NEW, AT.PAYER)],
      ),
    ],
    [false, false, false],
    wrapped(),
  ],
];

const paid = pay(AT.PAYER, AT.OTHER, 77n);
const bytes = (...text: number[]) => Uint8Array.from(text);

const MEMOS: Case[] = [
  ['a transfer with a memo', [block([paid, memo('rent for June')])], [false]],
  [
    'a memo of nothing, and one of no ASCII',
    [block([memo('')], [memo('ä€𝄞 ퟿￿ 𐀀 \u{10ffff}.')])],
    [false, false],
  ],
  ['a long memo', [block([memo('x'.repeat(127))])], [false]],
  [
    'a memo that is signed by the payer, and by another one',
    [block([memo('signed', [AT.PAYER, 'sw'], [AT.OTHER, 's'])])],
    [false],
  ],
  [
    'memos of accounts that do not sign',
    [block([memo('a', [AT.OTHER, ''])], [memo('b', [AT.PAYER, 'sw'], [AT.OTHER, ''])])],
    [true, true],
  ],
  ['a memo that is no text, behind a transfer', [block([memo(bytes(0x61, 0xff)), paid])], [true]],
  [
    'memos that end within a character, or have one in a longer form than it needs',
    [
      block(
        [memo(bytes(0x61, 0xc3))],
        [memo(bytes(0xe0, 0x80, 0x80))],
        [memo(bytes(0xf4, 0x90, 0x80, 0x80))],
      ),
    ],
    [true, true, true],
  ],
  ['memos of half a surrogate', [block([memo(bytes(0xed, 0xa0, 0x80))])], [true]],
];

/** Instructions that fail. */
const tooMuch = pay(AT.OTHER, AT.PAYER, 10n ** 12n);
const tooManyTokens = moveTokens(AT.FROM, AT.TO, 10n ** 12n);

/** Transactions that store before they fail. */
const UNDONE: Case[] = [
  ['a transfer that is undone', [block([pay(AT.OTHER, AT.PAYER, 5n), tooMuch])], [true]],
  [
    'a transfer to a new account that is undone',
    [block([pay(AT.OTHER, AT.NEW, 10n ** 6n), tooMuch])],
    [true],
  ],
  ['tokens that are moved back', [block([moveTokens(AT.FROM, AT.TO, 5n), tooManyTokens])], [true]],
  [
    'more of the same, with limits, skipped instructions and transactions before and behind',
    [
      block(
        [moveTokens(AT.FROM, AT.TO, 3n)],
        [
          limitUnits(100_000),
          pay(AT.PAYER, AT.OTHER, 9n),
          moveTokens(AT.FROM, AT.TO, 5n),
          tooMuch,
          mintTokens(1n),
        ],
        [mintTokens(7n), pay(AT.OTHER, AT.PAYER, 1n)],
      ),
    ],
    [false, true, false],
  ],
  [
    'two that fail, one behind the other, and a block behind them',
    [
      block([pay(AT.PAYER, AT.OTHER, 9n), tooMuch], [pay(AT.OTHER, AT.PAYER, 10n), tooManyTokens]),
      block([pay(AT.PAYER, AT.OTHER, 1n)]),
    ],
    [true, true, false],
  ],
  [
    'a transfer of lamports that a transaction which failed had given',
    [block([pay(AT.PAYER, AT.OTHER, 10n ** 9n), tooMuch], [pay(AT.OTHER, AT.PAYER, 15n * 10n ** 8n)])],
    [true, true],
  ],
  [
    'a mint that fails behind another one',
    [block([mintTokens(12n), mintTokens((1n << 64n) - 1n)], [mintTokens(1n)])],
    [true, false],
  ],
  [
    'tokens of an account that was created',
    [
      block(
        [newTokens(), initializeAccount(AT.NEW, AT.MINT), mintTokens(12n, AT.MINT, AT.NEW, 'w')],
        [moveTokens(AT.NEW, AT.TO, 5n), tooMuch],
        [moveTokens(AT.NEW, AT.TO, 12n)],
      ),
    ],
    [false, true, false],
  ],
  [
    'wrapped lamports that are moved back',
    [block([moveTokens(AT.FROM, AT.TO, 9n), tooMuch])],
    [true],
    wrapped(),
  ],
  [
    'lamports that are wrapped before it fails',
    [block([pay(AT.PAYER, AT.FROM, 99n), syncNative(AT.FROM), tooMuch])],
    [true],
    wrapped(),
  ],
];

/** what a limit of units takes, and behind it a memo of two letters, a transfer, a transfer of tokens */
const UNITS = { LIMIT: 150, MEMO: 274, TRANSFER: 150, TOKENS: 76 };

/** Transactions that exhaust their compute units. */
const EXHAUSTED: Case[] = [
  [
    'a memo that exhausts its units, and one that is stopped at the first of them',
    [block([limitUnits(300), memo('gm')], [limitUnits(1), memo('gm')])],
    [true, true],
  ],
  [
    'a memo that consumes all its units',
    [block([limitUnits(UNITS.LIMIT + UNITS.MEMO), memo('gm')])],
    [false],
  ],
  [
    'a memo that lacks a unit, and is no text',
    [block([limitUnits(UNITS.LIMIT + UNITS.MEMO - 1), memo(bytes(0xff))])],
    [true],
  ],
  [
    'a transfer that lacks a unit, and one that does not',
    [
      block(
        [limitUnits(UNITS.LIMIT + UNITS.TRANSFER - 1), paid],
        [limitUnits(UNITS.LIMIT + UNITS.TRANSFER), paid],
      ),
    ],
    [true, false],
  ],
  [
    'tokens that are moved back for lack of units, with a transfer behind them',
    [
      block(
        [limitUnits(UNITS.LIMIT + UNITS.TOKENS - 1), moveTokens(AT.FROM, AT.TO, 5n), paid],
        [moveTokens(AT.FROM, AT.TO, 7n)],
      ),
    ],
    [true, false],
  ],
];

/** Transfers of nothing, and to who they are from. */
const ODD: Case[] = [
  ['a transfer of nothing', [block([pay(AT.PAYER, AT.OTHER, 0n)])], [false]],
  ['a transfer of nothing to nobody', [block([pay(AT.PAYER, AT.NEW, 0n)])], [false]],
  ['a transfer of nothing by nobody', [block([pay(AT.NEW, AT.OTHER, 0n)])], [false]],
  ['a transfer of nothing by who does not sign', [block([pay(AT.OTHER, AT.PAYER, 0n, 'w')])], [true]],
  ['a transfer of nothing by who is read-only', [block([pay(AT.OTHER, AT.PAYER, 0n, 's')])], [true]],
  ['a transfer of nothing to who is read-only', [block([pay(AT.PAYER, AT.OTHER, 0n, 'sw', '')])], [true]],
  ['a transfer of nothing from a token account', [block([pay(AT.FROM, AT.PAYER, 0n)])], [true]],
  [
    'a transfer of nothing, and of something, from an account of a program without data',
    [block([assign(AT.OTHER)], [pay(AT.OTHER, AT.PAYER, 0n)], [pay(AT.OTHER, AT.PAYER, 1n)])],
    [false, false, true],
  ],
  [
    'a transfer to oneself',
    [block([pay(AT.PAYER, AT.PAYER, 5n), pay(AT.OTHER, AT.OTHER, 10n ** 9n)])],
    [false],
  ],
  ['a transfer of nothing to oneself', [block([pay(AT.OTHER, AT.OTHER, 0n)])], [false]],
  ['a transfer to oneself of too much', [block([pay(AT.OTHER, AT.OTHER, 10n ** 9n + 1n)])], [true]],
  ['a transfer to oneself by who does not sign', [block([pay(AT.OTHER, AT.OTHER, 1n, 'w')])], [true]],
  ['a transfer to itself of a token account', [block([pay(AT.FROM, AT.FROM, 1n)])], [true]],
];

export const CASES: Case[] = [
  ['a transfer of lamports', [block([pay(AT.PAYER, AT.OTHER, 77n)])], [false]],
  ['a transfer of tokens', [block([moveTokens(AT.FROM, AT.TO, 5n)])], [false]],
  ['a transfer to a new account', [block([pay(AT.PAYER, AT.NEW, 10n ** 6n)])], [false]],
  [
    'several instructions in a transaction, and two blocks',
    [
      block([limitUnits(100_000), moveTokens(AT.FROM, AT.TO, 9n), pay(AT.PAYER, AT.OTHER, 1_000n)]),
      block([], [pay(AT.OTHER, AT.PAYER, 2n)]),
    ],
    [false, false, false],
  ],
  ['a mint', [block([mintTokens(12n)])], [false]],
  ['a transfer of more lamports than there are', [block([pay(AT.OTHER, AT.PAYER, 10n ** 12n)])], [true]],
  ['a transfer of who does not sign', [block([pay(AT.OTHER, AT.PAYER, 1n, 'w')])], [true]],
  ['a transfer from a token account', [block([pay(AT.FROM, AT.PAYER, 1n)])], [true]],
  ['a transfer that leaves too little', [block([pay(AT.OTHER, AT.PAYER, 10n ** 9n - 5n)])], [true]],
  ['a transfer of too little to a new account', [block([pay(AT.OTHER, AT.NEW, 5n)])], [true]],
  [
    'a transfer of more tokens than there are, and one behind it',
    [
      block(
        [moveTokens(AT.FROM, AT.TO, 10n ** 12n), pay(AT.PAYER, AT.OTHER, 5n)],
        [moveTokens(AT.FROM, AT.TO, 1n)],
      ),
    ],
    [true, false],
  ],
  ...CHANGES,
  ...WRAPPED,
  ...MEMOS,
  ...EXHAUSTED,
  ...UNDONE,
  ...ODD,
];
