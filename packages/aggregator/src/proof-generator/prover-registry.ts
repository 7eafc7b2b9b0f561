import { randomUUID } from 'node:crypto';
import { ProtocolError } from '@polyproof/protocol';
import { ProverRecord } from '../dispatch/prover-record.js';
import type { KnownProver } from './prover-store.js';

/** A worker that registered since the aggregator started. */
export interface Prover {
  id: string;
  name: string;
  /** names of the circuits that it holds in the version in use */
  programs: string[];
  cores: number;
  memoryBytes: bigint;
  /** what does the proving: "cpu", a GPU's name */
  accelerator: string;
  lastSeen: number;
  /** the task it was last known to prove */
  taskId: string | undefined;
  /** which circuit that is proved in, and since when */
  work: { program: string; startedAt: number } | undefined;
  /** requests for a task that wait for an answer */
  waiting: number;
  record: ProverRecord;
  proofs: number;
  /** tasks that it gave up or was refused for: a late heartbeat does not bring them back */
  ended: Set<string>;
}

export interface ProverRegistryOptions {
  hashes: Readonly<Record<string, string>>;
  /** a prover that is silent for this long is forgotten */
  forgetMs: number;
}

/** An operator's address before it takes 43. */
const MAX_NAME_LENGTH = 150;

/**
 * The provers of this replica. After a restart they register again; what all replicas know of them by name is taken from
 * the database.
 */
export class ProverRegistry {
  readonly #options: ProverRegistryOptions;
  readonly #now: () => number;
  readonly #provers = new Map<string, Prover>();
  /** by name */
  readonly #known = new Map<string, KnownProver>();
  /** by name, of those that have been here: newer than what is known in the database */
  readonly #records = new Map<string, ProverRecord>();
  /** by name, until when */
  readonly #suspensions = new Map<string, number>();
  /** by name, until when its word is not believed */
  readonly #doubted = new Map<string, number>();

  constructor(options: ProverRegistryOptions, modules: { now: () => number }) {
    this.#options = options;
    this.#now = modules.now;
  }

  /** @throws {ProtocolError} `BAD_REQUEST` for a bad name, `PROGRAM_MISMATCH` when none of its circuits is in use */
  register(request: {
    name: string;
    programs: { name: string; hash: string }[];
    cores: number;
    memoryBytes: bigint;
    accelerator: string;
  }): Prover {
    const { name, cores, memoryBytes } = request;
    const accelerator = request.accelerator.slice(0, MAX_NAME_LENGTH) || 'cpu';
    if (name.length === 0 || name.length > MAX_NAME_LENGTH)
      throw new ProtocolError(
        'BAD_REQUEST',
        `a prover needs a name of 1 to ${MAX_NAME_LENGTH} characters, got ${name.length}.`,
      );
    const programs = request.programs
      .filter((program) => this.#options.hashes[program.name] === program.hash)
      .map((program) => program.name);
    if (programs.length === 0) {
      const wanted = Object.entries(this.#options.hashes).map(([program, hash]) => `${program} ${hash}`);
      throw new ProtocolError(
        'PROGRAM_MISMATCH',
        `prover "${name}" holds none of the circuits in use: give it the artifacts with ${wanted.join(', ')}.`,
      );
    }
    const record = this.#records.get(name) ?? new ProverRecord(cores, this.#known.get(name)?.measurements);
    this.#records.set(name, record);
    const prover: Prover = {
      id: randomUUID(),
      name,
      programs,
      cores,
      memoryBytes,
      accelerator,
      lastSeen: this.#now(),
      taskId: undefined,
      work: undefined,
      waiting: 0,
      record,
      proofs: 0,
      ended: new Set(),
    };
    this.#provers.set(prover.id, prover);
    return prover;
  }

  /** @throws {ProtocolError} `UNKNOWN_PROVER` */
  get(id: string): Prover {
    const prover = this.#provers.get(id);
    if (prover === undefined)
      throw new ProtocolError('UNKNOWN_PROVER', `there is no prover ${JSON.stringify(id)}: register again.`);
    prover.lastSeen = this.#now();
    return prover;
  }

  find(id: string): Prover | undefined {
    return this.#provers.get(id);
  }

  list(): Prover[] {
    return [...this.#provers.values()];
  }

  forgetSilent(): void {
    for (const prover of this.#provers.values())
      if (this.#now() - prover.lastSeen > this.#options.forgetMs) this.#provers.delete(prover.id);
  }

  /** Takes over what the database knows. */
  learn(known: readonly KnownProver[]): void {
    const here = new Set(this.list().map(({ name }) => name));
    this.#suspensions.clear();
    for (const prover of known) {
      const { name, suspendedMs } = prover;
      this.#known.set(name, prover);
      if (!here.has(name)) this.#records.delete(name);
      if (suspendedMs > 0) this.#suspensions.set(name, this.#now() + suspendedMs);
    }
  }

  /** Gives a prover no task of this replica for `ms`, because its word is not believed. */
  doubt(prover: Prover, ms: number): void {
    this.#doubted.set(prover.name, this.#now() + ms);
  }

  believe(prover: Prover): void {
    this.#doubted.delete(prover.name);
  }

  isSuspended({ name }: Prover): boolean {
    const until = Math.max(this.#suspensions.get(name) ?? 0, this.#doubted.get(name) ?? 0);
    return until > this.#now();
  }
}
