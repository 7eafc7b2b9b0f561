import { EventHub, PolyproofError, silentLogger } from '@polyproof/base';
import { type Batch, decodeTransaction, encodeTransaction, forcedMessage } from '@polyproof/svm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SequencerEvents } from '../../src/events.js';
import { Mempool } from '../../src/mempool/mempool.js';
import { BlockProducer, type BlockProducerOptions } from '../../src/producer/block-producer.js';
import { FakeBank } from '../support/fake-bank.js';
import { type FakeParts, fakeTransaction, numberOf } from '../support/fake-transactions.js';

let bank: FakeBank;
let mempool: Mempool;
let log: string[];
let now: number;

function open(options: BlockProducerOptions = {}) {
  const events = new EventHub<SequencerEvents>(silentLogger);
  events.on('blockProduced', ({ block }) => log.push(`block ${block.transactions}`));
  events.on('batchClosed', ({ batch }) => log.push(`batch ${batch.number}: ${batch.transactions}`));
  const producer = new BlockProducer(
    { blockTimeMs: 5, batchTimeoutMs: 1_000, ...options },
    { bank, mempool, events, logger: silentLogger, now: () => now },
  );
  return { producer, events };
}

/** With deposits that wait in the inbox. */
function openWithDeposits(count: number) {
  const all = upTo(count).map((n) => ({
    index: BigInt(n - 1),
    recipient: new Uint8Array(32).fill(n),
    lamports: 1_000_000n,
  }));
  const deposits = { waiting: (next: bigint) => all.filter(({ index }) => index >= next) };
  const events = new EventHub<SequencerEvents>(silentLogger);
  events.on('batchClosed', ({ batch }) =>
    log.push(`batch ${batch.number}: ${batch.deposits.length} deposits, ${batch.transactions}`),
  );
  return new BlockProducer(
    { blockTimeMs: 5, batchTimeoutMs: 1_000 },
    { bank, mempool, deposits, events, logger: silentLogger, now: () => now },
  );
}

/** The wire transaction of a forced withdrawal that the fake bank knows by this number. */
function forcedWire(n: number): Uint8Array {
  const signature = new Uint8Array(64).fill(n, 0, 1);
  const payer = new Uint8Array(32).fill(7);
  const blockhash = new Uint8Array(32).fill(n);
  const message = forcedMessage({ payer, recipient: new Uint8Array(20), lamports: 1_000_000n, blockhash });
  return encodeTransaction([signature], message);
}

/** With withdrawals that wait in the queue of the base chain. */
function openWithForced(...inbox: number[]) {
  const isClosed = (n: number) => bank.batches.some(({ data }) => data.length === 1 && data[0] === n);
  const forced = {
    next: () => {
      const index = inbox.findIndex((n) => !isClosed(n));
      if (index === -1) return undefined;
      const n = inbox[index]!;
      return { index: BigInt(index), wire: forcedWire(n), data: Uint8Array.of(n) };
    },
  };
  const events = new EventHub<SequencerEvents>(silentLogger);
  events.on('batchClosed', ({ batch }) => log.push(`batch ${batch.number}: ${batch.transactions}`));
  const producer = new BlockProducer(
    { blockTimeMs: 5, batchTimeoutMs: 1_000 },
    { bank, mempool, forced, events, logger: silentLogger, now: () => now },
  );
  return { producer, inbox };
}

function use(capacity: number, execution: 'zk' | 'any'): void {
  bank = new FakeBank(capacity, execution);
  mempool = new Mempool(
    { maxPerFeePayer: 10_000 },
    {
      bank,
      signatures: { verify: async () => true },
      costs: { priority: () => 0n, exceedsLimits: () => undefined },
      onDropped: (transaction, { reason }) => log.push(`dropped ${numberOf({ transaction })}: ${reason}`),
    },
  );
}

function enqueue(numbers: number[], parts: FakeParts = {}): void {
  for (const n of numbers) mempool.pool.add(fakeTransaction(n, parts), 0);
}

const upTo = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i);

beforeEach(() => {
  log = [];
  now = 0;
  use(4, 'zk');
});

describe('BlockProducer', () => {
  it('lets time pass with empty blocks that open no batch', async () => {
    const { producer } = open();
    await producer.produce();
    await producer.produce();
    expect(bank.slot).toBe(2n);
    expect(await producer.closeBatch()).toBeUndefined();
    expect(log).toEqual(['block 0', 'block 0']);
  });

  it('begins batches with deposits, and closes those that hold nothing else', async () => {
    const producer = openWithDeposits(3);
    await producer.produce();
    expect([bank.openBatch.deposits, bank.nextDeposit]).toEqual([2, 2n]);
    enqueue([1]);
    await producer.produce();
    expect(bank.nextDeposit).toBe(2n); // the batch has begun
    await producer.closeBatch();
    await producer.produce();
    now = 1_000;
    await producer.produce();
    expect(log).toEqual(['batch 1: 2 deposits, 1', 'batch 2: 1 deposits, 0']);
    await producer.produce();
    expect(bank.openBatch.deposits).toBe(0);
  });

  it('makes forced batches alone, in front of what waits, and none twice', async () => {
    const { producer, inbox } = openWithForced(101, 102);
    enqueue([1]);
    await producer.produce();
    expect(log).toEqual(['batch 1: 1', 'batch 2: 1']);
    expect(bank.batches.map(({ data }) => [...data])).toEqual([[101], [102]]);
    enqueue([2]);
    await producer.produce();
    inbox.push(103);
    await producer.produce();
    expect(log).toEqual(['batch 1: 1', 'batch 2: 1', 'batch 3: 2', 'batch 4: 1']);
    expect(bank.batches.map(({ data }) => [...data])).toEqual([[101], [102], [1, 2], [103]]);
  });

  it('closes a forced batch that an earlier run left open, and does not make it again', async () => {
    const { producer } = openWithForced(101);
    await bank.produceBlock([bank.resolve(decodeTransaction(forcedWire(101)))]);
    await producer.produce();
    expect(bank.batches.map(({ data }) => [...data])).toEqual([[101]]);
  });

  it('tries a forced withdrawal that nobody can pay for again behind the next batch', async () => {
    const { producer } = openWithForced(101);
    bank.rejects.set(101, 'InsufficientFundsForFee');
    await producer.produce();
    enqueue([1]);
    await producer.produce();
    await producer.produce();
    expect(bank.openBatch.transactions).toBe(1);
    bank.rejects.clear();
    await producer.produce();
    expect(log).toEqual([]);
    await producer.closeBatch();
    await producer.produce();
    expect(log).toEqual(['batch 1: 1', 'batch 2: 1']);
  });

  it('never goes on with a forced batch that is not the prescribed one', async () => {
    const { producer } = openWithForced(101);
    bank.closeBatch = async () => ({ data: Uint8Array.of(1) }) as Batch;
    await expect(producer.produce()).rejects.toThrow(/not the prescribed one/);
  });

  it('goes on without a deposit that no batch can take', async () => {
    const producer = openWithDeposits(1);
    let tried = 0;
    bank.creditDeposits = async () => {
      tried++;
      throw new PolyproofError('BAD_DEPOSIT', 'not this one');
    };
    enqueue([1, 2]);
    await producer.produce();
    await producer.closeBatch();
    await producer.produce();
    expect([tried, bank.nextDeposit]).toEqual([1, 0n]);
    expect(log).toEqual(['batch 1: 0 deposits, 2']);
    bank.creditDeposits = async () => {
      throw new PolyproofError('DISK_FAILED', 'full');
    };
    await expect(openWithDeposits(1).produce()).rejects.toThrow('full');
  });

  it('leaves arrivals during the slot to the next one', async () => {
    enqueue([1]);
    const { producer, events } = open();
    const unsubscribe = events.on('blockProduced', () => enqueue([2]));
    await producer.produce();
    unsubscribe();
    expect(bank.blocks).toEqual([[1]]);
    await producer.produce();
    expect(bank.blocks).toEqual([[1], [2]]);
  });

  it('closes a batch by age, counted from its first transaction', async () => {
    const { producer } = open();
    await producer.produce();
    now = 5_000;
    enqueue([1]);
    await producer.produce();
    now = 5_999;
    await producer.produce();
    expect(bank.lastBatch).toBe(0n);
    now = 6_000;
    await producer.produce();
    expect(log.at(-1)).toBe('batch 1: 1');
  });

  it('drops what cannot be included any more and goes on', async () => {
    bank.staleBlockhashes.add(7);
    bank.neverFit.add(3);
    enqueue([1], { blockhash: 7 });
    enqueue([2, 3, 4]);
    const { producer } = open();
    await producer.produce();
    await producer.drain();
    expect(log.filter((line) => line.startsWith('dropped'))).toEqual([
      'dropped 1: BlockhashExpired',
      'dropped 3: ExceedsBatchLimits',
    ]);
    expect(bank.blocks.flat()).toEqual([2, 4]);
    expect(mempool.pool.size).toBe(0);
  });

  it('knows a transaction from admission until it is settled', async () => {
    enqueue([1]);
    const [signature] = fakeTransaction(1).transaction.signatures;
    let knownInBlock: boolean | undefined;
    bank.work = async () => {
      knownInBlock = mempool.pool.has(signature!);
    };
    await open().producer.produce();
    expect(knownInBlock).toBe(true);
    expect(mempool.pool.has(signature!)).toBe(false);
  });

  it('gives up what the runtime rejects, with its reason', async () => {
    bank.rejects.set(2, 'AccountNotFound');
    enqueue([1, 2, 3]);
    await open().producer.produce();
    expect(bank.blocks).toEqual([[1, 3]]);
    expect(log).toContain('dropped 2: Rejected');
    expect(mempool.droppedReason(fakeTransaction(2).transaction.signatures[0]!)).toEqual({
      reason: 'Rejected',
      error: 'AccountNotFound',
    });
  });

  it('survives a listener that throws', async () => {
    const { producer, events } = open();
    events.on('blockProduced', () => {
      throw new TypeError('listener');
    });
    await expect(producer.produce()).resolves.toBeUndefined();
  });

  describe('with zk', () => {
    it('includes everything that waits, in order, and closes batches as they fill up', async () => {
      enqueue(upTo(9));
      await open().producer.produce();
      expect(bank.blocks).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
      expect(log).toEqual(['block 4', 'batch 1: 4', 'block 4', 'batch 2: 4', 'block 1']);
      expect(mempool.pool.size).toBe(0);
    });

    it('fills the open batch before it closes it', async () => {
      enqueue([1, 2, 3]);
      const { producer } = open();
      await producer.produce();
      enqueue([4, 5]);
      await producer.produce();
      expect(bank.blocks).toEqual([[1, 2, 3], [4], [5]]);
      expect(bank.batches.map((b) => b.transactions)).toEqual([4]);
    });

    it('ends the slot although transactions are deferred again and again', async () => {
      bank.blockCapacity = 0;
      enqueue([1, 2]);
      const { producer } = open();
      await producer.produce();
      await producer.drain();
      expect(bank.blocks).toEqual([[], []]);
      expect(mempool.pool.size).toBe(2);
    });
  });

  describe('with any', () => {
    beforeEach(() => use(10, 'any'));

    it('makes one block a slot, and begins a batch with a block that does not fit in the open one', async () => {
      enqueue(upTo(6));
      const { producer } = open();
      await producer.produce();
      enqueue(upTo(6, 7));
      await producer.produce();
      expect(log).toEqual(['block 6', 'batch 1: 6', 'block 6']);
      enqueue(upTo(14, 13));
      await producer.produce();
      await producer.produce();
      expect(bank.blocks.map((block) => block.length)).toEqual([6, 6, 10, 4]);
      expect(bank.blocks.flat()).toEqual(upTo(26));
    });

    it('offers a block no more transactions than configured, and tells it how long it may take', async () => {
      enqueue(upTo(7));
      await open({ maxBlockTransactions: 3, executionTimeMs: 77 }).producer.produce();
      expect(bank.blocks).toEqual([[1, 2, 3]]);
      expect(bank.deadlines).toEqual([77]);
    });

    it('puts deferred ones back in their place', async () => {
      bank.blockCapacity = 2;
      enqueue(upTo(5));
      const { producer } = open();
      await producer.produce();
      enqueue([6]);
      await producer.drain();
      expect(bank.blocks).toEqual([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
    });
  });

  describe('when blocks fail', () => {
    it('loses nothing, and goes on when they succeed again', async () => {
      enqueue([1, 2, 3]);
      bank.isBroken = true;
      const { producer } = open();
      for (let i = 0; i < 20; i++) await expect(producer.produce()).rejects.toMatchObject({ code: 'BROKEN' });
      expect(mempool.pool.size).toBe(3);
      expect(log).toEqual([]);
      bank.isBroken = false;
      await producer.drain();
      expect(bank.blocks.flat()).toEqual([1, 2, 3]);
    });

    it('gives up only the transaction that fails them', async () => {
      use(100, 'any');
      bank.failing.add(5);
      enqueue(upTo(12));
      const { producer } = open();
      let failures = 0;
      while (mempool.pool.size > 0) await producer.produce().catch(() => failures++);
      expect(failures).toBeGreaterThan(1);
      expect(bank.blocks.flat()).toEqual(upTo(12).filter((n) => n !== 5));
      expect(log.filter((line) => line.startsWith('dropped'))).toEqual(['dropped 5: ExecutionFailed']);
    });
  });

  describe('by itself', () => {
    it('produces until it is closed', async () => {
      const { producer, events } = open();
      const third = new Promise<void>((resolve) => {
        events.on('blockProduced', ({ block }) => block.slot === 3n && resolve());
      });
      producer.start();
      await third;
      await producer.close();
      const { slot } = bank;
      await producer.close();
      expect(bank.slot).toBe(slot);
    });

    it('finishes the block under way when it is closed', async () => {
      let finish: () => void = () => undefined;
      const { producer } = open();
      const begun = new Promise<void>((resolve) => {
        bank.work = () => {
          resolve();
          return new Promise<void>((done) => {
            finish = done;
          });
        };
      });
      producer.start();
      await begun;
      const closed = producer.close();
      expect(bank.slot).toBe(0n);
      finish();
      await closed;
      expect(bank.slot).toBe(1n);
    });

    it('says when blocks are overdue', async () => {
      const { producer, events } = open();
      const first = new Promise<void>((resolve) => {
        events.on('blockProduced', () => resolve());
      });
      expect(producer.isStalled).toBe(false);
      producer.start();
      await first;
      await producer.close();
      now = 10_001;
      expect(producer.isStalled).toBe(true);
      await producer.produce();
      expect(producer.isStalled).toBe(false);
    });
  });
});
