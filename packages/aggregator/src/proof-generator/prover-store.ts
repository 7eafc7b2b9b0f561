import { eq, type SQL, sql } from 'drizzle-orm';
import { type Connection, type Database, databaseNow } from '../database/database.js';
import { provers } from '../database/schema.js';
import type { Measurements } from '../dispatch/prover-record.js';

export interface ProverStoreOptions {
  /** how long a prover gets no task after it sent a bad proof (ms); doubles with each one that no good one made up for */
  suspensionMs: number;
  /** so many bad proofs, and a prover gets no task until the operator lets it out */
  mostFaults: number;
}

/** What is known of a prover, by name. */
export interface KnownProver {
  name: string;
  measurements: Measurements;
  /** proofs of it that were stored */
  proofs: number;
  /** bad proofs that no good ones have made up for */
  faults: number;
  /** how long it gets no task (ms); infinite: until the operator lets it out */
  suspendedMs: number;
  /** why it gets no task */
  reason: string | null;
}

const MAX_SUSPENSION_MS = 3_600_000;

/** What all replicas know of provers, and what no restart forgets. */
export class ProverStore {
  readonly #options: ProverStoreOptions;
  readonly #database: Database;
  readonly #time: () => SQL<Date>;

  constructor(
    options: ProverStoreOptions,
    modules: { database: Database; time?: (() => SQL<Date>) | undefined },
  ) {
    this.#options = options;
    this.#database = modules.database;
    this.#time = modules.time ?? (() => databaseNow);
  }

  async list(): Promise<KnownProver[]> {
    const suspendedMs = sql`extract(epoch from ${provers.suspendedUntil} - ${this.#time()}) * 1000`.mapWith(
      Number,
    );
    const rows = await this.#database.connection.select({ prover: provers, suspendedMs }).from(provers);
    return rows.map(
      ({ prover: { name, msPerGate, failureRate, proofs, faults, quarantined, reason }, ...row }) => {
        const suspended = quarantined ? Number.POSITIVE_INFINITY : Math.max(0, row.suspendedMs ?? 0);
        return {
          ...{ name, proofs, faults, measurements: { msPerGate, failureRate } },
          ...{ suspendedMs: suspended, reason: suspended > 0 ? reason : null },
        };
      },
    );
  }

  /** Keeps what was measured. A good proof makes up for a bad one, and ends a suspension, but no quarantine. */
  async measured(name: string, measurements: Measurements, { proof }: { proof: boolean }): Promise<void> {
    const updatedAt = this.#time();
    await this.#database.connection
      .insert(provers)
      .values({ name, ...measurements, proofs: proof ? 1 : 0, updatedAt })
      .onConflictDoUpdate({
        target: provers.name,
        set: {
          ...measurements,
          updatedAt,
          ...(proof
            ? {
                proofs: sql`${provers.proofs} + 1`,
                faults: sql`greatest(0, ${provers.faults} - 1)`,
                suspendedUntil: sql`null`,
              }
            : {}),
        },
      });
  }

  /** A bad proof: the prover gets no task for a while, or until the operator lets it out. */
  async punish(tx: Connection, name: string, reason: string): Promise<void> {
    const { suspensionMs, mostFaults } = this.#options;
    const until = (faults: SQL | number) =>
      sql`${this.#time()} + least(${suspensionMs}::double precision * 2 ^ (${faults}), ${MAX_SUSPENSION_MS}) * interval '1 millisecond'`;
    const updatedAt = this.#time();
    await tx
      .insert(provers)
      .values({
        ...{ name, faults: 1, reason, updatedAt },
        ...{ suspendedUntil: until(0), quarantined: mostFaults <= 1 },
      })
      .onConflictDoUpdate({
        target: provers.name,
        set: {
          ...{ reason, updatedAt },
          faults: sql`${provers.faults} + 1`,
          suspendedUntil: until(sql`${provers.faults}`),
          quarantined: sql`${provers.quarantined} or ${provers.faults} + 1 >= ${mostFaults}`,
        },
      });
  }

  /**
   * Gives a prover tasks again, whatever it did.
   * @returns whether it is known
   */
  async release(name: string): Promise<boolean> {
    const rows = await this.#database.connection
      .update(provers)
      .set({ quarantined: false, suspendedUntil: null, reason: null, faults: 0, updatedAt: this.#time() })
      .where(eq(provers.name, name))
      .returning({ name: provers.name });
    return rows.length > 0;
  }
}
