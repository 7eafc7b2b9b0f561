import { EventHub, silentLogger } from '@polyproof/base';
import { beforeEach, describe, expect, it } from 'vitest';
import { BlockProducer, type SequencerEvents, TransactionQueue } from '../src/index.js';
import { FakeBank, fakeTransaction, numberOf } from './fakes.js';

let bank: FakeBank;
let queue: TransactionQueue;
let now: number;

function open() {
  const events = new EventHub<SequencerEvents>(silentLogger);
  const log: string[] = [];
  events.on('blockProduced', ({ block }) => log.push(`block ${block.signatures.length}`));
  events.on('batchClosed', ({ batch }) => log.push(`batch ${batch.number}: ${batch.transactions}`));
  events.on('transactionDropped', ({ transaction, reason }) =>
    log.push(`dropped ${numberOf(transaction)}: ${reason}`),
  );
  const options = { blockTimeMs: 5, batchTimeoutMs: 1_000 };
  const producer = new BlockProducer(options, { bank, queue, events, logger: silentLogger, now: () => now });
  return { producer, log, events };
}

function enqueue(...numbers: number[]): void {
  for (const n of numbers) queue.push(fakeTransaction(n));
}

beforeEach(() => {
  bank = new FakeBank(4);
  queue = new TransactionQueue({ capacity: 100 });
  now = 0;
});

describe('BlockProducer', () => {
  it('lets time pass with empty blocks that open no batch', async () => {
    const { producer, log } = open();
    await producer.produce();
    await producer.produce();
    expect(bank.slot).toBe(2n);
    expect(bank.openBatch.transactions).toBe(0);
    expect(await producer.closeBatch()).toBeUndefined();
    expect(log).toEqual(['block 0', 'block 0']);
  });

  it('includes everything that waits, in order, and closes batches as they fill up', async () => {
    enqueue(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const { producer, log } = open();
    await producer.produce();
    expect(bank.blocks).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
    expect(log).toEqual(['block 4', 'batch 1: 4', 'block 4', 'batch 2: 4', 'block 1']);
    expect(queue.size).toBe(0);
  });

  it('fills the open batch before it closes it', async () => {
    enqueue(1, 2, 3);
    const { producer } = open();
    await producer.produce();
    enqueue(4, 5);
    await producer.produce();
    expect(bank.blocks).toEqual([[1, 2, 3], [4], [5]]);
    expect(bank.batches.map((b) => b.transactions)).toEqual([4]);
  });

  it('leaves arrivals during the slot to the next one', async () => {
    enqueue(1);
    const { producer, events } = open();
    const unsubscribe = events.on('blockProduced', () => enqueue(2));
    await producer.produce();
    unsubscribe();
    expect(bank.blocks).toEqual([[1]]);
    await producer.produce();
    expect(bank.blocks).toEqual([[1], [2]]);
  });

  it('closes a batch by age, counted from its first transaction', async () => {
    const { producer, log } = open();
    await producer.produce();
    now = 5_000;
    enqueue(1);
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
    queue.push(fakeTransaction(1, 7));
    enqueue(2, 3, 4);
    const { producer, log } = open();
    await producer.produce();
    expect(log.filter((line) => line.startsWith('dropped'))).toEqual([
      'dropped 1: BlockhashExpired',
      'dropped 3: ExceedsBatchLimits',
    ]);
    expect(bank.blocks.flat()).toEqual([2, 4]);
    expect(queue.size).toBe(0);
  });

  it('loses nothing when execution fails, and gives up only the transaction that causes it', async () => {
    bank.poisonous.add(2);
    enqueue(1, 2, 3);
    const { producer, log } = open();
    let failures = 0;
    while (queue.size > 0) await producer.produce().catch(() => failures++);
    expect(failures).toBeGreaterThan(1);
    expect(bank.blocks.flat()).toEqual([1, 3]);
    expect(log).toContain('dropped 2: ExecutionFailed');
  });

  it('knows a transaction from admission until it is settled', async () => {
    enqueue(1);
    const [copy] = [fakeTransaction(1)];
    expect(queue.has(copy!)).toBe(true);
    const { producer, events } = open();
    events.on('blockProduced', () => expect(queue.has(copy!)).toBe(false));
    await producer.produce();
    expect(queue.has(copy!)).toBe(false);
  });

  it('produces by itself until it is closed', async () => {
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

  it('survives a listener that throws', async () => {
    const { producer, events } = open();
    events.on('blockProduced', () => {
      throw new TypeError('listener');
    });
    await expect(producer.produce()).resolves.toBeUndefined();
  });
});
