import { randomUUID } from 'node:crypto';
import { ProtocolError } from '@polyproof/protocol';
import { ProverRecord } from '../dispatch/prover-record.js';

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
  /** which circuit that is proved in, since when, and whether another prover has its lease */
  work: { program: string; startedAt: number; copy: boolean } | undefined;
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
  /** how long a prover gets no task after it sent a bad proof; doubles with each one until a good one */
  suspensionMs: number;
}

const MAX_SUSPENSION_MS = 3_600_000;
/** An operator's address before it takes 43. */
const MAX_NAME_LENGTH = 150;

/** The provers at work. Kept in memory alone: after a restart they register again. */
export class ProverRegistry {
  readonly #options: ProverRegistryOptions;
  readonly #now: () => number;
  readonly #provers = new Map<string, Prover>();
  /** by name, so that a prover that registers again is known */
  readonly #records = new Map<string, ProverRecord>();
  /** by name, so that registering again does not lift a suspension */
  readonly #suspensions = new Map<string, { faults: number; until: number }>();

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
    const record = this.#records.get(name) ?? new ProverRecord(cores);
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

  /** @returns until when (ms) it gets no task */
  suspend(prover: Prover): number {
    const faults = (this.#suspensions.get(prover.name)?.faults ?? 0) + 1;
    const lengthMs = Math.min(this.#options.suspensionMs * 2 ** (faults - 1), MAX_SUSPENSION_MS);
    const until = this.#now() + lengthMs;
    this.#suspensions.set(prover.name, { faults, until });
    return until;
  }

  /** A good proof: earlier bad ones do not count any more. */
  absolve(prover: Prover): void {
    this.#suspensions.delete(prover.name);
  }

  isSuspended(prover: Prover): boolean {
    return (this.#suspensions.get(prover.name)?.until ?? 0) > this.#now();
  }
}
