import '../fixed-seed.js';
import { accountKey, accountValue, type Children, MemoryNodeStore, StateTree } from '@polyproof/state';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StatelessExecutor } from '../../src/bank/stateless-executor.js';
import { HEADER_BYTES, LAST_OF_BLOCK, VALUE_BYTES } from '../../src/compact-data/tables.js';
import {
  type BatchWitness,
  batchCircuitInputs,
  chainDataHash,
  decodeTransaction,
  decodeWitness,
  encodeMessage,
  encodeProvedData,
  encodeWitness,
  systemAccount,
  WitnessError,
} from '../../src/index.js';
import { type Call, callsMessage, callsTransaction, pay, setLimit } from '../calls.js';
import { randomCalls } from '../random-calls.js';
import { address, transfer, transferMessage } from '../wire.js';
import { blockArbitrary, NAMES } from '../workload.js';
import { realRuntime } from './real-runtime.js';
import { COLLECTOR, SOL, TestBank } from './test-bank.js';
import { openTokenBank } from './token-bank.js';

const OTHERS = Array.from({ length: 20 }, (_, i) => `other ${i}`);
const GENESIS = Object.fromEntries([COLLECTOR, 'a', 'b', 'c', ...OTHERS].map((name) => [name, SOL]));

/** Where the second transaction stands in compact data: behind the values and the first one, which takes four bytes. */
const secondTransaction = (data: Uint8Array) => HEADER_BYTES + VALUE_BYTES * data[1]! + 4;

let stateless: StatelessExecutor;
beforeAll(() => {
  stateless = new StatelessExecutor({ runtime: realRuntime });
});
afterAll(() => stateless.close());

describe('a batch that circuits prove', () => {
  it('executes to the same root from its witness alone', async () => {
    const test = await TestBank.open(GENESIS, { runtime: realRuntime });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(blockArbitrary, { minLength: 1, maxLength: 3 }), async (blocks) => {
          const { bank } = test;
          for (const block of blocks) {
            // each amount once: the same transfer again would be a duplicate
            const transactions = block.map((parts) =>
              decodeTransaction(transfer({ ...parts, blockhash: bank.latestBlockhash })),
            );
            const fits = bank.fits(transactions[0]!, transactions.slice(1));
            expect(bank.fitting(transactions) === transactions.length).toBe(fits);
            if (!fits) continue;
            const { included, rejected } = await test.produce(...transactions);
            expect(included.length + rejected.length).toBe(transactions.length);
          }
          const batch = await bank.closeBatch();
          if (batch === undefined) return;
          const witness = bank.getWitness(batch.number)!;
          expect(decodeWitness(JSON.parse(JSON.stringify(encodeWitness(witness))))).toEqual(witness);

          const result = await stateless.execute(witness);
          expect([result.newStateRoot, result.newDataHash]).toEqual([batch.newStateRoot, batch.newDataHash]);
          expect(result.outcomes).toHaveLength(batch.transactions);
          for (const [key, account] of result.accounts) expect(account).toEqual(bank.getAccount(key) ?? null);
          batchCircuitInputs(witness, result.accounts);
        }),
        { numRuns: 25 },
      );
      expect(test.bank.lastBatch).toBeGreaterThan(8n);
      const total = [...NAMES, ...OTHERS].reduce((sum, name) => sum + test.balance(name), 0n);
      expect(total).toBe(BigInt(Object.keys(GENESIS).length) * SOL);
    } finally {
      await test.close();
    }
  }, 60_000);
});

describe('a batch of tokens', () => {
  it('executes to the same root from its witness alone, and has inputs of a circuit', async () => {
    const test = await openTokenBank();
    const seen = { included: 0, failed: 0, rejected: 0 };
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(randomCalls, { minLength: 1, maxLength: 4 }), {
            minLength: 1,
            maxLength: 3,
          }),
          fc.boolean(),
          async (blocks, isReopened) => {
            const before = test.bank.stateRoot;
            for (const block of blocks) {
              const transactions = block.map(({ payer, calls, version }) =>
                callsTransaction(payer, calls, test.bank.latestBlockhash, version),
              );
              if (!test.bank.fits(transactions[0]!, transactions.slice(1))) continue;
              const { included, rejected } = await test.produce(...transactions);
              expect(included.length + rejected.length).toBe(transactions.length);
              seen.included += included.length;
              seen.rejected += rejected.length;
            }
            if (isReopened) await test.reopen();
            const { bank } = test;
            const batch = await bank.closeBatch();
            if (batch === undefined) return;
            const witness = bank.getWitness(batch.number)!;
            expect(decodeWitness(JSON.parse(JSON.stringify(encodeWitness(witness))))).toEqual(witness);
            expect(witness.prevStateRoot).toBe(before);
            const result = await stateless.execute(witness);
            expect(result.newStateRoot).toBe(bank.stateRoot);
            expect(result.outcomes).toHaveLength(batch.transactions);
            seen.failed += result.outcomes.filter(({ status }) => status === 'failed').length;
            for (const [key, account] of result.accounts)
              expect(account).toEqual(bank.getAccount(key) ?? null);
            batchCircuitInputs(witness, result.accounts);
          },
        ),
        { numRuns: 25 },
      );
    } finally {
      await test.close();
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(3);
  }, 120_000);
});

describe('a corrupted witness', () => {
  let test: TestBank;
  let witness: BatchWitness;
  beforeAll(async () => {
    test = await TestBank.open(GENESIS);
    await test.block(
      { from: 'a', to: 'new', lamports: SOL / 2n },
      { from: 'b', to: 'c', lamports: 2n * SOL },
    );
    await test.block({ from: 'c', to: 'a', lamports: SOL - 5_000n });
    await test.bank.closeBatch();
    witness = test.bank.getWitness(1n)!;
    await stateless.execute(witness);
  });
  afterAll(() => test.close());

  const refusal = (changes: Partial<BatchWitness>) =>
    stateless.execute({ ...witness, ...changes }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof WitnessError ? error.code : error),
    );

  it('is refused when an account differs in any field', async () => {
    for (const [i, [key, account]] of witness.accounts.entries()) {
      const variants =
        account === null
          ? [systemAccount(SOL)]
          : [
              { ...account, lamports: account.lamports + 1n },
              { ...account, owner: new Uint8Array(32).fill(1) },
              { ...account, data: Uint8Array.of(1) },
              { ...account, executable: true },
              { ...account, rentEpoch: 0n },
              null,
            ];
      for (const variant of variants)
        expect(await refusal({ accounts: witness.accounts.with(i, [key, variant]) })).toBe('WRONG_ACCOUNT');
    }
  });

  it('is refused when an account is missing, foreign or there twice', async () => {
    for (let i = 0; i < witness.accounts.length; i++)
      expect(await refusal({ accounts: witness.accounts.toSpliced(i, 1) })).toBe('MISSING_ACCOUNT');
    const foreign = test.bank.getAccount(address('other 3'))!;
    expect(await refusal({ accounts: [...witness.accounts, [address('other 3'), foreign]] })).toBe(
      'WRONG_ACCOUNT',
    );
    expect(await refusal({ accounts: [...witness.accounts, witness.accounts[0]!] })).toBe('WRONG_ACCOUNT');
  });

  it('is refused when a node that execution needs is missing or differs', async () => {
    const codes = new Set<unknown>();
    for (let i = 0; i < witness.nodes.length; i++) {
      const node = witness.nodes[i]!;
      const changed =
        node.kind === 'leaf'
          ? { ...node, value: node.value + 1n }
          : {
              ...node,
              children: node.children.with(0, node.children[0] + 1n) as unknown as Children<bigint>,
            };
      codes.add(await refusal({ nodes: witness.nodes.toSpliced(i, 1) }));
      codes.add(await refusal({ nodes: witness.nodes.with(i, changed) }));
    }
    // Some nodes only serve the walk of the prover, account by account.
    codes.delete('accepted');
    expect([...codes]).toEqual(['MISSING_NODE']);
    expect(await refusal({ nodes: [] })).toBe('MISSING_NODE');
  });

  it('serves the walk of a prover, account by account', async () => {
    const { accounts } = await stateless.execute(witness);
    const low = (key: bigint) => BigInt.asUintN(64, key);
    const rows = accounts
      .map(([name, account]) => ({ key: accountKey(name), account }))
      .sort((a, b) => (low(a.key) < low(b.key) ? -1 : 1));
    const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
    for (const { key, account } of rows) {
      tree.locate(key);
      tree.update(new Map([[key, account === null ? null : accountValue(account)]]));
    }
    expect(tree.root).toBe(witness.newStateRoot);
  });

  it('is refused when a root or a hash differs', async () => {
    expect(await refusal({ prevStateRoot: witness.prevStateRoot + 1n })).toBe('MISSING_NODE');
    expect(await refusal({ newStateRoot: witness.newStateRoot + 1n })).toBe('WRONG_STATE_ROOT');
    expect(await refusal({ prevDataHash: 1n })).toBe('WRONG_DATA_HASH');
    expect(await refusal({ newDataHash: witness.newDataHash + 1n })).toBe('WRONG_DATA_HASH');
  });

  it('is refused when the data differs', async () => {
    const rehashed = (data: Uint8Array) => ({ data, newDataHash: chainDataHash(witness.prevDataHash, data) });
    const { data } = witness;
    expect(await refusal({ data: data.subarray(0, -1) })).toBe('WRONG_DATA_HASH');
    expect(await refusal(rehashed(data.subarray(0, -1)))).toBe('BAD_BATCH_DATA');
    expect(await refusal(rehashed(new Uint8Array()))).toBe('BAD_BATCH_DATA');
    const amount = data.slice();
    amount[amount.length - 2]! ^= 1; // the last byte is the number of deposits
    expect(await refusal(rehashed(amount))).toBe('WRONG_STATE_ROOT');
    const joined = data.slice();
    joined[secondTransaction(data)]! ^= LAST_OF_BLOCK;
    expect(await refusal(rehashed(joined))).toBe('WRONG_BLOCKS');

    const message = (parts: Parameters<typeof transferMessage>[0]) => encodeMessage(transferMessage(parts));
    const unprovable = transferMessage({ from: 'a', to: 'b', lamports: 1n });
    unprovable.instructions[0]!.data[0] = 3;
    expect(await refusal(rehashed(encodeProvedData([[encodeMessage(unprovable)]], [])))).toBe(
      'BAD_BATCH_DATA',
    );
    const withoutFunds = [
      [message({ payer: 'new', from: 'a', to: 'b', lamports: 1n })],
      [message({ from: 'c', to: 'b', lamports: 1n })],
    ];
    expect(await refusal(rehashed(encodeProvedData(withoutFunds, [])))).toBe('REJECTED_TRANSACTION');
    const call = (...calls: Call[]) => encodeMessage(callsMessage('a', calls, new Uint8Array(32)).message);
    const twice = [[call(pay('a', 'new', 1n), setLimit(1_000), setLimit(2_000))], [call(pay('b', 'c', 1n))]];
    expect(await refusal(rehashed(encodeProvedData(twice, [])))).toBe('REJECTED_TRANSACTION');
  });

  it('is refused when the blocks do not match the data', async () => {
    expect(await refusal({ blocks: witness.blocks.slice(1) })).toBe('WRONG_BLOCKS');
    expect(await refusal({ blocks: [...witness.blocks].reverse() })).toBe('WRONG_BLOCKS');
  });

  it('is refused when the collector differs', async () => {
    const config = { ...witness.config, collector: address('a') };
    expect(await refusal({ config })).toBe('WRONG_ACCOUNT');
  });
});
