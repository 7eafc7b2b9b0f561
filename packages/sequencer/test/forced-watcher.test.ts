import { silentLogger } from '@polyproof/base';
import type { ForcedEntry } from '@polyproof/chain';
import { type Batch, decodeTransaction, forcedBatchData, forcedMessage } from '@polyproof/svm';
import { expect, it } from 'vitest';
import { ForcedWatcher } from '../src/forced-watcher.js';
import type { SettlementPort } from '../src/ports.js';

const entry = (index: number): ForcedEntry => ({
  index: BigInt(index),
  payer: new Uint8Array(32).fill(1),
  recipient: new Uint8Array(20).fill(2),
  lamports: 1_000_000n,
  blockhash: new Uint8Array(32).fill(100 + index),
  signature: new Uint8Array(64).fill(index),
  dueBlock: 9n,
});
const dataOf = (index: number) => forcedBatchData(forcedMessage(entry(index)));

function open() {
  const chain = { submitted: 0n, next: 0, asked: [] as unknown[] };
  const batches: Uint8Array[] = [];
  const bank = {
    get lastBatch() {
      return BigInt(batches.length);
    },
    getBatch: (number: bigint) => ({ data: batches[Number(number) - 1]! }) as Batch,
  };
  const settlement = {
    getState: async () => ({ lastBatch: chain.submitted }),
  } as Pick<SettlementPort, 'getState'>;
  const inbox = {
    getForced: async (options: object) => {
      chain.asked.push(options);
      return [0, 1, 2].slice(chain.next).map(entry);
    },
  };
  const watcher = new ForcedWatcher(
    { depositConfirmations: 3 },
    { inbox, settlement, bank, logger: silentLogger },
  );
  return { watcher, chain, batches };
}

it('tells what the base chain prescribes', async () => {
  const { watcher, chain } = open();
  expect(watcher.next()).toBeUndefined();
  await watcher.look();
  const next = watcher.next()!;
  expect(next.index).toBe(0n);
  expect(next.data).toEqual(dataOf(0));
  const { signatures, message } = decodeTransaction(next.wire);
  expect(signatures).toEqual([entry(0).signature]);
  expect(message.recentBlockhash).toEqual(entry(0).blockhash);
  expect(chain.asked).toEqual([{ limit: 16, confirmations: 3 }]);
});

it('passes over what is in a closed batch, submitted or not, whatever the chain shows yet', async () => {
  const { watcher, chain, batches } = open();
  await watcher.look();
  batches.push(Uint8Array.of(1, 0), dataOf(0));
  expect(watcher.next()?.index).toBe(1n);
  // Submitted, but not looked at again
  chain.submitted = 2n;
  chain.next = 1;
  expect(watcher.next()?.index).toBe(1n);
  await watcher.look();
  expect(watcher.next()?.index).toBe(1n);
  batches.push(dataOf(1), dataOf(2));
  expect(watcher.next()).toBeUndefined();
});

it('forgets what was rolled back', async () => {
  const { watcher, batches } = open();
  batches.push(dataOf(0));
  await watcher.look();
  expect(watcher.next()?.index).toBe(1n);
  batches.pop();
  expect(watcher.next()?.index).toBe(0n);
});
