import type { Account } from '@polyproof/state';
import { NotProvableError } from '../errors.js';
import { CIRCUIT_LIMITS } from '../generated/circuit-limits.js';
import type { Message } from '../message.js';
import { touchedAddresses } from '../touched.js';
import { batchCapacity } from './batch-capacity.js';
import { ZkvmError } from './errors.js';
import { provableBlocks } from './provable-blocks.js';
import { provablePrograms } from './provable-programs.js';
import { runTransactions } from './transaction-run.js';
import { type Usage, usageOf } from './usage.js';

const CAPACITY = batchCapacity(CIRCUIT_LIMITS);

/** What a transaction takes of a batch, and what it does to the accounts that it touches. */
export interface MeasuredTransaction {
  usage: Usage;
  accounts: { address: Uint8Array; before: Account | null; after: Account | null }[];
}

/**
 * Executes a transaction on the machine that proves it.
 * @param get - accounts before it
 * @throws {NotProvableError} where the machine cannot follow it, or it takes more room than a batch has
 */
export function measureTransaction(
  message: Message,
  get: (address: Uint8Array) => Account | null,
): MeasuredTransaction {
  const accounts = touchedAddresses(message).map((address) => ({ address, account: get(address) }));
  const addresses = accounts.map(({ address }) => address);
  try {
    const [block] = provableBlocks([[message]], addresses[0]!, addresses);
    const programs = provablePrograms();
    const run = runTransactions({
      accounts,
      programs,
      blocks: [{ transactions: block!.transactions }],
      capacity: CAPACITY,
    });
    return {
      usage: usageOf(run, programs),
      accounts: accounts.map(({ address, account }, i) => ({
        address,
        before: account,
        after: run.after[i]!,
      })),
    };
  } catch (error) {
    if (error instanceof ZkvmError) throw new NotProvableError(error.message);
    throw error;
  }
}

let blockEnd: Usage | undefined;

/** What the end of a block takes of a batch: the longer way, on which the collector gets the fees. */
export function blockEndUsage(): Usage {
  const lamports = 1n << 62n;
  const owner = new Uint8Array(32);
  const account = { lamports, owner, data: new Uint8Array(), executable: false, rentEpoch: 0n };
  const programs = provablePrograms();
  blockEnd ??= usageOf(
    runTransactions({
      accounts: [{ address: Uint8Array.from({ length: 32 }, () => 1), account }],
      programs,
      blocks: [{ transactions: [], collector: 0 }],
      capacity: CAPACITY,
    }),
    programs,
  );
  return blockEnd;
}
