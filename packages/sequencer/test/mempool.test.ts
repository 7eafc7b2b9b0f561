import { concatBytes } from '@polyproof/base';
import { beforeEach, describe, expect, it } from 'vitest';
import { Mempool } from '../src/index.js';
import { FakeBank } from './fakes.js';
import { BLOCKHASH, type MessageParts, signer, transferTransaction } from './wire.js';

const alice = signer('alice');
const bob = signer('bob');
const SOL = 1_000_000_000n;

let bank: FakeBank;
let mempool: Mempool;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const transfer = (parts: Partial<MessageParts> = {}) =>
  transferTransaction({ payer: alice, to: bob.address, lamports: 1n, ...parts });

beforeEach(() => {
  bank = new FakeBank();
  bank.accounts.set(hex(alice.address), SOL);
  mempool = new Mempool({ lamportsPerSignature: 5_000n, capacity: 3 }, { bank });
});

async function refusal(
  bytes: Uint8Array,
): Promise<{ code: string; name: string; details: unknown; message: string }> {
  const { size } = mempool.queue;
  const error = await mempool.add(bytes).then(
    () => expect.fail('the transaction was admitted'),
    (e: unknown) => e,
  );
  expect(mempool.queue.size).toBe(size);
  return error as never;
}

describe('Mempool', () => {
  it('admits transfers in the order of arrival', async () => {
    const transactions = [1n, 2n, 3n].map((lamports) => transfer({ lamports }));
    for (const bytes of transactions) expect(await mempool.add(bytes)).toEqual(bytes.subarray(1, 65));
    const taken = [mempool.queue.take(), mempool.queue.take(), mempool.queue.take()];
    expect(taken.map((t) => t?.bytes)).toEqual(transactions);
    expect(mempool.queue.take()).toBeUndefined();
  });

  it('admits version 0 without lookup tables, and several signers', async () => {
    await mempool.add(transfer({ version: 0 }));
    await mempool.add(transfer({ cosigners: [signer('carol')] }));
    expect(mempool.queue.size).toBe(2);
  });

  it('admits a transaction once, also when copies arrive together', async () => {
    const bytes = transfer();
    const signatures = await Promise.all([mempool.add(bytes), mempool.add(bytes), mempool.add(bytes)]);
    expect(new Set(signatures.map(hex)).size).toBe(1);
    expect(mempool.queue.size).toBe(1);
    mempool.queue.take();
    await mempool.add(bytes); // being executed right now
    expect(mempool.queue.size).toBe(0);
  });

  it('refuses what has been processed, but not what was rejected without effect', async () => {
    const bytes = transfer();
    const id = hex(bytes.subarray(1, 65));
    for (const status of ['ok', 'failed'] as const) {
      bank.statuses.set(id, status);
      expect(await refusal(bytes)).toMatchObject({
        name: 'AlreadyProcessedError',
        code: 'ALREADY_PROCESSED',
      });
    }
    bank.statuses.set(id, 'rejected');
    await mempool.add(bytes);
  });

  it('refuses stale blockhashes', async () => {
    bank.staleBlockhashes.add(BLOCKHASH[0]!);
    expect(await refusal(transfer())).toMatchObject({ code: 'BLOCKHASH_NOT_FOUND' });
  });

  it('checks the signature of every signer', async () => {
    const carol = signer('carol');
    const good = transfer({ cosigners: [carol] });
    for (const at of [5, 1 + 64 + 5]) {
      const bad = good.slice();
      bad[at]! ^= 1;
      expect(await refusal(bad)).toMatchObject({ code: 'SIGNATURE_FAILURE' });
    }
    const changed = transfer();
    changed[changed.length - 1]! ^= 1; // the amount
    expect(await refusal(changed)).toMatchObject({ name: 'SignatureFailureError' });
  });

  it('refuses a signer whose address is not a point of the curve', async () => {
    const off = { ...alice, address: new Uint8Array(32).fill(2) };
    bank.accounts.set(hex(off.address), SOL);
    expect(await refusal(transfer({ payer: off }))).toMatchObject({ code: 'SIGNATURE_FAILURE' });
  });

  it('refuses a fee payer that cannot pay', async () => {
    bank.accounts.delete(hex(alice.address));
    expect(await refusal(transfer())).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
    bank.accounts.set(hex(alice.address), 4_999n);
    expect(await refusal(transfer())).toMatchObject({
      code: 'INSUFFICIENT_FUNDS_FOR_FEE',
      details: { balanceLamports: 4_999n, feeLamports: 5_000n },
    });
    bank.accounts.set(hex(alice.address), 5_000n);
    await mempool.add(transfer());
  });

  it('refuses what cannot be proved, naming program and reason', async () => {
    const program = signer('program').address;
    const other = await refusal(transfer({ program }));
    expect(other).toMatchObject({ code: 'NOT_PROVABLE', details: { program: expect.any(String) } });
    expect((await refusal(transfer({ instructions: 2 }))).code).toBe('NOT_PROVABLE');
    const table = concatBytes(Uint8Array.of(1), new Uint8Array(32).fill(7), Uint8Array.of(1, 0, 0));
    expect((await refusal(transfer({ version: 0, lookupTables: table }))).code).toBe('NOT_PROVABLE');
  });

  it('refuses bytes that are not one canonical transaction', async () => {
    const good = transfer();
    for (const bytes of [new Uint8Array(), good.subarray(0, 100), concatBytes(good, Uint8Array.of(0))])
      expect((await refusal(bytes)).name).toBe('TransactionDecodeError');
  });

  it('is bounded', async () => {
    for (const lamports of [1n, 2n, 3n]) await mempool.add(transfer({ lamports }));
    expect(await refusal(transfer({ lamports: 4n }))).toMatchObject({
      code: 'MEMPOOL_FULL',
      details: { capacity: 3 },
    });
    mempool.queue.settle([mempool.queue.take()!]);
    await mempool.add(transfer({ lamports: 4n }));
  });

  it('is bounded under simultaneous arrivals', async () => {
    const results = await Promise.allSettled(
      [1n, 2n, 3n, 4n, 5n].map((lamports) => mempool.add(transfer({ lamports }))),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(3);
    expect(mempool.queue.size).toBe(3);
  });
});
