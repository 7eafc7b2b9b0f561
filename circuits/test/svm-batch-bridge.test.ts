import type { InputMap } from '@noir-lang/noir_js';
import { fieldToHex } from '@polyproof/base';
import { accountKey, accountValue, MemoryNodeStore, StateTree } from '@polyproof/state';
import {
  type BatchWitness,
  batchExitRoot,
  chainDataHash,
  type Exit,
  exitAddress,
  type StatelessExecutor,
  systemAccount,
} from '@polyproof/svm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputsWithin } from '../../packages/svm/src/circuit-inputs.js';
import { words } from '../../packages/svm/src/zkvm/words.js';
import type { TestBank } from '../../packages/svm/test/bank/test-bank.js';
import { callsTransaction, pay } from '../../packages/svm/test/calls.js';
import { address } from '../../packages/svm/test/wire.js';
import { closedBatch, newStateless, openBatchBank } from './batch-bank.js';
import { batchExecutor, TINY } from './svm-batch-sizes.js';

const MINIMUM = 890_880n;

/** The inputs of `svm_batch`, as far as the tests change them. */
interface Inputs {
  batch: {
    data: { stream: number[]; length: number };
    cells: string[];
    account_count: string;
    deposits: string[];
    exits: string[];
  };
  statement: Record<string, string>;
}

let run: (inputs: unknown) => Promise<unknown>;
let test: TestBank;
let stateless: StatelessExecutor;
let witness: BatchWitness;
let exits: Exit[];
let honest: Inputs;

async function inputsOfBatch(): Promise<{ inputs: Inputs; witness: BatchWitness; exits: Exit[] }> {
  const { witness, after } = await closedBatch(test, stateless);
  const inputs = inputsWithin(witness, after, TINY) as unknown as Inputs;
  return { inputs, witness, exits: test.bank.getExits(witness.batchNumber) };
}

async function block(payer: string, ...calls: Parameters<typeof callsTransaction>[1]): Promise<void> {
  const { rejected } = await test.produce(callsTransaction(payer, calls, test.bank.latestBlockhash));
  expect(rejected).toEqual([]);
}

const deposit = (name: string, lamports = MINIMUM) => ({
  index: test.bank.nextDeposit,
  recipient: address(name),
  lamports,
});

beforeAll(async () => {
  run = await batchExecutor(TINY);
  test = await openBatchBank();
  stateless = newStateless();
  await test.bank.creditDeposits([deposit('new', 3n * MINIMUM), { ...deposit('a'), index: 1n }]);
  await block('new', pay('new', 'exit one', MINIMUM));
  await block('a', pay('a', 'exit two', MINIMUM + 5n), pay('a', 'exit one', 7n));
  ({ inputs: honest, witness, exits } = await inputsOfBatch());
}, 300_000);

afterAll(async () => {
  await stateless.close();
  await test.close();
});

describe('svm_batch accepts', () => {
  it('deposits that are spent, and withdrawals by their batch', async () => {
    expect(exits).toHaveLength(2);
    expect(honest.statement.exit_root).toBe(fieldToHex(batchExitRoot(exits)));
    await run(honest);
  });

  it('deposits alone', async () => {
    await test.bank.creditDeposits([deposit('alone'), { ...deposit('alone', 5n * MINIMUM), index: 3n }]);
    await run((await inputsOfBatch()).inputs);
    expect(test.balance('alone')).toBe(6n * MINIMUM);
  });

  it('withdrawals alone, to an account of the base chain that had one before', async () => {
    await block('b', pay('b', 'exit one', MINIMUM + 1n));
    const { inputs, exits } = await inputsOfBatch();
    expect(exits.map(({ lamports }) => lamports)).toEqual([MINIMUM + 1n]);
    await run(inputs);
  });

  it('withdrawals of the first account of the table', async () => {
    // Whichever name comes before the payer and the collector.
    let first: Inputs | undefined;
    for (let i = 0; first === undefined; i++) {
      await block('b', pay('b', `exit ${i}`, MINIMUM));
      const { inputs } = await inputsOfBatch();
      if (inputs.batch.exits[0] === '0') first = inputs;
    }
    await run(first);
  });

  it('a withdrawal that fails', async () => {
    await block('b', pay('b', 'exit one', 1n));
    const { inputs } = await inputsOfBatch();
    expect(inputs.statement.exit_root).toBe(fieldToHex(0n));
    await run(inputs);
  });
});

describe('svm_batch refuses', () => {
  const refused = async (reason: RegExp, change: (inputs: Inputs) => unknown) => {
    const inputs = structuredClone(honest);
    change(inputs);
    await expect(run(inputs as unknown as InputMap)).rejects.toThrow(reason);
  };
  const claiming = (reason: RegExp, claimed: readonly Exit[], exits?: string[]) =>
    refused(reason, ({ batch, statement }) => {
      statement.exit_root = fieldToHex(batchExitRoot(claimed));
      if (exits !== undefined) batch.exits = exits;
    });
  const [first, second] = [() => honest.batch.exits[0]!, () => honest.batch.exits[1]!];
  /** An account that is no exit. */
  const other = () => honest.batch.deposits[0]!;

  it('an exit that is left out', async () => {
    await claiming(/an exit is left out/, [exits[0]!], [first(), other(), other(), other()]);
    await claiming(/an exit is left out/, [], [other(), other(), other(), other()]);
    await claiming(/exit root/, []);
  });

  it('an exit that is there twice', async () => {
    await claiming(/assert_max_bit_size/, [exits[0]!, exits[0]!], [first(), first(), other(), other()]);
    await claiming(/assert_max_bit_size/, [...exits, exits[1]!], [first(), second(), second(), other()]);
  });

  it('exits in another order, or behind a gap', async () => {
    await claiming(/assert_max_bit_size/, [...exits].reverse(), [second(), first(), other(), other()]);
    await claiming(/an exit behind the last one/, exits, [first(), other(), second(), other()]);
  });

  it('an exit of another amount', () =>
    claiming(/exit root/, [{ ...exits[0]!, lamports: exits[0]!.lamports + 1n }, exits[1]!]));

  it('an exit to another recipient', () =>
    claiming(/exit root/, [{ ...exits[0]!, recipient: new Uint8Array(20).fill(9) }, exits[1]!]));

  it('an exit account that survives', () =>
    refused(/new state root/, ({ statement }) => {
      const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
      const survivor = systemAccount(exits[0]!.lamports);
      tree.update(new Map([[accountKey(exitAddress(exits[0]!.recipient)), accountValue(survivor)]]));
      statement.new_state_root = fieldToHex(tree.root);
    }));

  it('an exit account that is in no state tree', () =>
    refused(/exit root/, ({ batch, statement }) => {
      // The rows behind the table have cells too: ten each, as no account has data.
      const count = Number(batch.account_count);
      const minted = { recipient: new Uint8Array(20).fill(3), lamports: 10n ** 12n };
      const at = 10 * count;
      batch.cells.splice(at, 4, ...words(exitAddress(minted.recipient)).map(String));
      batch.cells[at + 8] = String(minted.lamports);
      const all = [...exits, minted];
      batch.exits = [first(), second(), String(count), other()];
      statement.exit_root = fieldToHex(batchExitRoot(all));
    }));

  it('a deposit to somebody else', () =>
    refused(/a deposit is not its recipient's/, ({ batch }) => {
      batch.deposits.reverse();
    }));

  it('a deposit to an account that is in no state tree', () =>
    refused(/assert_max_bit_size/, ({ batch }) => {
      batch.deposits[0] = batch.account_count;
    }));

  /** Changes the deposits in the data, and what binds them. */
  const withData = (reason: RegExp, change: (data: number[]) => void) =>
    refused(reason, ({ batch: { data }, statement }) => {
      const bytes = data.stream.slice(0, data.length);
      change(bytes);
      data.stream.splice(0, data.length, ...bytes);
      const hash = chainDataHash(BigInt(statement.prev_data_hash!), Uint8Array.from(bytes));
      statement.new_data_hash = fieldToHex(hash);
    });

  it('a deposit of another amount than the data says', () =>
    withData(/does not answer/, (data) => {
      data[data.length - 2]! ^= 1;
    }));

  it('a deposit that makes more lamports than a word holds', () =>
    withData(/assert_max_bit_size/, (data) => {
      data.fill(0xff, data.length - 9, data.length - 1);
    }));

  it('another number of deposits than there are', async () => {
    for (const count of [0, 1, 3, 255])
      await withData(/./, (data) => {
        data[data.length - 1] = count;
      });
  });
});
