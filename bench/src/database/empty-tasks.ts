import { addSequence, type Database, type ProgramSet, ProofGenerator } from '@polyproof/aggregator';
import { EventHub, fieldToHex, type Hex, type Service, silentLogger } from '@polyproof/base';
import {
  type CircuitInputs,
  type Statement,
  statementFromPublicInputs,
  statementToCircuit,
} from '@polyproof/proofs';

const CONFIG_HASH = 1n;
const PROGRAMS: ProgramSet = {
  hashes: { svm_batch_small: '1', svm_batch: '2', aggregate: '3', final: '4' },
  gates: { svm_batch_small: 262_144, svm_batch: 1_048_576, aggregate: 1_500_000, final: 800_000 },
  keySetRoot: 2n,
};
const METRICS = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 1n };
/** about what a proof has */
const PROOF = new Uint8Array(15_000);
const WAIT_MS = 1_000;

/** A proof generator with sequences of one batch whose proofs take no time: what is left is the queue. */
export class EmptyTasks implements Service {
  /** tasks that were done */
  done = 0;
  readonly #generator: ProofGenerator;
  /** all are done: nobody waits any more */
  readonly #end = new AbortController();
  #left: number;

  private constructor(generator: ProofGenerator, sequences: number) {
    this.#generator = generator;
    this.#left = 2 * sequences;
  }

  static async open(database: Database, sequences: number): Promise<EmptyTasks> {
    const createdAt = new Date();
    await database.transaction(async (tx) => {
      for (let sequence = 1n; sequence <= sequences; sequence++) {
        const { prevStateRoot, newStateRoot: claimedRoot, ...statement } = statementOf(sequence);
        const info = { ...statement, sequence, claimedRoot, blockNumber: sequence };
        await addSequence(tx, info, { prevStateRoot: fieldToHex(prevStateRoot), verified: false, createdAt });
      }
    });
    const generator = await ProofGenerator.open(
      { programs: PROGRAMS, configHash: CONFIG_HASH },
      {
        database,
        batchSource: {
          getBatchInputs: async (batch) => ({
            program: 'svm_batch_small',
            inputs: { statement: statementToCircuit(statementOf(batch)) },
          }),
          getSignatureInputs: async () => {
            throw new TypeError('signatures are not proved here');
          },
        },
        composer: { aggregateInputs: finalInputs, finalInputs },
        verifier: { verify: async () => true },
        events: new EventHub(silentLogger),
        logger: silentLogger,
        now: Date.now,
        onFinalProof: async () => undefined,
      },
    );
    return new EmptyTasks(generator, sequences);
  }

  /** Leases, reports on and delivers tasks until all are done. */
  async work(name: string): Promise<void> {
    const programs = Object.entries(PROGRAMS.hashes).map(([program, hash]) => ({ name: program, hash }));
    const prover = this.#generator.register({
      name,
      programs,
      cores: 8,
      memoryBytes: 1n,
      accelerator: 'cpu',
    });
    while (this.#left > 0) {
      const leased = await this.#generator.lease(prover, WAIT_MS, this.#end.signal);
      if (leased === undefined) continue;
      const { task, inputs } = leased;
      await this.#generator.heartbeat(prover, task.id, 'proving');
      const publicInputs = Object.values(inputs.statement as Record<string, Hex>);
      if (!(await this.#generator.complete(prover, task.id, { ...METRICS, proof: PROOF, publicInputs })))
        continue;
      this.done++;
      if (--this.#left === 0) this.#end.abort();
    }
  }

  close(): Promise<void> {
    return this.#generator.close();
  }
}

function statementOf(batch: bigint): Statement {
  return {
    prevStateRoot: 1_000n + batch,
    newStateRoot: 1_001n + batch,
    prevDataHash: 5_000n + batch,
    newDataHash: 5_001n + batch,
    firstBatch: batch,
    lastBatch: batch,
    exitRoot: 0n,
    configHash: CONFIG_HASH,
    keySetRoot: PROGRAMS.keySetRoot,
  };
}

function finalInputs({ publicInputs }: { publicInputs: readonly Hex[] }): CircuitInputs {
  return { statement: statementToCircuit(statementFromPublicInputs([...publicInputs])) };
}
