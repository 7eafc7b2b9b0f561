import type { EventHub } from '@polyproof/base';
import { and, count, eq, inArray, isNotNull, isNull, min } from 'drizzle-orm';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from './database/database.js';
import { checkpoints, sequences, submissions, tasks } from './database/schema.js';
import type { AggregatorEvents } from './events.js';
import type { Prover } from './proof-generator/prover-registry.js';

export interface MetricsModules {
  database: Database;
  events: Pick<EventHub<AggregatorEvents>, 'on'>;
  provers: () => readonly Prover[];
  now: () => number;
  /** wei for a unit of gas on the base chain, now */
  gasPriceWei: () => Promise<bigint>;
}

/** Seconds that proofs take: from a small batch on a large machine to a large one on a small machine. */
const PROVING_SECONDS = [0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640];

/** What an operator watches an aggregator by. Counts of what is stored are read when they are asked for. */
export function getMetrics(modules: MetricsModules): Registry {
  const registry = new Registry();
  const registers = [registry];
  storedMetrics(registers, modules);
  proverMetrics(registers, modules);
  eventMetrics(registers, modules.events);
  new Gauge({
    name: 'polyproof_base_chain_gas_price_wei',
    help: 'Price of a unit of gas on the base chain; NaN while the chain does not answer.',
    registers,
    async collect() {
      this.set(await modules.gasPriceWei().then(Number, () => Number.NaN));
    },
  });
  return registry;
}

/** Tasks, sequences and submissions as the database has them. */
function storedMetrics(registers: Registry[], { database, now }: MetricsModules): void {
  new Gauge({
    name: 'polyproof_tasks',
    help: 'Proofs to make, by state and kind; "ready" is the depth of the queue.',
    labelNames: ['status', 'kind'],
    registers,
    async collect() {
      this.reset();
      const { status, kind } = tasks;
      const rows = await database.connection
        .select({ status, kind, number: count() })
        .from(tasks)
        .groupBy(status, kind);
      for (const row of rows) this.set({ status: row.status, kind: row.kind }, row.number);
    },
  });
  new Gauge({
    name: 'polyproof_oldest_task_age_seconds',
    help: 'Since the sequence was seen that the oldest task without a proof belongs to; 0 when there is none.',
    registers,
    async collect() {
      const [row] = await database.connection
        .select({ oldest: min(sequences.createdAt) })
        .from(tasks)
        .innerJoin(sequences, eq(sequences.number, tasks.sequence))
        .where(inArray(tasks.status, ['ready', 'leased']));
      this.set(row?.oldest ? Math.max(0, now() - row.oldest.getTime()) / 1e3 : 0);
    },
  });
  new Gauge({
    name: 'polyproof_sequences',
    help: 'Sequences, by state.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      const { status } = sequences;
      const rows = await database.connection
        .select({ status, number: count() })
        .from(sequences)
        .groupBy(status);
      for (const row of rows) this.set({ status: row.status }, row.number);
    },
  });
  new Gauge({
    name: 'polyproof_windows_missed',
    help: 'Sequences of which our proof came too late for the commit window, or for the reveal window.',
    labelNames: ['window'],
    registers,
    async collect() {
      const lost = async (committed: boolean) => {
        const { commitTx, state } = submissions;
        const [row] = await database.connection
          .select({ number: count() })
          .from(submissions)
          .where(and(eq(state, 'lost'), committed ? isNotNull(commitTx) : isNull(commitTx)));
        return row?.number ?? 0;
      };
      this.set({ window: 'commit' }, await lost(false));
      this.set({ window: 'reveal' }, await lost(true));
    },
  });
  new Gauge({
    name: 'polyproof_base_chain_block',
    help: 'Last block of the base chain that was read.',
    registers,
    async collect() {
      const rows = await database.connection.select().from(checkpoints);
      this.set(rows.reduce((most, { block }) => Math.max(most, Number(block)), 0));
    },
  });
}

function proverMetrics(registers: Registry[], { provers, now }: MetricsModules): void {
  new Gauge({
    name: 'polyproof_provers',
    help: 'Provers that are registered, by whether they have a task.',
    labelNames: ['state'],
    registers,
    collect() {
      const busy = provers().filter(({ taskId }) => taskId !== undefined).length;
      this.set({ state: 'busy' }, busy);
      this.set({ state: 'idle' }, provers().length - busy);
    },
  });
  new Gauge({
    name: 'polyproof_prover_silence_seconds',
    help: 'Since a prover was heard of.',
    labelNames: ['prover'],
    registers,
    collect() {
      this.reset();
      for (const { name, lastSeen } of provers()) this.set({ prover: name }, (now() - lastSeen) / 1e3);
    },
  });
}

/** What happened since this process was started. */
function eventMetrics(registers: Registry[], events: MetricsModules['events']): void {
  const speed = new Gauge({
    name: 'polyproof_prover_gates_per_second',
    help: "A prover's speed at its last proof of a kind.",
    labelNames: ['prover', 'kind'],
    registers,
  });
  const seconds = new Histogram({
    name: 'polyproof_proving_seconds',
    help: 'What proofs took, witness and proof.',
    labelNames: ['kind'],
    buckets: PROVING_SECONDS,
    registers,
  });
  const overhead = new Histogram({
    name: 'polyproof_dispatch_overhead_seconds',
    help: 'What a task took beyond the proof itself: inputs, transfer, verification.',
    labelNames: ['kind'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  events.on('taskDone', ({ prover, kind, gates, witnessSeconds, proveSeconds, elapsedSeconds }) => {
    const proving = witnessSeconds + proveSeconds;
    seconds.observe({ kind }, proving);
    overhead.observe({ kind }, Math.max(0, elapsedSeconds - proving));
    if (proving > 0) speed.set({ prover, kind }, gates / proving);
  });
  const failures = new Counter({
    name: 'polyproof_task_failures_total',
    help: 'Attempts that ended without a proof, by reason.',
    labelNames: ['code'],
    registers,
  });
  // The code is the prover's to choose: unknown ones share one label, or it could fill the memory with them.
  events.on('taskFailed', ({ code }) => failures.inc({ code: KNOWN_FAILURES.has(code) ? code : 'OTHER' }));
  const rounds = new Counter({
    name: 'polyproof_rounds_missed_total',
    help: 'Rounds that passed without a verified proof.',
    registers,
  });
  events.on('roundMissed', () => rounds.inc());
  const penalties = new Counter({
    name: 'polyproof_penalties_wei_total',
    help: 'Stake that was taken from us.',
    registers,
  });
  events.on('penalised', ({ amountWei }) => penalties.inc(Number(amountWei)));
  const rewards = new Counter({
    name: 'polyproof_rewards_wei_total',
    help: 'Rewards that were booked for us.',
    registers,
  });
  events.on('rewardEarned', ({ amountWei }) => rewards.inc(Number(amountWei)));
  const gas = new Counter({
    name: 'polyproof_base_chain_gas_total',
    help: 'Gas that our transactions on the base chain took.',
    labelNames: ['transaction'],
    registers,
  });
  events.on('proofCommitted', ({ gasUsed }) => gas.inc({ transaction: 'commit' }, Number(gasUsed ?? 0n)));
  events.on('proofRevealed', ({ gasUsed }) => gas.inc({ transaction: 'reveal' }, Number(gasUsed)));
}

const KNOWN_FAILURES: ReadonlySet<string> = new Set([
  'LEASE_EXPIRED',
  'INVALID_PROOF',
  'WRONG_STATEMENT',
  'INPUTS_REFUSED',
  'BAD_INPUTS',
  'OUT_OF_MEMORY',
  'TIMEOUT',
  'PROVING_FAILED',
  'BB_DIED',
  'PROGRAM_MISMATCH',
  'BLOB_MISSING',
  'BLOB_CORRUPT',
]);
