import type { Field } from '@polyproof/base';
import type { ExecutionMode } from '../rollup-config.js';
import { RecordReader, RecordWriter } from './record.js';
import type { BankTables } from './tables.js';
import type { WriteSet } from './write-set.js';

/** Number of the database's layout: another one cannot be read. */
const LAYOUT = 2;
const KEY = Buffer.from('head');
const MODES: readonly ExecutionMode[] = ['zk', 'any'];

/** The newest state of a bank beside its accounts: rewritten with every block, and so kept short. */
export interface Head {
  execution: ExecutionMode;
  /** what the directory belongs to */
  configHash: Field;
  genesisFingerprint: Uint8Array;
  genesisStateRoot: Field;
  slot: bigint;
  stateRoot: Field;
  lastBatch: bigint;
  /** after the last batch */
  dataHash: Field;
  /** oldest slot whose transactions are kept */
  firstSlot: bigint;
  /** oldest batch that can be rolled back: the state at the end of the one before is kept */
  firstBatch: bigint;
  /** newest batch that nothing takes back any more */
  finalBatch: bigint;
  /** index in the base chain's inbox of the next deposit */
  nextDeposit: bigint;
}

/** @throws {BankError} `BAD_DATABASE` on a database of another layout */
export function readHead(tables: BankTables): Head | undefined {
  const bytes = tables.head.get(KEY);
  if (bytes === undefined) return undefined;
  const reader = new RecordReader('a state', LAYOUT, bytes);
  return {
    execution: MODES[reader.u8()]!,
    configHash: reader.field(),
    genesisFingerprint: reader.raw(32),
    genesisStateRoot: reader.field(),
    slot: reader.u64(),
    stateRoot: reader.field(),
    lastBatch: reader.u64(),
    dataHash: reader.field(),
    firstSlot: reader.u64(),
    firstBatch: reader.u64(),
    finalBatch: reader.u64(),
    nextDeposit: reader.u64(),
  };
}

export function writeHead(tables: BankTables, writes: WriteSet, head: Head): void {
  const record = new RecordWriter(LAYOUT)
    .u8(MODES.indexOf(head.execution))
    .field(head.configHash)
    .raw(head.genesisFingerprint)
    .field(head.genesisStateRoot)
    .u64(head.slot)
    .field(head.stateRoot)
    .u64(head.lastBatch)
    .field(head.dataHash)
    .u64(head.firstSlot)
    .u64(head.firstBatch)
    .u64(head.finalBatch)
    .u64(head.nextDeposit);
  writes.put(tables.head, KEY, record.end());
}
