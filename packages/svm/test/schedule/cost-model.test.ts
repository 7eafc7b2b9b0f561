import { describe, expect, it } from 'vitest';
import { decodeBase58 } from '../../src/index.js';
import { resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import {
  DEFAULT_BLOCK_LIMITS,
  exceedsLimits,
  loadedDataCost,
  transactionCost,
  writableDataCost,
} from '../../src/runtime/schedule/cost-model.js';
import { priority } from '../../src/runtime/schedule/priority.js';
import { compile, computeBudget, type InstructionParts, systemTransfer } from '../resolve/messages.js';
import { addressOf, nothing } from './make-transaction.js';

const of = (...instructions: InstructionParts[]) => resolveTransaction(compile(instructions), nothing);
const program = addressOf('program');
const transfer = systemTransfer(addressOf('to'), 1n);

describe('the cost of a transaction', () => {
  it('is that of Agave', () => {
    // signature, two write locks, 12 bytes of data; 3,000 compute units; 64 MiB of accounts
    expect(transactionCost(of(transfer))).toEqual({
      fixed: 720 + 600 + 3,
      requested: 720 + 600 + 3 + 3_000 + 16_384,
    });
  });

  it('counts the compute units and the loaded data that are asked for', () => {
    const { fixed, requested } = transactionCost(
      of({ program }, computeBudget(2, 1_000n), computeBudget(4, 32_769n)),
    );
    expect(fixed).toBe(720 + 300 + Math.floor((5 + 5) / 4));
    expect(requested).toBe(fixed + 1_000 + 16);
    expect(loadedDataCost(0)).toBe(0);
    expect(loadedDataCost(1)).toBe(8);
    expect(loadedDataCost(32_768)).toBe(8);
  });

  it('counts signatures that precompiles check', () => {
    const precompile = (name: string, count: number) => ({
      program: decodeBase58(name),
      data: Uint8Array.of(count, 0),
    });
    const cost = transactionCost(
      of(
        precompile('Ed25519SigVerify111111111111111111111111111', 1),
        precompile('KeccakSecp256k11111111111111111111111111111', 2),
        precompile('Secp256r1SigVerify1111111111111111111111111', 3),
      ),
    );
    expect(cost.fixed).toBe(720 + 2_400 + 2 * 6_690 + 3 * 4_800 + 300 + 1);
  });

  it('counts the write locks that are asked for, also where the runtime grants none', () => {
    const clock = decodeBase58('SysvarC1ock11111111111111111111111111111111');
    const locked = of({ program, accounts: [{ address: clock, writable: true }] });
    expect(locked.writable.filter(Boolean)).toHaveLength(1);
    expect(transactionCost(locked).fixed).toBe(720 + 600);
  });
});

describe('limits', () => {
  it('say which transactions no block can include', () => {
    const transaction = of(transfer);
    const cost = transactionCost(transaction).requested;
    expect(exceedsLimits(transaction)).toBeUndefined();
    expect(exceedsLimits(transaction, { ...DEFAULT_BLOCK_LIMITS, accountCost: cost })).toBeUndefined();
    expect(exceedsLimits(transaction, { ...DEFAULT_BLOCK_LIMITS, accountCost: cost - 1 })).toBe(
      'WouldExceedMaxAccountCostLimit',
    );
    expect(exceedsLimits(transaction, { blockCost: cost - 1, accountCost: cost })).toBe(
      'WouldExceedMaxBlockCostLimit',
    );
  });
});

describe('data of a writable account', () => {
  it('costs nothing while it is small, and the largest account of Solana fits in a block', () => {
    expect(writableDataCost(10 * 1024)).toBe(0);
    expect(writableDataCost(10 * 1024 + 1)).toBe(2);
    expect(writableDataCost(10 * 1024 * 1024)).toBeLessThan(DEFAULT_BLOCK_LIMITS.accountCost - 1_400_000);
  });
});

describe('priority', () => {
  it('is what the producer earns for the cost', () => {
    const cost = BigInt(transactionCost(of(transfer)).requested);
    expect(priority(of(transfer))).toBe((2_500n * 1_000_000n) / (cost + 1n));
  });

  it('grows with the price, and shrinks with what is asked for', () => {
    const priced = (limit: bigint, price: bigint) =>
      priority(of({ program }, computeBudget(2, limit), computeBudget(3, price)));
    expect(priced(10_000n, 2_000_000n)).toBeGreaterThan(priced(10_000n, 1_000_000n));
    expect(priced(10_000n, 0n)).toBeGreaterThan(priced(1_000_000n, 0n));
  });
});
