import { EventHub, silentLogger } from '@polyproof/base';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../src/database/database.js';
import { tasks } from '../../src/database/schema.js';
import type { AggregatorEvents } from '../../src/events.js';
import type {
  BatchSource,
  MarginRule,
  ProgramSet,
  SettlementPort,
  TaskKind,
  TaskStatus,
} from '../../src/index.js';
import { type LeasedTask, ProofGenerator } from '../../src/proof-generator/proof-generator.js';
import { ProofManager } from '../../src/proof-manager/proof-manager.js';
import { ProofSender } from '../../src/proof-sender/proof-sender.js';
import { SubmissionStore } from '../../src/proof-sender/submission-store.js';
import { sequenceReport } from '../../src/report.js';
import { SequenceWatcher } from '../../src/sequence-watcher/sequence-watcher.js';
import { FakeChain, proofHash, WE } from './fake-chain.js';
import { CONFIG_HASH, FakeProofSystem, fakeBatchSource, fakeComposer, PROGRAMS } from './fake-rollup.js';

const NEVER_MS = 2 ** 30;
export const LEASE_MS = 30_000;

/** All modules of an aggregator, moved step by step by the test instead of by their loops. */
export class Harness {
  readonly log: [name: keyof AggregatorEvents, payload: Record<string, unknown>][] = [];
  readonly system: FakeProofSystem;

  private constructor(
    readonly database: Database,
    readonly events: EventHub<AggregatorEvents>,
    readonly submissions: SubmissionStore,
    readonly generator: ProofGenerator,
    readonly watcher: SequenceWatcher,
    readonly sender: ProofSender,
    readonly manager: ProofManager,
    readonly chain: FakeChain,
    system: FakeProofSystem,
    readonly programs: ProgramSet,
  ) {
    this.system = system;
  }

  static async open(
    options: {
      chain?: FakeChain;
      settlement?: SettlementPort;
      directory?: string;
      /** of a server: a replica of its own, with connections of its own */
      url?: string;
      clock?: { now: number };
      /** leases go by the database's clock, not by this one */
      databaseClock?: boolean;
      batchSource?: BatchSource;
      maxAttempts?: number;
      mostCopies?: number;
      timeoutMs?: Partial<Record<TaskKind, number>>;
      settlementId?: string;
      /** final proofs are bound to us */
      bindsProofs?: boolean;
      /** go on with the shared database as the last one left it */
      keep?: boolean;
      margin?: MarginRule;
      programs?: ProgramSet;
    } = {},
  ): Promise<Harness> {
    const { chain = new FakeChain(), clock = { now: 1_000_000 }, programs = PROGRAMS } = options;
    const signed = programs.signed !== undefined;
    const settlement = options.settlement ?? chain.port();
    const now = () => clock.now;
    const logger = silentLogger;
    const { directory, url } = options;
    const database =
      directory === undefined && url === undefined
        ? await sharedDatabase(options.keep ?? false)
        : await Database.open(url === undefined ? { directory } : { url });
    const events = new EventHub<AggregatorEvents>(logger);
    const store = new SubmissionStore({ operator: WE }, { database, now });
    const common = { settlement, events, store, logger };
    const sender = new ProofSender(
      { operator: WE, ...(options.margin === undefined ? {} : { margin: options.margin }) },
      common,
    );
    const manager = new ProofManager({ operator: WE }, { ...common, sender });
    const verifier = new FakeProofSystem();
    const generator = await ProofGenerator.open(
      {
        programs,
        configHash: CONFIG_HASH,
        prover: options.bindsProofs ? BigInt(WE) : 0n,
        leaseMs: LEASE_MS,
        maxAttempts: options.maxAttempts ?? 3,
        retryDelayMs: 0,
        checkMs: NEVER_MS,
        suspensionMs: 60_000,
        mostCopies: options.mostCopies ?? 1,
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      },
      {
        database,
        events,
        now,
        ...(options.databaseClock
          ? {}
          : { time: () => sql`${new Date(clock.now).toISOString()}::timestamptz` }),
        logger,
        verifier,
        batchSource: options.batchSource ?? fakeBatchSource,
        composer: fakeComposer,
        onFinalProof: (tx, { sequence }, { proof }) => store.create(tx, sequence, proofHash(proof, WE)),
      },
    );
    const watcher = await SequenceWatcher.open(
      { settlementId: options.settlementId ?? '31337:0x01', startBlock: 1n, operator: WE, signed },
      { database, settlement, submissions: store, events, onChange: () => generator.notify(), logger, now },
    );
    const harness = new Harness(
      database,
      events,
      store,
      generator,
      watcher,
      sender,
      manager,
      chain,
      new FakeProofSystem(),
      programs,
    );
    for (const name of [
      'taskDone',
      'taskFailed',
      'sequenceFailed',
      'roundMissed',
      'reorganised',
      'proofRefused',
      'penalised',
      'rewardEarned',
      'rewardsClaimed',
      'sequenceVerified',
    ] as const)
      events.on(name, (payload) => harness.log.push([name, payload as Record<string, unknown>]));
    return harness;
  }

  names(): string[] {
    return this.log.map(([name]) => name);
  }

  /** A prover with all circuits, or only these. */
  register(name = 'prover', cores = 2, circuits = Object.keys(this.programs.hashes)): string {
    const programs = Object.entries(this.programs.hashes)
      .filter(([program]) => circuits.includes(program))
      .map(([program, hash]) => ({ name: program, hash }));
    return this.generator.register({ name, programs, cores, memoryBytes: 1n, accelerator: 'cpu' });
  }

  lease(prover: string): Promise<LeasedTask | undefined> {
    return this.generator.lease(prover, 0);
  }

  async prove(prover: string, { task, inputs }: LeasedTask): Promise<boolean> {
    const result = await this.system.prove(task.program as 'final', inputs);
    return this.generator.complete(prover, task.id, { ...result, peakMemoryBytes: 1n });
  }

  /** Proves all there is; returns the ids of the tasks in the order they were given out. */
  async proveAll(prover = this.register()): Promise<string[]> {
    const ids: string[] = [];
    for (let leased = await this.lease(prover); leased !== undefined; leased = await this.lease(prover)) {
      ids.push(leased.task.id);
      await this.prove(prover, leased);
    }
    return ids;
  }

  /** One round of everything that the loops of an aggregator do towards the chain. */
  async step(): Promise<void> {
    await this.watcher.poll();
    await this.manager.tryFetchProofToSend();
    await this.manager.processResend();
    await this.manager.processReorganisations();
    await this.manager.collectRewards();
    await this.sender.commitProofs();
    await this.sender.watchCommitments();
    await this.sender.revealProofs();
    await this.watcher.poll();
  }

  async report(sequence: bigint) {
    const report = await sequenceReport(this.database, sequence);
    if (report === undefined) throw new RangeError(`no sequence ${sequence}`);
    return report;
  }

  /** Status of a sequence's tasks, by kind: of the last one where there are several. */
  async tasksOf(sequence: bigint): Promise<Map<TaskKind, TaskStatus>> {
    const rows = await this.database.connection
      .select({ kind: tasks.kind, status: tasks.status })
      .from(tasks)
      .where(eq(tasks.sequence, sequence));
    return new Map(rows.map(({ kind, status }) => [kind, status]));
  }

  async close(): Promise<void> {
    await this.generator.close();
    if (this.database !== shared) await this.database.close();
  }
}

let shared: Database | undefined;
let server: string | undefined;

/** Harnesses opened from now on use this database on a server instead of one in memory. */
export async function useServer(url: string | undefined): Promise<void> {
  await shared?.close();
  shared = undefined;
  server = url;
}

/** One database for all tests of a file: starting PostgreSQL takes longer than a test. */
async function sharedDatabase(keep: boolean): Promise<Database> {
  shared ??= await Database.open(server === undefined ? {} : { url: server });
  if (!keep) await shared.connection.execute(sql`truncate sequences, checkpoints, provers cascade`);
  return shared;
}
