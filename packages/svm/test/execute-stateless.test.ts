import './fixed-seed.js';
import { silentLogger } from '@polyproof/base';
import { accountKey, accountValue, MemoryNodeStore, StateTree } from '@polyproof/state';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BatchWitness,
  chainDataHash,
  decodeWitness,
  encodeBatchData,
  encodeMessage,
  encodeWitness,
  executeStateless,
  ProcessExecutor,
  systemAccount,
  WitnessError,
} from '../src/index.js';
import { COLLECTOR, SOL, TestBank } from './helpers.js';
import { address, transferMessage } from './wire.js';
import { blockArbitrary, NAMES } from './workload.js';

const OTHERS = Array.from({ length: 20 }, (_, i) => `other ${i}`);
const GENESIS = Object.fromEntries([COLLECTOR, 'a', 'b', 'c', ...OTHERS].map((name) => [name, SOL]));

let stateless: ProcessExecutor;
beforeAll(() => {
  stateless = new ProcessExecutor({}, { logger: silentLogger });
});
afterAll(() => stateless.close());

describe('executeStateless', () => {
  it('comes to the root of the bank from the witness alone', async () => {
    const test = await TestBank.open(GENESIS);
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(blockArbitrary, { minLength: 1, maxLength: 3 }), async (blocks) => {
          const { bank } = test;
          for (const block of blocks) {
            // each amount once: the same transfer again would be a duplicate
            const transactions = block.map((parts) => test.transfer(parts));
            if (bank.fits(transactions[0]!, transactions.slice(1))) await bank.produceBlock(transactions);
          }
          const batch = await bank.closeBatch();
          if (batch === undefined) return;
          const witness = decodeWitness(
            JSON.parse(JSON.stringify(encodeWitness(bank.getWitness(batch.number)!))),
          );
          expect(witness).toEqual(bank.getWitness(batch.number));
          const result = await executeStateless(witness, stateless);
          expect(result.newStateRoot).toBe(batch.newStateRoot);
          expect(result.newDataHash).toBe(batch.newDataHash);
          expect(result.outcomes).toHaveLength(batch.transactions);
          for (const [key, account] of result.accounts) expect(account).toEqual(bank.getAccount(key) ?? null);
          walkOneByOne(witness, result.accounts);
        }),
        { numRuns: 60 },
      );
      expect(test.bank.lastBatch).toBeGreaterThan(20n);
      const total = [...NAMES, ...OTHERS].reduce((sum, name) => sum + test.balance(name), 0n);
      expect(total).toBe(BigInt(Object.keys(GENESIS).length) * SOL);
    } finally {
      await test.close();
    }
  });
});

/** What a prover does: one account after the other, in the circuit's order, looking beside every place. */
function walkOneByOne(
  witness: BatchWitness,
  after: Awaited<ReturnType<typeof executeStateless>>['accounts'],
): void {
  const low = (key: bigint) => BigInt.asUintN(64, key);
  const rows = after
    .map(([name, account]) => ({ key: accountKey(name), account }))
    .sort((a, b) => (low(a.key) < low(b.key) ? -1 : 1));
  const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
  for (const { key, account } of rows) {
    tree.locate(key);
    tree.update(new Map([[key, account === null ? null : accountValue(account)]]));
  }
  expect(tree.root).toBe(witness.newStateRoot);
}

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
    await executeStateless(witness, stateless);
  });
  afterAll(() => test.close());

  const refusal = (changes: Partial<BatchWitness>) =>
    executeStateless({ ...witness, ...changes }, stateless).then(
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
        node.kind === 'leaf' ? { ...node, value: node.value + 1n } : { ...node, left: node.left + 1n };
      codes.add(await refusal({ nodes: witness.nodes.toSpliced(i, 1) }));
      codes.add(await refusal({ nodes: witness.nodes.with(i, changed) }));
    }
    // Some nodes only serve the walk of the prover, account by account.
    codes.delete('accepted');
    expect([...codes]).toEqual(['MISSING_NODE']);
    expect(await refusal({ nodes: [] })).toBe('MISSING_NODE');
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
    amount[amount.length - 1]! ^= 1;
    expect(await refusal(rehashed(amount))).toBe('WRONG_STATE_ROOT');
    const joined = data.slice();
    joined[data.indexOf(0x80)]! ^= 0x80;
    expect(await refusal(rehashed(joined))).toBe('WRONG_BLOCKS');

    const message = (parts: Parameters<typeof transferMessage>[0]) => encodeMessage(transferMessage(parts));
    const unprovable = transferMessage({ from: 'a', to: 'b', lamports: 1n });
    unprovable.instructions[0]!.data[0] = 3;
    expect(await refusal(rehashed(encodeBatchData([[encodeMessage(unprovable)]])))).toBe('BAD_BATCH_DATA');
    const withoutFunds = [
      [message({ payer: 'new', from: 'a', to: 'b', lamports: 1n })],
      [message({ from: 'c', to: 'b', lamports: 1n })],
    ];
    expect(await refusal(rehashed(encodeBatchData(withoutFunds)))).toBe('REJECTED_TRANSACTION');
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

describe('decodeWitness', () => {
  it('names what is wrong', () => {
    const good = {
      batchNumber: '1',
      config: { rollupId: '7', collector: `0x${'01'.repeat(32)}`, lamportsPerSignature: '5000' },
      prevStateRoot: `0x${'00'.repeat(32)}`,
      newStateRoot: `0x${'00'.repeat(32)}`,
      prevDataHash: `0x${'00'.repeat(32)}`,
      newDataHash: `0x${'00'.repeat(32)}`,
      data: '0x',
      blocks: [{ slot: '1', unixTimestamp: '2' }],
      accounts: [[`0x${'01'.repeat(32)}`, null]],
      nodes: [],
    };
    expect(decodeWitness(good)).toMatchObject({ batchNumber: 1n });
    const wrong: [unknown, string][] = [
      [undefined, 'witness'],
      [{ ...good, batchNumber: 1 }, 'witness.batchNumber'],
      [{ ...good, batchNumber: '-1' }, 'witness.batchNumber'],
      [{ ...good, batchNumber: '18446744073709551616' }, 'witness.batchNumber'],
      [{ ...good, config: null }, 'witness.config'],
      [{ ...good, config: { ...good.config, collector: '0x00' } }, 'witness.config.collector'],
      [{ ...good, prevStateRoot: `0x${'ff'.repeat(32)}` }, 'witness.prevStateRoot'],
      [{ ...good, newDataHash: '0x1' }, 'witness.newDataHash'],
      [{ ...good, data: '00' }, 'witness.data'],
      [{ ...good, blocks: {} }, 'witness.blocks'],
      [{ ...good, blocks: [{ slot: '1' }] }, 'witness.blocks.0.unixTimestamp'],
      [{ ...good, accounts: [[`0x${'01'.repeat(32)}`, '0x00']] }, 'witness.accounts.0.1'],
      [{ ...good, nodes: ['0x07'] }, 'witness.nodes.0'],
    ];
    for (const [json, path] of wrong)
      expect(() => decodeWitness(json)).toThrow(
        expect.objectContaining({ code: 'BAD_WITNESS_ENCODING', details: { path } }),
      );
  });
});
