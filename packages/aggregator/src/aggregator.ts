import { EventHub, type Logger, type OpsServer, type Service, ServiceStack, traced } from '@polyproof/base';
import { FixedFiles, ProverServer } from '@polyproof/protocol';
import { eq } from 'drizzle-orm';
import { Database } from './database/database.js';
import { Leadership } from './database/leadership.js';
import { sequences } from './database/schema.js';
import { AggregatorError } from './errors.js';
import type { AggregatorEvents } from './events.js';
import { openOps } from './ops.js';
import type { AggregatorOptions } from './options.js';
import type { BatchSource, InputComposer, ProofVerifier, SettlementPort } from './ports.js';
import { BlobRoom } from './proof-generator/blob-room.js';
import { ProofGenerator } from './proof-generator/proof-generator.js';
import { proverApi } from './proof-generator/prover-api.js';
import type { KnownProver } from './proof-generator/prover-store.js';
import { reopenTasks } from './proof-generator/task-graph.js';
import { ProofManager } from './proof-manager/proof-manager.js';
import { ProofSender, type ProofSenderModules } from './proof-sender/proof-sender.js';
import { SubmissionStore } from './proof-sender/submission-store.js';
import { type OpenSequence, openSequences, type SequenceReport, sequenceReport } from './report.js';
import { SequenceWatcher } from './sequence-watcher/sequence-watcher.js';

export interface AggregatorModules {
  settlement: SettlementPort;
  batchSource: BatchSource;
  composer: InputComposer;
  verifier: ProofVerifier;
  logger: Logger;
  /** opened ahead of time, and closed by who opened it; default: the one in `options.directory` */
  database?: Database;
  /** milliseconds since 1970; default: of this machine */
  now?: () => number;
}

export interface ProverStatus {
  name: string;
  cores: number;
  memoryBytes: bigint;
  accelerator: string;
  /** the task it proves now */
  taskId: string | undefined;
  /** accepted since the aggregator was started */
  proofs: number;
  lastSeen: Date;
}

export interface AggregatorStatus {
  url: string;
  /** last block of the base chain that was read */
  block: bigint;
  /** sequences that are not verified yet */
  sequences: OpenSequence[];
  provers: ProverStatus[];
}

interface Parts {
  database: Database;
  events: EventHub<AggregatorEvents>;
  generator: ProofGenerator;
  server: ProverServer;
  watcher: SequenceWatcher;
  ops: OpsServer | undefined;
  services: ServiceStack;
}

/** One operator's aggregator: from sequences on the base chain to verified proofs. */
export class Aggregator implements Service {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens the database, goes on where the last run ended, and serves provers.
   * @throws {LockError} `DIRECTORY_IN_USE`; {@link AggregatorError} `WRONG_SETTLEMENT`
   */
  static async open(options: AggregatorOptions, modules: AggregatorModules): Promise<Aggregator> {
    const services = new ServiceStack();
    try {
      return new Aggregator(await start(options, modules, services));
    } catch (error) {
      await services.close();
      throw error;
    }
  }

  /** Where provers connect. */
  get url(): string {
    return this.#parts.server.url;
  }

  /** Where metrics are. */
  get opsUrl(): string | undefined {
    return this.#parts.ops?.url;
  }

  get events(): Pick<EventHub<AggregatorEvents>, 'on'> {
    return this.#parts.events;
  }

  async status(): Promise<AggregatorStatus> {
    const { database, generator, watcher } = this.#parts;
    return {
      url: this.url,
      block: await watcher.checkpoint(),
      sequences: await openSequences(database),
      provers: generator.provers.map(
        ({ name, cores, memoryBytes, accelerator, taskId, proofs, lastSeen }) => ({
          name,
          cores,
          memoryBytes,
          accelerator,
          taskId,
          proofs,
          lastSeen: new Date(lastSeen),
        }),
      ),
    };
  }

  /** @throws {AggregatorError} `UNKNOWN_SEQUENCE` */
  async sequenceReport(sequence: bigint): Promise<SequenceReport> {
    const report = await sequenceReport(this.#parts.database, sequence);
    if (report === undefined) throw unknownSequence(sequence);
    return report;
  }

  /**
   * Tries a failed sequence once more, when what made it fail is mended. Its proofs are kept.
   * @throws {AggregatorError} `UNKNOWN_SEQUENCE`, `NOT_FAILED`
   */
  async retrySequence(sequence: bigint): Promise<void> {
    await this.#parts.database.transaction(async (tx) => {
      const [row] = await tx.select().from(sequences).where(eq(sequences.number, sequence)).for('update');
      if (row === undefined) throw unknownSequence(sequence);
      if (row.status !== 'failed')
        throw new AggregatorError(
          'NOT_FAILED',
          `sequence ${sequence} is ${row.status}: only a failed one can be tried again.`,
        );
      await tx
        .update(sequences)
        .set({ status: 'proving', error: null })
        .where(eq(sequences.number, sequence));
      await reopenTasks(tx, sequence);
    });
    this.#parts.generator.notify();
  }

  /** All provers that any replica has ever heard of, with what was measured, and who gets no tasks and why. */
  knownProvers(): Promise<KnownProver[]> {
    return this.#parts.generator.knownProvers();
  }

  /**
   * Gives a prover that is suspended or quarantined for bad proofs tasks again, at all replicas.
   * @throws {AggregatorError} `UNKNOWN_PROVER`
   */
  async releaseProver(name: string): Promise<void> {
    if (await this.#parts.generator.releaseProver(name)) return;
    throw new AggregatorError(
      'UNKNOWN_PROVER',
      `no prover named ${JSON.stringify(name)} has ever worked here.`,
    );
  }

  /** Provers get an answer, proofs in verification are stored, transactions on their way are awaited. */
  async close(): Promise<void> {
    await this.#parts.services.close();
  }
}

async function start(
  options: AggregatorOptions,
  modules: AggregatorModules,
  services: ServiceStack,
): Promise<Parts> {
  const { operator, intervalMs = 1_000 } = options;
  const { settlement, now = Date.now } = modules;
  const log = traced(modules.logger, options.settlementId);
  const logger = (module: string) => log.child({ module });

  const { directory, databaseUrl } = options;
  const database =
    modules.database ??
    services.add(
      await Database.open(databaseUrl === undefined ? { directory } : { url: databaseUrl }, {
        logger: logger('database'),
      }),
    );
  const events = new EventHub<AggregatorEvents>(modules.logger);
  const submissions = new SubmissionStore({ operator }, { database, now });
  const common = { settlement, events, store: submissions };

  // Two senders of one account would be in each other's way.
  const sending = new Leadership(
    { name: `polyproof sending of ${operator}`, intervalMs },
    { database, logger: logger('proof-sender'), start: () => startSending(options, { ...common, logger }) },
  );
  services.add(sending);
  const generatorLogger = logger('proof-generator');
  const blobs = services.add(
    new BlobRoom(options.blobs ?? {}, { keep: async () => new Set(), now, logger: generatorLogger }),
  );
  const artifacts = await FixedFiles.of(options.artifactFiles ?? []);
  const generator = await ProofGenerator.open(
    { ...options, checkMs: intervalMs, prover: options.bindsProofs ? BigInt(operator) : 0n },
    {
      ...modules,
      database,
      events,
      now,
      logger: generatorLogger,
      onFinalProof: (tx, { sequence }, { proof }) =>
        submissions.create(tx, sequence, settlement.proofHash(proof, operator)),
    },
  );
  const { settlementId, chainId, authentication, tls, taskLimitMs = 1_800_000 } = options;
  const implementation = proverApi({ settlementId, chainId, taskLimitMs }, { generator, blobs, artifacts });
  const server = await ProverServer.listen(
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      ...(authentication === undefined ? {} : { authentication: { ...authentication, chainId } }),
      ...(tls === undefined ? {} : { tls }),
    },
    {
      implementation,
      blobs: { sources: [blobs.store, artifacts], uploads: blobs.uploads },
      logger: generatorLogger,
    },
  ).catch(async (error: unknown) => {
    await generator.close();
    throw error;
  });
  // The generator answers all waiting provers before their connections are closed.
  services.add(server);
  services.add(generator);
  const watcher = services.add(
    await SequenceWatcher.open(
      { ...options, intervalMs, signed: options.programs.signed !== undefined },
      {
        database,
        settlement,
        submissions,
        events,
        onChange: () => generator.notify(),
        logger: logger('sequence-watcher'),
        now,
      },
    ),
  );
  watcher.start();
  sending.start();
  const ops = options.ops && (await openOps(options.ops, { settlement, database, events, generator, now }));
  if (ops !== undefined) services.add(ops);
  return { database, events, generator, server, watcher, ops, services };
}

/** What brings proofs to the base chain, and decides which. */
function startSending(
  { operator, intervalMs = 1_000, claimFromWei, margin }: AggregatorOptions,
  modules: Omit<ProofSenderModules, 'logger'> & { logger: (module: string) => Logger },
): Service {
  const services = new ServiceStack();
  const { logger, ...common } = modules;
  const sender = services.add(
    new ProofSender(
      { operator, intervalMs, ...(margin === undefined ? {} : { margin }) },
      { ...common, logger: logger('proof-sender') },
    ),
  );
  const manager = services.add(
    new ProofManager(
      { operator, intervalMs, ...(claimFromWei === undefined ? {} : { claimFromWei }) },
      { ...common, sender, logger: logger('proof-manager') },
    ),
  );
  sender.start();
  manager.start();
  return services;
}

function unknownSequence(sequence: bigint): AggregatorError {
  return new AggregatorError('UNKNOWN_SEQUENCE', `sequence ${sequence} has not been seen on the base chain.`);
}
