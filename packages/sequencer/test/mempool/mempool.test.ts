import { concatBytes, PolyproofError } from '@polyproof/base';
import { decodeBase58, encodeBase58, type RuntimeTransaction, type Transaction } from '@polyproof/svm';
import { beforeEach, describe, expect, it } from 'vitest';
import { Mempool, type MempoolOptions } from '../../src/mempool/mempool.js';
import { FakeBank } from '../support/fake-bank.js';
import { BLOCKHASH, type MessageParts, signer, transferTransaction } from '../support/wire.js';

const alice = signer('alice');
const bob = signer('bob');
const SOL = 1_000_000_000n;

/** Answers when it is told to; right away unless it is held. */
class FakeVerifier {
  isRight = true;
  error: Error | undefined;
  isHeld = false;
  calls = 0;
  readonly #held: (() => void)[] = [];

  async verify(_transaction: Transaction): Promise<boolean> {
    this.calls++;
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.error !== undefined) throw this.error;
    return this.isRight;
  }

  release(): void {
    this.isHeld = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

let bank: FakeBank;
let signatures: FakeVerifier;
let mempool: Mempool;
let dropped: [string, string][];
let exceeds: string | undefined;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const transfer = (parts: Partial<MessageParts> = {}) =>
  transferTransaction({ payer: alice, to: bob.address, lamports: 1n, ...parts });
/** of a transaction with one signer */
const messageOf = (bytes: Uint8Array) => bytes.subarray(65);
const signatureOf = (bytes: Uint8Array) => bytes.subarray(1, 65);
/** The last byte of a transfer's message, so that tests choose priorities by the highest byte of the amount. */
const priceOf = ({ transaction }: RuntimeTransaction) => BigInt(transaction.bytes.at(-1)!);
const paying = (price: number, parts: Partial<MessageParts> = {}) =>
  transfer({ lamports: BigInt(price) << 56n, ...parts });

function open(options: MempoolOptions = {}, execution: 'zk' | 'any' = 'zk'): void {
  bank = new FakeBank(4, execution);
  bank.fund(alice.address, SOL);
  signatures = new FakeVerifier();
  dropped = [];
  exceeds = undefined;
  mempool = new Mempool(
    { capacity: 3, maxPerFeePayer: 3, ...options },
    {
      bank,
      signatures,
      costs: { priority: priceOf, exceedsLimits: () => exceeds },
      onDropped: ({ signatures: [signature] }, { reason }) => dropped.push([hex(signature!), reason]),
    },
  );
}

async function refusal(bytes: Uint8Array): Promise<PolyproofError & { transactionError?: unknown }> {
  const { size } = mempool.pool;
  const error = await mempool.add(bytes).then(
    () => expect.fail('the transaction was admitted'),
    (e: unknown) => e,
  );
  expect(mempool.pool.size).toBe(size);
  return error as never;
}

beforeEach(() => open());

describe('Mempool', () => {
  it('admits transfers in the order of arrival', async () => {
    const transactions = [1n, 2n, 3n].map((lamports) => transfer({ lamports }));
    for (const bytes of transactions) expect(await mempool.add(bytes)).toEqual(signatureOf(bytes));
    expect(mempool.pool.take(9).map((t) => t.transaction.bytes)).toEqual(transactions);
    expect(mempool.signatureChecks).toEqual({ underWay: 0, passed: 3, failed: 0 });
  });

  it('admits version 0 without lookup tables, and several signers', async () => {
    await mempool.add(transfer({ version: 0 }));
    await mempool.add(transfer({ cosigners: [signer('carol')] }));
    expect(mempool.pool.size).toBe(2);
  });

  it('admits a transaction once, also when copies arrive together', async () => {
    const bytes = transfer();
    const added = await Promise.all([mempool.add(bytes), mempool.add(bytes), mempool.add(bytes)]);
    expect(new Set(added.map(hex)).size).toBe(1);
    expect(mempool.pool.size).toBe(1);
    mempool.pool.take(1);
    await mempool.add(bytes); // being executed right now
    expect(mempool.pool.size).toBe(0);
  });

  it('refuses what has been processed, and what crashed the engine', async () => {
    bank.processed.add(hex(messageOf(transfer())));
    expect(await refusal(transfer())).toMatchObject({
      code: 'ALREADY_PROCESSED',
      transactionError: 'AlreadyProcessed',
    });
    bank.poisonous.add(hex(messageOf(transfer({ lamports: 2n }))));
    expect(await refusal(transfer({ lamports: 2n }))).toMatchObject({ code: 'ENGINE_CRASHING' });
    expect(signatures.calls).toBe(0);
  });

  it('refuses stale blockhashes', async () => {
    bank = Object.assign(bank, {
      resolve: (transaction: Transaction) => ({
        ...FakeBank.prototype.resolve.call(bank, transaction),
        nonceAccount: undefined,
      }),
    });
    bank.staleBlockhashes.add(BLOCKHASH[0]!);
    expect(await refusal(transfer())).toMatchObject({ code: 'BLOCKHASH_NOT_FOUND' });
  });

  it('takes a nonce in the place of a blockhash, if the account holds it and its authority signs', async () => {
    const nonce = (parts: {
      version?: number;
      state?: number;
      authority?: Uint8Array;
      value?: Uint8Array;
    }) => {
      const { version = 1, state = 1, authority = alice.address, value = BLOCKHASH } = parts;
      const head = Uint8Array.of(version, 0, 0, 0, state, 0, 0, 0);
      return concatBytes(head, authority, value, new Uint8Array(8));
    };
    bank.staleBlockhashes.add(BLOCKHASH[0]!);
    const refused = async () => expect((await refusal(transfer())).code).toBe('BLOCKHASH_NOT_FOUND');
    await refused(); // no account
    const bad = [
      { version: 0 },
      { state: 0 },
      { authority: signer('carol').address },
      { value: new Uint8Array(32) },
    ];
    for (const parts of bad) {
      bank.fund(bob.address, SOL, { data: nonce(parts) });
      await refused();
    }
    bank.fund(bob.address, SOL, { data: nonce({}), owner: signer('program').address });
    await refused();
    bank.fund(bob.address, SOL, { data: nonce({}).subarray(1) });
    await refused();
    bank.fund(bob.address, SOL, { data: nonce({}) });
    await mempool.add(transfer());
    mempool.dropExpired();
    expect(mempool.pool.size).toBe(1);
  });

  it('refuses wrong signatures, and says whose were checked', async () => {
    signatures.isRight = false;
    const carol = signer('carol');
    const error = await refusal(transfer({ cosigners: [carol] }));
    expect(error).toMatchObject({
      code: 'SIGNATURE_FAILURE',
      details: { signers: [expect.any(String), expect.any(String)] },
    });
    expect(mempool.signatureChecks).toEqual({ underWay: 0, passed: 0, failed: 1 });
  });

  it('hands on the failure of the check itself, and forgets it', async () => {
    signatures.error = new PolyproofError('BROKEN', 'no workers');
    expect((await refusal(transfer())).code).toBe('BROKEN');
    signatures.error = undefined;
    await mempool.add(transfer());
    expect(mempool.signatureChecks).toEqual({ underWay: 0, passed: 1, failed: 0 });
  });

  it('refuses a fee payer that cannot pay', async () => {
    bank.accounts.delete(hex(alice.address));
    expect(await refusal(transfer())).toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
    bank.fund(alice.address, 4_999n);
    expect(await refusal(transfer())).toMatchObject({
      code: 'INSUFFICIENT_FUNDS_FOR_FEE',
      details: { balanceLamports: 4_999n, feeLamports: 5_000n },
    });
    bank.fund(alice.address, 5_000n);
    await mempool.add(transfer());
  });

  it('refuses a fee payer that is no System account, or that the fee leaves short of rent', async () => {
    const owner = signer('program').address;
    bank.fund(alice.address, SOL, { owner });
    expect(await refusal(transfer())).toMatchObject({ transactionError: 'InvalidAccountForFee' });
    bank.fund(alice.address, SOL, { data: new Uint8Array(79) });
    expect(await refusal(transfer())).toMatchObject({ transactionError: 'InvalidAccountForFee' });
    bank.fund(alice.address, 890_880n + 4_999n);
    expect(await refusal(transfer())).toMatchObject({
      transactionError: { InsufficientFundsForRent: { account_index: 0 } },
    });
    bank.fund(alice.address, 890_879n);
    expect(await refusal(transfer())).toMatchObject({
      transactionError: { InsufficientFundsForRent: { account_index: 0 } },
    });
    bank.fund(alice.address, 890_880n + 5_000n);
    await mempool.add(transfer());
  });

  it('refuses more transactions of a payer than its balance pays', async () => {
    bank.fund(alice.address, 890_880n + 10_000n);
    await mempool.add(transfer({ lamports: 1n }));
    await mempool.add(transfer({ lamports: 2n }));
    expect(await refusal(transfer({ lamports: 3n }))).toMatchObject({
      transactionError: { InsufficientFundsForRent: { account_index: 0 } },
    });
    bank.fund(alice.address, 14_999n);
    expect(await refusal(transfer({ lamports: 3n }))).toMatchObject({
      code: 'INSUFFICIENT_FUNDS_FOR_FEE',
      details: { waitingFeesLamports: 10_000n },
    });
    bank.fund(alice.address, SOL);
    mempool.pool.settle(mempool.pool.take(1));
    await mempool.add(transfer({ lamports: 3n }));
  });

  it('refuses what cannot be proved, naming program and reason; `any` does not', async () => {
    const program = signer('program').address;
    const other = await refusal(transfer({ program }));
    expect(other).toMatchObject({ code: 'NOT_PROVABLE', details: { program: expect.any(String) } });
    // data of this length is none of the ComputeBudget program's
    const budget = decodeBase58('ComputeBudget111111111111111111111111111111');
    expect(await refusal(transfer({ program: budget }))).toMatchObject({
      code: 'NOT_PROVABLE',
      details: { program: encodeBase58(budget), reason: expect.stringContaining('12 bytes of data') },
    });
    await mempool.add(transfer({ instructions: 2 }));
    const table = concatBytes(Uint8Array.of(1), new Uint8Array(32).fill(7), Uint8Array.of(1, 0, 0));
    expect((await refusal(transfer({ version: 0, lookupTables: table }))).code).toBe('NOT_PROVABLE');
    open({}, 'any');
    await mempool.add(transfer({ program }));
    await mempool.add(transfer({ instructions: 2 }));
  });

  it('refuses what the runtime would never include, under its name', async () => {
    class Rejected extends PolyproofError {
      readonly transactionError = { DuplicateInstruction: 1 };
    }
    bank.refusal = new Rejected('TRANSACTION_REJECTED', 'instruction 1 is a duplicate');
    expect(await refusal(transfer())).toMatchObject({
      code: 'TRANSACTION_REFUSED',
      message: 'instruction 1 is a duplicate',
      transactionError: { DuplicateInstruction: 1 },
    });
    exceeds = 'WouldExceedMaxBlockCostLimit';
    expect(await refusal(transfer())).toMatchObject({ transactionError: 'WouldExceedMaxBlockCostLimit' });
    bank.refusal = new TypeError('a defect');
    await expect(mempool.add(transfer())).rejects.toThrow(TypeError);
  });

  it('refuses bytes that are not one canonical transaction', async () => {
    const good = transfer();
    for (const bytes of [new Uint8Array(), good.subarray(0, 100), concatBytes(good, Uint8Array.of(0))])
      expect((await refusal(bytes)).name).toBe('TransactionDecodeError');
  });

  it('looks at the state again after the signatures were checked', async () => {
    signatures.isHeld = true;
    const late = [1n, 2n].map((lamports) => mempool.add(transfer({ lamports })));
    const results = Promise.allSettled(late);
    bank.processed.add(hex(messageOf(transfer({ lamports: 1n }))));
    bank.slot++;
    bank.fund(alice.address, 5_000n);
    signatures.release();
    expect(await results).toMatchObject([{ reason: { code: 'ALREADY_PROCESSED' } }, { status: 'fulfilled' }]);
  });

  it('is bounded, also under simultaneous arrivals', async () => {
    const results = await Promise.allSettled(
      [1n, 2n, 3n, 4n, 5n].map((lamports) => mempool.add(transfer({ lamports }))),
    );
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(3);
    expect(mempool.isFull).toBe(true);
    const { calls } = signatures;
    expect(await refusal(transfer({ lamports: 6n }))).toMatchObject({ code: 'MEMPOOL_FULL' });
    expect(signatures.calls).toBe(calls); // no work for what has no room
    mempool.pool.settle(mempool.pool.take(1));
    await mempool.add(transfer({ lamports: 6n }));
  });

  it('bounds the transactions of a fee payer', async () => {
    open({ capacity: 8 });
    bank.fund(bob.address, SOL);
    for (const lamports of [1n, 2n, 3n]) await mempool.add(transfer({ lamports }));
    expect(await refusal(transfer({ lamports: 4n }))).toMatchObject({
      name: 'FeePayerLimitError',
      code: 'MEMPOOL_FULL',
    });
    await mempool.add(transfer({ payer: bob, to: alice.address }));
  });

  it('bounds the signature checks under way', async () => {
    open({ maxSignatureChecks: 2 });
    signatures.isHeld = true;
    const under = [1n, 2n].map((lamports) => mempool.add(transfer({ lamports })));
    expect(mempool.isFull).toBe(true);
    expect(await refusal(transfer({ lamports: 3n }))).toMatchObject({
      name: 'SignatureChecksFullError',
      code: 'MEMPOOL_FULL',
    });
    signatures.release();
    await Promise.all(under);
    await mempool.add(transfer({ lamports: 3n }));
  });

  it('gives up the worst paying one for a better paying one, and says so', async () => {
    open({ maxPerFeePayer: 9 }, 'any');
    const low = paying(1);
    for (const bytes of [low, paying(2), paying(3)]) await mempool.add(bytes);
    expect(await refusal(transfer({ lamports: (1n << 56n) + 1n }))).toMatchObject({ code: 'MEMPOOL_FULL' });
    await mempool.add(paying(9));
    expect(dropped).toEqual([[hex(signatureOf(low)), 'Evicted']]);
    expect(mempool.droppedReason(signatureOf(low))).toEqual({ reason: 'Evicted' });
    mempool.pool.settle(mempool.pool.take(3));
    await mempool.add(low); // and once it is back, nothing is said of it
    expect(mempool.droppedReason(signatureOf(low))).toBeUndefined();
  });

  it('has no priorities where the circuits prove no priority fees', async () => {
    const order = [1, 9, 5].map((price) => paying(price));
    for (const bytes of order) await mempool.add(bytes);
    expect(mempool.pool.take(9).map((t) => t.transaction.bytes)).toEqual(order);
  });

  it('drops what waits with a blockhash that is too old by now', async () => {
    const old = transfer({ blockhash: new Uint8Array(32).fill(7) });
    await mempool.add(old);
    await mempool.add(transfer());
    bank.staleBlockhashes.add(7);
    mempool.dropExpired();
    expect(dropped).toEqual([[hex(signatureOf(old)), 'BlockhashExpired']]);
    expect(mempool.pool.size).toBe(1);
  });

  it('remembers why the last ones were dropped', async () => {
    open({ capacity: 9, maxPerFeePayer: 9, rememberedDrops: 2 });
    const all = [1n, 2n, 3n].map((lamports) => transfer({ lamports }));
    for (const bytes of all) await mempool.add(bytes);
    const [first, ...others] = mempool.pool.take(9);
    mempool.drop([first!], 'ExecutionFailed');
    mempool.reject(
      others.map((transaction) => ({ transaction, error: { InstructionError: [0, 'Custom'] } })),
    );
    expect(all.map((bytes) => mempool.droppedReason(signatureOf(bytes))?.reason)).toEqual([
      undefined,
      'Rejected',
      'Rejected',
    ]);
    expect(mempool.droppedReason(signatureOf(all[2]!))?.error).toEqual({ InstructionError: [0, 'Custom'] });
  });
});
