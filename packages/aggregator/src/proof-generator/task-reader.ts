import type { ProgramName, Proof } from '@polyproof/proofs';
import { and, asc, count, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/database.js';
import { leases, proofs, sequences, tasks } from '../database/schema.js';
import type { SequenceRow, TaskRow } from './check-statement.js';
import type { Leases } from './leases.js';

/** A lease as dispatch sees it. */
export interface RunningLease {
  task: string;
  program: string;
  proverId: string;
  elapsedMs: number;
  expectedMs: number;
}

/** What is stored of tasks, without changing it. */
export class TaskReader {
  readonly #database: Database;

  readonly #leases: Leases;

  constructor(modules: { database: Database; leases: Leases }) {
    this.#database = modules.database;
    this.#leases = modules.leases;
  }

  /**
   * Tasks that may be started, at most `most`: lowest sequence first, then from the leaves of its tree upwards. `further`: how
   * many there are behind them.
   */
  async ready(most: number): Promise<{ tasks: { id: string; program: string }[]; further: number }> {
    const { connection } = this.#database;
    const mayStart = this.#leases.mayStart();
    const rows = await connection
      .select({ id: tasks.id, program: tasks.program })
      .from(tasks)
      .where(mayStart)
      .orderBy(asc(tasks.sequence), asc(tasks.level), asc(tasks.position))
      .limit(most);
    if (rows.length < most) return { tasks: rows, further: 0 };
    const [all] = await connection.select({ tasks: count() }).from(tasks).where(mayStart);
    return { tasks: rows, further: Math.max(0, all!.tasks - rows.length) };
  }

  /** All that provers of any replica work at. */
  async running(): Promise<RunningLease[]> {
    return this.#database.connection
      .select({
        task: leases.task,
        program: tasks.program,
        proverId: leases.proverId,
        elapsedMs: this.#leases.elapsedMs,
        expectedMs: leases.expectedMs,
      })
      .from(leases)
      .innerJoin(tasks, eq(tasks.id, leases.task));
  }

  async get(taskId: string): Promise<TaskRow | undefined> {
    const [task] = await this.#database.connection.select().from(tasks).where(eq(tasks.id, taskId));
    return task;
  }

  async sequence(number: bigint): Promise<SequenceRow | undefined> {
    const [row] = await this.#database.connection
      .select()
      .from(sequences)
      .where(eq(sequences.number, number));
    return row;
  }

  /** Tasks of the same level right before and after a task. */
  async neighbours(task: TaskRow): Promise<{ left?: TaskRow | undefined; right?: TaskRow | undefined }> {
    const rows = await this.#database.connection
      .select()
      .from(tasks)
      .where(
        and(
          eq(tasks.sequence, task.sequence),
          eq(tasks.level, task.level),
          inArray(tasks.position, [task.position - 1, task.position + 1]),
        ),
      );
    return {
      left: rows.find((row) => row.position < task.position),
      right: rows.find((row) => row.position > task.position),
    };
  }

  /** The stored proofs of tasks, in the order asked for. */
  async proofsOf(taskIds: string[]): Promise<Proof[]> {
    if (taskIds.length === 0) return [];
    const rows = await this.#database.connection
      .select({ task: proofs.task, program: tasks.program, bytes: proofs.bytes, inputs: proofs.publicInputs })
      .from(proofs)
      .innerJoin(tasks, eq(tasks.id, proofs.task))
      .where(inArray(proofs.task, taskIds));
    return taskIds.map((id) => {
      const row = rows.find(({ task }) => task === id)!;
      return { program: row.program as ProgramName, proof: row.bytes, publicInputs: row.inputs };
    });
  }
}
