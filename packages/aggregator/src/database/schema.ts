import type { Hex } from '@polyproof/base';
import type { Fees, TransactionState, TransactionVersion } from '@polyproof/chain';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';

/** A signed version of a transaction; JSON has no large numbers. */
export type StoredVersion = Omit<TransactionVersion, keyof Fees> & Record<keyof Fees, string>;

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (bytes) => new Uint8Array(bytes),
});
const big = (name: string) => bigint(name, { mode: 'bigint' });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
/** Fields, hashes, addresses: 0x and hex digits. */
const hex = (name: string) => text(name).$type<Hex>();
/** Wei outgrow 64 bits. */
const wei = customType<{ data: bigint; driverData: string }>({
  dataType: () => 'numeric(78, 0)',
  toDriver: String,
  fromDriver: BigInt,
});

/** proving → proved (a final proof is stored) → verified (on the base chain, by anybody); or failed. */
export type SequenceStatus = 'proving' | 'proved' | 'verified' | 'failed';
/** waiting (for its parts) → ready → leased → done; failed for good; cancelled when no longer needed. */
export type TaskStatus = 'waiting' | 'ready' | 'leased' | 'done' | 'failed' | 'cancelled';
/** Where signatures are proved, their proofs form a tree of their own beside that of the batches. */
export type TaskKind = 'batch' | 'aggregation' | 'final' | 'signatures' | 'signatureAggregation';
/**
 * Where our proof of a sequence is on its way: none (not committed, or the round has passed) → committing →
 * committed → revealing → verified, by itself or after another operator's. Lost when there was no commitment in
 * time, or it was not revealed in time; refused when the contract does not accept the proof.
 */
export type SubmissionState =
  | 'none'
  | 'committing'
  | 'committed'
  | 'revealing'
  | 'verified'
  | 'lost'
  | 'refused';

export const sequences = pgTable('sequences', {
  number: big('number').primaryKey(),
  firstBatch: big('first_batch').notNull(),
  lastBatch: big('last_batch').notNull(),
  prevDataHash: hex('prev_data_hash').notNull(),
  newDataHash: hex('new_data_hash').notNull(),
  prevStateRoot: hex('prev_state_root').notNull(),
  claimedRoot: hex('claimed_root').notNull(),
  /** of the base chain, where it was submitted */
  blockNumber: big('block_number').notNull(),
  status: text('status').$type<SequenceStatus>().notNull(),
  error: text('error'),
  verifiedBy: hex('verified_by'),
  createdAt: time('created_at').notNull(),
  provedAt: time('proved_at'),
  verifiedAt: time('verified_at'),
});

export const tasks = pgTable(
  'tasks',
  {
    /** "sequence-level-position", so that a task's place is its name; with an ending where a sequence replaced another one */
    id: text('id').primaryKey(),
    sequence: big('sequence')
      .notNull()
      .references(() => sequences.number),
    kind: text('kind').$type<TaskKind>().notNull(),
    /** 0 for batches, then upwards to the final proof */
    level: integer('level').notNull(),
    position: integer('position').notNull(),
    firstBatch: big('first_batch').notNull(),
    lastBatch: big('last_batch').notNull(),
    /** the tasks whose proofs are its inputs; none for a batch, whose inputs come from the batch source */
    parts: jsonb('parts').$type<string[]>().notNull(),
    program: text('program').notNull(),
    status: text('status').$type<TaskStatus>().notNull(),
    /** attempts that ended without a proof */
    attempts: integer('attempts').notNull().default(0),
    /** why the last attempt ended without a proof */
    error: text('error'),
    /** not leased before, after a failure to prepare its inputs */
    notBefore: time('not_before'),
    /** the public inputs that its proof must have, known when the inputs are */
    expected: jsonb('expected').$type<Hex[]>(),
  },
  (t) => [
    unique('tasks_place').on(t.sequence, t.level, t.position),
    index('tasks_queue').on(t.status, t.sequence, t.level, t.position),
  ],
);

/** Who works at leased tasks: of each task at least one prover, and those that were given copies of it. */
export const leases = pgTable(
  'leases',
  {
    task: text('task')
      .notNull()
      .references(() => tasks.id),
    /** changes when the prover registers anew, perhaps at another replica */
    proverId: text('prover_id').notNull(),
    proverName: text('prover_name').notNull(),
    startedAt: time('started_at').notNull(),
    /** unless the prover is heard of before */
    expiresAt: time('expires_at').notNull(),
    /** however often the prover is heard of */
    endsAt: time('ends_at').notNull(),
    /** time that the prover is expected to take (ms) */
    expectedMs: doublePrecision('expected_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.task, t.proverId] }), index('leases_expiry').on(t.expiresAt)],
);

/** What is known of provers, by name, so that no restart forgets it and all replicas go by it. */
export const provers = pgTable('provers', {
  name: text('name').primaryKey(),
  /** measured, by program */
  msPerGate: jsonb('ms_per_gate').$type<Record<string, number>>().notNull().default({}),
  /** part of its attempts that failed, newer ones counting more */
  failureRate: doublePrecision('failure_rate').notNull().default(0),
  /** proofs of it that were stored */
  proofs: integer('proofs').notNull().default(0),
  /** bad proofs that no good ones have made up for */
  faults: integer('faults').notNull().default(0),
  /** gets no task before */
  suspendedUntil: time('suspended_until'),
  /** gets no task until the operator lets it out */
  quarantined: boolean('quarantined').notNull().default(false),
  /** of suspension or quarantine */
  reason: text('reason'),
  updatedAt: time('updated_at').notNull(),
});

export const proofs = pgTable('proofs', {
  /** SHA-256 of program, proof and public inputs */
  contentHash: hex('content_hash').primaryKey(),
  task: text('task')
    .notNull()
    .unique()
    .references(() => tasks.id),
  bytes: bytea('bytes').notNull(),
  publicInputs: jsonb('public_inputs').$type<Hex[]>().notNull(),
  gates: integer('gates').notNull(),
  witnessSeconds: doublePrecision('witness_seconds').notNull(),
  proveSeconds: doublePrecision('prove_seconds').notNull(),
  peakMemoryBytes: big('peak_memory_bytes').notNull(),
  prover: text('prover').notNull(),
  verifiedAt: time('verified_at').notNull(),
});

/** Proofs that were refused, with the prover that sent them. */
export const faults = pgTable('faults', {
  id: serial('id').primaryKey(),
  prover: text('prover').notNull(),
  task: text('task')
    .notNull()
    .references(() => tasks.id),
  code: text('code').notNull(),
  message: text('message').notNull(),
  createdAt: time('created_at').notNull(),
});

export const submissions = pgTable(
  'submissions',
  {
    sequence: big('sequence')
      .notNull()
      .references(() => sequences.number),
    operator: hex('operator').notNull(),
    state: text('state').$type<SubmissionState>().notNull(),
    proofHash: hex('proof_hash').notNull(),
    /** round of the contract in which we committed */
    round: big('round'),
    commitTx: hex('commit_tx'),
    commitGas: big('commit_gas'),
    commitBlock: big('commit_block'),
    revealTx: hex('reveal_tx'),
    revealGas: big('reveal_gas'),
    revealBlock: big('reveal_block'),
    rewardWei: wei('reward_wei'),
    error: text('error'),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sequence, t.operator] })],
);

/** Transactions of the operator's account, written down before they are sent; what they cost stays. */
export const transactions = pgTable(
  'transactions',
  {
    /** hash of the first version */
    id: hex('id').primaryKey(),
    chainId: integer('chain_id').notNull(),
    account: hex('account').notNull(),
    nonce: integer('nonce').notNull(),
    what: text('what').notNull(),
    /** the sequence that its cost is booked for */
    sequence: big('sequence'),
    to: hex('to'),
    /** empty when nothing can become of it any more, as the signed versions */
    data: hex('data').notNull(),
    valueWei: wei('value_wei').notNull(),
    gas: big('gas').notNull(),
    mustReturn: hex('must_return'),
    versions: jsonb('versions').$type<StoredVersion[]>().notNull(),
    state: text('state').$type<TransactionState>().notNull(),
    reason: text('reason'),
    hash: hex('hash'),
    blockNumber: big('block_number'),
    blockHash: hex('block_hash'),
    gasUsed: big('gas_used'),
    feeWei: wei('fee_wei'),
    reverted: boolean('reverted'),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [
    index('transactions_unfinished').on(t.account, t.state, t.nonce),
    index('transactions_sequence').on(t.sequence),
  ],
);

/** A block that was read up to, by its hash. */
export interface ReadBlock {
  /** JSON has no large numbers */
  block: string;
  hash: Hex;
}

/** How far the base chain has been read. */
export const checkpoints = pgTable('checkpoints', {
  name: text('name').primaryKey(),
  block: big('block').notNull(),
  /** the last blocks at which reading ended, this one among them: by their hashes a reorganisation is seen */
  recent: jsonb('recent').$type<ReadBlock[]>().notNull().default([]),
});
