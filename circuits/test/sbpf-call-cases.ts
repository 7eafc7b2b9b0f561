import { type CallCase, PLACE, use } from './sbpf-calls.js';
import { AT, moveTokens, pay } from './sbpf-transactions.js';

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
];
