import { createProgramAddress } from '../../packages/svm/src/sbpf/syscalls/program-address.js';
import { named, TOKEN } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { CALLER, type CallCase, callAccounts, PLACE, use } from './sbpf-calls.js';
import {
  AT,
  accounts,
  allocate,
  assign,
  create,
  initializeAccount,
  moveTokens,
  pay,
  RESERVE,
} from './sbpf-transactions.js';

const tokens = () => [use(AT.FROM, 'w'), use(AT.TO, 'w'), use(AT.PAYER, 'sw'), use(PLACE.TOKEN)];

/** What a program invokes, and whether its transaction fails. */
export const CASES: [string, () => CallCase, boolean][] = [
  [
    'a transfer of tokens',
    () => ({
      uses: [...tokens(), use(PLACE.OWN, 'w')],
      calls: [{ instruction: moveTokens(AT.FROM, AT.TO, 5n), infos: [0, 1, 2, 3] }],
    }),
    false,
  ],
  [
    'two transfers, and one of lamports behind it',
    () => ({
      uses: tokens(),
      calls: [
        { instruction: moveTokens(AT.FROM, AT.TO, 5n), infos: [0, 1, 2] },
        { instruction: moveTokens(AT.FROM, AT.TO, 3n), infos: [2, 1, 0] },
      ],
      behind: [pay(AT.PAYER, AT.OTHER, 7n)],
    }),
    false,
  ],
  [
    'a transfer of more tokens than there are, and one of lamports behind it',
    () => ({
      uses: tokens(),
      calls: [{ instruction: moveTokens(AT.FROM, AT.TO, 10n ** 12n), infos: [0, 1, 2] }],
      behind: [pay(AT.PAYER, AT.OTHER, 7n)],
    }),
    true,
  ],
  [
    'a transfer of lamports',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.OTHER, 'w'), use(PLACE.SYSTEM), use(PLACE.OWN, 'w')],
      calls: [{ instruction: pay(AT.PAYER, AT.OTHER, 77n), infos: [0, 1] }],
    }),
    false,
  ],
  [
    'a transfer of more lamports than there are',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.OTHER, 'sw'), use(PLACE.SYSTEM)],
      calls: [{ instruction: pay(AT.OTHER, AT.PAYER, 10n ** 12n), infos: [0, 1] }],
    }),
    true,
  ],
  [
    'a new account of its own',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.TO, 'sw'), use(PLACE.SYSTEM), use(PLACE.OWN, 'w')],
      calls: [{ instruction: create(AT.TO, RESERVE, 24, { owner: CALLER }), infos: [0, 2, 1] }],
      before: withNew(),
    }),
    false,
  ],
  [
    'a new token account',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.TO, 'sw'), use(AT.MINT, 'w'), use(PLACE.SYSTEM), use(PLACE.TOKEN)],
      calls: [
        { instruction: create(AT.TO, RESERVE, 165), infos: [0, 1, 2] },
        { instruction: initializeAccount(AT.TO, AT.MINT, 'w'), infos: [0, 1, 2] },
      ],
      before: withNew({ mint: true }),
    }),
    false,
  ],
  [
    'space and an owner for an account that there is',
    () => ({
      uses: [use(AT.OTHER, 'sw'), use(PLACE.SYSTEM)],
      calls: [
        { instruction: allocate(AT.OTHER, 24), infos: [0] },
        { instruction: assign(AT.OTHER, CALLER), infos: [0] },
      ],
    }),
    false,
  ],
  [
    'a new account where there is one',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.OTHER, 'sw'), use(PLACE.SYSTEM)],
      calls: [{ instruction: create(AT.OTHER, RESERVE, 24, { owner: CALLER }), infos: [0, 1] }],
    }),
    true,
  ],
  [
    'lamports of an address that it signs for',
    () => ({
      uses: [use(AT.TO, 'w'), use(AT.OTHER, 'w'), use(PLACE.SYSTEM)],
      calls: [{ instruction: pay(AT.TO, AT.OTHER, 7n), infos: [0, 1], seeds: SEEDS }],
      before: withVault(),
    }),
    false,
  ],
  [
    'a new account at an address that it signs for',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.TO, 'w'), use(PLACE.SYSTEM)],
      calls: [{ instruction: create(AT.TO, RESERVE, 24, { owner: CALLER }), infos: [0, 1], seeds: SEEDS }],
      before: withVault(null),
    }),
    false,
  ],
  [
    'what the System program returns, which is nothing',
    () => ({
      uses: [use(AT.PAYER, 'sw'), use(AT.TO, 'w'), use(PLACE.SYSTEM), use(PLACE.OWN, 'w')],
      calls: [
        { instruction: pay(AT.PAYER, AT.TO, 10n ** 6n), infos: [0, 1], returned: true },
        { instruction: pay(AT.PAYER, AT.TO, 7n), infos: [0, 1], returned: true },
      ],
      before: withNew(),
    }),
    false,
  ],
  [
    'what the token program returns, and nothing behind the System program',
    () => ({
      uses: [
        use(AT.MINT),
        use(AT.OTHER, 'w'),
        use(PLACE.TOKEN),
        use(PLACE.SYSTEM),
        use(AT.PAYER, 'sw'),
        use(AT.TO, 'w'),
      ],
      calls: [
        {
          instruction: { programId: TOKEN, accounts: [use(AT.MINT)], data: Uint8Array.of(21) },
          infos: [0],
          returned: true,
        },
        { instruction: pay(AT.PAYER, AT.TO, 10n ** 6n), infos: [4, 5], returned: true },
      ],
      before: withOwnElsewhere(),
    }),
    false,
  ],
];

/** The usual accounts, without the second token account, and with the mint if it is needed. */
function withNew({ mint = false } = {}) {
  const list = callAccounts();
  list[AT.TO] = { address: named('created'), account: null };
  if (mint) list[AT.MINT] = accounts()[AT.MINT]!;
  return list;
}

/** Seeds that give an address of the caller. */
const SEEDS = Array.from({ length: 256 }, (_, bump) => [
  named('vault'),
  Uint8Array.of(1, 2, 3),
  Uint8Array.of(bump),
]).find((seeds) => typeof createProgramAddress(seeds, CALLER) !== 'string')!;

/** The usual accounts, with one at that address. */
function withVault(account = accounts()[AT.OTHER]!.account) {
  const list = callAccounts();
  list[AT.TO] = { address: createProgramAddress(SEEDS, CALLER) as Uint8Array, account };
  return list;
}

/** The usual accounts, with the mint, and an account of the caller's own in place of the other wallet. */
function withOwnElsewhere() {
  const list = withNew({ mint: true });
  list[AT.OTHER] = callAccounts()[PLACE.OWN]!;
  return list;
}
