/** Batches that together use all that a batch circuit has room for. */
import { toHex } from '@polyproof/base';
import { type Account, accountKey } from '@polyproof/state';
import { type BatchWitness, RENT_EXEMPT_MINIMUM } from '@polyproof/svm';
import { inputsWithin } from '../../packages/svm/src/circuit-inputs.js';
import { inCircuitOrder } from '../../packages/svm/src/circuit-order.js';
import type { CircuitLimits } from '../../packages/svm/src/generated/circuit-limits.js';
import {
  allocate,
  approve,
  assign,
  type Call,
  callsTransaction,
  closeAccount,
  createAccount,
  initializeAccount,
  memo,
  mintTokens,
  moveTokens,
  pay,
  setLimit,
  setPrice,
  TOKEN,
} from '../../packages/svm/test/calls.js';
import { address } from '../../packages/svm/test/wire.js';
import { closedBatch, newStateless, openBatchBank, TOKENS } from './batch-bank.js';

type Block = [payer: string, ...calls: Call[]][];

/** Its deposits are credited in front of it. */
const BRIDGE = 'deposits and withdrawals';
const TOKEN_LAMPORTS = 2_039_280n;

/** Blocks of each batch, one behind the other. */
const BATCHES: Record<string, Block[]> = {
  tokens: [
    [['a', setLimit(50_000), setPrice(77n), moveTokens('token a', 'token b', 'a', 5n)]],
    [['b', pay('b', 'new', RENT_EXEMPT_MINIMUM)]],
  ],
  'a new account, and stores that are undone': [
    [
      ['a', createAccount('a', 'extra', TOKEN_LAMPORTS, 165, TOKEN), initializeAccount('extra', 'mint', 'b')],
      ['c', moveTokens('token c', 'token d', 'c', 7n), pay('c', 'poor', 5n)],
    ],
  ],
  'an account that is closed, and a memo': [
    [
      ['b', closeAccount('extra', 'd', 'b')],
      ['d', memo(new TextEncoder().encode('a mémo of d'), ['d', 's'])],
    ],
  ],
  'tokens that are made, lent, and not there': [
    [['a', mintTokens('mint', 'token a', 'a', 1n), approve('token a', 'b', 'a', 2n)]],
    [['b', moveTokens('token b', 'token c', 'b', TOKENS ** 2n)]],
  ],
  'space and an owner': [[['c', allocate('new', 8)]], [['c', assign('new', TOKEN)]]],
  [BRIDGE]: [
    [['deposited', pay('deposited', 'exit one', RENT_EXEMPT_MINIMUM)]],
    [['a', pay('a', 'exit two', RENT_EXEMPT_MINIMUM + 5n)]],
  ],
};

export interface ColumnBatch {
  inputs: unknown;
  /** of each account that the batch touches: whether it exists before and after */
  stays: boolean[];
}

/** All of them. */
export async function columnBatches(limits: CircuitLimits): Promise<ColumnBatch[]> {
  const test = await openBatchBank();
  const stateless = newStateless();
  const batches: ColumnBatch[] = [];
  try {
    for (const [name, blocks] of Object.entries(BATCHES)) {
      const first = test.bank.nextDeposit;
      if (name === BRIDGE)
        await test.bank.creditDeposits(
          ['deposited', 'b'].map((recipient, i) => ({
            index: first + BigInt(i),
            recipient: address(recipient),
            lamports: 3n * RENT_EXEMPT_MINIMUM,
          })),
        );
      for (const block of blocks) {
        const transactions = block.map(([payer, ...calls]) =>
          callsTransaction(payer, calls, test.bank.latestBlockhash),
        );
        const { rejected } = await test.produce(...transactions);
        if (rejected.length > 0) throw new TypeError(`${name}: ${rejected[0]!.error}`);
      }
      const { witness, after } = await closedBatch(test, stateless);
      batches.push({ inputs: inputsWithin(witness, after, limits), stays: stays(witness, after) });
    }
  } finally {
    await stateless.close();
    await test.close();
  }
  return batches;
}

function stays(witness: BatchWitness, after: readonly (readonly [Uint8Array, Account | null])[]): boolean[] {
  const gone = new Set(after.flatMap(([address, account]) => (account === null ? [toHex(address)] : [])));
  return witness.accounts
    .map(([address, account]) => ({ key: accountKey(address), address, account }))
    .sort(inCircuitOrder)
    .map(({ address, account }) => account !== null && !gone.has(toHex(address)));
}
