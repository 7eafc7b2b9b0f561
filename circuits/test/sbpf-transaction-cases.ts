import type { ProvableBlock } from '../../packages/svm/src/zkvm/transaction-rows.js';
import { AT, block, limitUnits, mintTokens, moveTokens, pay } from './sbpf-transactions.js';

/** Blocks, and which of their transactions fail. */
export const CASES: [string, ProvableBlock[], boolean[]][] = [
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
];
